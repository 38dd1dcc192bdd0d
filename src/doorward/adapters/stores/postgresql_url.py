"""Which addresses of PostgreSQL are used: without a password in them, and over TLS that is verified."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from doorward.adapters.loopback import is_loopback
from doorward.errors import WrongUse

_KNOWN = frozenset({"application_name", "connect_timeout", "host", "sslcert", "sslkey", "sslmode", "sslrootcert"})
_VERIFIED = "verify-full"
_CONNECT_TIMEOUT_S = "5"


def reached_by(url: str) -> URL:
    """The address that the driver is given, ``sslmode`` stated.

    ``WrongUse`` when ``url`` has a password in it, or asks for less than ``verify-full`` of another machine.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise WrongUse("The store's URL cannot be read; write postgresql://ROLE@HOST/DATABASE.") from None
    if address.drivername not in ("postgresql", "postgres"):
        raise WrongUse("The store's URL must begin with postgresql://; no other database server is used.")
    if address.password is not None:
        raise WrongUse(
            "The store's URL has a password in it, and settings hold nothing secret; keep it in ~/.pgpass (rights "
            "0600), or let the role in by certificate or socket."
        )
    unknown = sorted(set(address.query) - _KNOWN)
    if unknown or not all(isinstance(value, str) for value in address.query.values()):
        raise WrongUse(f"The store's URL may set each of these once, and nothing else: {', '.join(sorted(_KNOWN))}.")
    host = str(address.query.get("host") or address.host or "")
    if not host or not address.database or (address.host and address.query.get("host")):
        raise WrongUse("The store's URL must name one host (or ?host=/folder/of/the/socket) and a database.")
    stated = address.query.get("sslmode")
    if stated not in (None, _VERIFIED) and not is_this_machine(host):
        raise WrongUse(
            "Another machine's PostgreSQL is reached with sslmode=verify-full alone; give it a certificate, and name "
            "its authority with sslrootcert."
        )
    settled = {"sslmode": str(stated or ("prefer" if is_this_machine(host) else _VERIFIED))}
    settled["connect_timeout"] = str(address.query.get("connect_timeout", _CONNECT_TIMEOUT_S))
    return address.set(drivername="postgresql+psycopg").update_query_dict(settled)


def is_this_machine(host: str) -> bool:
    """Whether ``host`` (several stand with commas between) is loopback, or the folder of a socket."""
    return all(one.startswith("/") or is_loopback(one) for one in host.split(","))
