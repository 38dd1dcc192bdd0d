"""Where messages may be sent: encrypted, or to this machine itself."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from doorward.adapters.loopback import is_loopback
from doorward.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Place:
    """``path``: with its query, at least ``/``."""

    host: str
    port: int
    path: str
    is_encrypted: bool


def place_of(url: str, encrypted: str, plain: str, ports: tuple[int, int]) -> Place:
    """What ``url`` names, whose scheme is ``encrypted`` or, on this machine alone, ``plain``.

    ``ports``: where none is named, of either scheme. ``WrongUse`` for anything else, and for a user in the address,
    which other processes would see.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in (encrypted, plain) or not host or not (parts.netloc + parts.path).isprintable():
        raise WrongUse(f"That is no address to send to; write {encrypted}://HOST/.")
    if parts.username is not None or parts.password is not None:
        raise WrongUse("Leave user and password out of the address; name a file that holds the password.")
    is_encrypted = parts.scheme == encrypted
    if not is_encrypted and not is_loopback(host):
        raise WrongUse(f"What is sent to another machine is encrypted; write {encrypted}:// for {host}.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, port or ports[0 if is_encrypted else 1], path, is_encrypted)
