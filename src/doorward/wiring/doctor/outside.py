"""What a scanner would find at a server's address: no site, no key and no credential needed."""

import http.client
import re
import socket
import ssl
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography import x509

from doorward.adapters.loopback import is_loopback
from doorward.adapters.ports import any_certificate
from doorward.errors import SourceError, WrongUse
from doorward.wiring.doctor.finding import Finding, Severity

TIMEOUT = 5.0
RENEW_WITHIN = timedelta(days=30)

Operation = tuple[str, str]
"""A method, and a path with its parameters in braces."""

_CURIOUS: tuple[Operation, ...] = tuple(
    ("GET", path)
    for path in (
        "/",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/v1/openapi.json",
        "/console",
        "/debug",
        "/metrics",
        "/admin",
        "/.env",
        "/.git/config",
        "/data.db",
        "/keys/keys.db",
    )
)
_REFUSALS = frozenset({401, 403, 429})
_CASE = "The database of the case that Doorward is built against answered whoever asked, for seven months."


def check_outside(url: str, routes: Sequence[Operation], now: datetime) -> Iterator[Finding]:
    """Transport and routes of the server at ``url`` (``https://host:port``).

    ``routes``: what has to refuse whoever shows no credential. ``WrongUse`` for anything but an https address,
    ``SourceError`` when nothing answers there.
    """
    host, port = address_of(url)
    if _speaks_plainly(host, port):
        yield Finding(
            "plain-http",
            Severity.CRITICAL,
            "The server answers plain HTTP; its routes were not tried.",
            "Tokens and photos can be read on the way.",
            "Take it off the network, and serve TLS alone on that port.",
        )
        return
    certificate = _certificate(host, port)
    if not is_loopback(host):
        yield Finding(
            "listens-beyond-this-machine",
            Severity.NOTE,
            f"The server answers at {host}, which other machines may reach.",
            "Each address that answers is found by scanners within hours.",
            "Listen on 127.0.0.1 unless other machines need it, and let a firewall name them.",
        )
    yield from check_certificate(certificate, now)
    yield from _check_versions(host, port)
    yield from _check_routes(host, port, (*routes, *_CURIOUS))


def check_certificate(certificate: x509.Certificate, now: datetime) -> Iterator[Finding]:
    """When the certificate ends."""
    ends = certificate.not_valid_after_utc
    if ends - now < RENEW_WITHIN:
        over = ends <= now
        yield Finding(
            "certificate-expired" if over else "certificate-expires-soon",
            Severity.CRITICAL if over else Severity.WARNING,
            f"The server's certificate {'expired' if over else 'expires'} on {ends:%Y-%m-%d}.",
            "Clients then refuse the server, or are taught to ignore who they talk to.",
            "Renew it, and start the server again.",
        )


def _check_versions(host: str, port: int) -> Iterator[Finding]:
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        if _speaks(host, port, version):
            yield Finding(
                "tls-outdated",
                Severity.CRITICAL,
                f"The server agrees to {version.name.replace('v1_', ' 1.').replace('v1', ' 1.0')}.",
                "RFC 8996 forbids it: what is said over it can be read and changed.",
                "Serve with Doorward's own TLS, or set TLS 1.2 as the lowest version in what stands before it.",
            )


def _check_routes(host: str, port: int, routes: Sequence[Operation]) -> Iterator[Finding]:
    for method, template in dict.fromkeys(routes):
        status = _asked(host, port, method, re.sub(r"\{\w+\}", str(uuid4()), template))
        if status not in _REFUSALS:
            yield Finding(
                "open-route",
                Severity.CRITICAL,
                f"{method} {template} answers {status} to whoever shows no credential.",
                _CASE,
                "Take it off the network now; every route but /healthz and security.txt has to ask for a token.",
            )


def _asked(host: str, port: int, method: str, path: str) -> int:
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=any_certificate())
    try:
        connection.request(method, path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        raise SourceError(f"The server at {host}:{port} stopped answering; see whether it still runs.") from None
    finally:
        connection.close()


def _certificate(host: str, port: int) -> x509.Certificate:
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT) as plain,
            any_certificate().wrap_socket(plain, server_hostname=host) as secured,
        ):
            return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise SourceError(f"Nothing answers TLS at {host}:{port}; check the address, and that it serves.") from None


def _speaks(host: str, port: int, version: ssl.TLSVersion) -> bool:
    context = any_certificate()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is outdated is what is asked here
        context.minimum_version = version
        context.maximum_version = version
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return True
    except OSError:
        return False


def _speaks_plainly(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            version, _, status = plain.recv(12).partition(b" ")
            return version.startswith(b"HTTP/") and status != b"400"  # how some TLS servers tell that they speak TLS
    except OSError:
        return False


def address_of(url: str) -> tuple[str, int]:
    """Host and port of ``url``; ``WrongUse`` for anything but an https address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme != "https" or not host:
        raise WrongUse("Give the server's address as https://HOST:PORT.")
    return host, port or 443
