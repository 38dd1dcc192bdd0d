"""Which hosts are this machine itself."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or an address, is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
