"""What a server needs before it serves: a place among the site's servers, an address it may have, and TLS."""

import errno
import fcntl
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import numpy as np

from doorward.adapters.lock_file import acquire, opened
from doorward.adapters.process import lock_memory
from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore
from doorward.adapters.tls import CERTIFICATE, PRIVATE_KEY
from doorward.errors import AddressInUse, Forbidden, SiteInUse, WrongUse
from doorward.wiring.crowd.stores import intervals_of
from doorward.wiring.face.administrator import Administrator
from doorward.wiring.face.opening import TLS, tls_password
from doorward.wiring.face.site import Site
from doorward.wiring.face.tokens import Tokens

LOCK = "serve-{}.lock"
MOST_SERVERS = 16
"""On one machine."""

BACKLOG = 128
LONGEST_ADDRESS = 200
WARM_UP_SIDE = 640
"""Pixels: large enough to load what large photos need."""


@dataclass(frozen=True, slots=True, eq=False)
class Transport:
    """TLS 1.2 or newer, and the certificate it shows."""

    context: ssl.SSLContext
    certificate: Path
    fingerprint: str
    """SHA-256 of the certificate in DER, as upper-case pairs of hex digits with colons."""


def tokens_of(site: Site) -> Tokens:
    """The tokens of an open site."""
    return Tokens(site.stores.grants, site.stores.vault.clock, site.stores.randomness)


def administrator_of(site: Site) -> Administrator:
    return Administrator(site.stores.grants)


def interval_store(site: Site) -> SqlIntervalStore:
    """The crowd's intervals, opened without any key."""
    return intervals_of(site.folder)


def warm_up(site: Site) -> None:
    """Load models and gallery before the first request needs them; ``ModelMissing`` or ``ModelRefused``.

    The gallery is lent to the other processes of this host, unless one of them lends theirs already.

    From here on the server's memory, with what it knows of people, stays out of the swap space where that can be had.
    """
    lock_memory()
    models = site.models
    models.detector.detect(np.zeros((WARM_UP_SIDE, WARM_UP_SIDE, 3), dtype=np.uint8))
    site.searches.lend()
    if site.profiles.current().identifies:
        site.searches.pull_up()


@contextmanager
def one_of_the_servers(site: Path) -> Iterator[Callable[[str], None]]:
    """Be one of the servers that share the site on this machine, until the process ends at the latest.

    Yields what takes down the address that the server listens at, for ``serving_at``. ``SiteInUse`` when
    ``MOST_SERVERS`` serve it.
    """
    for number in range(1, MOST_SERVERS + 1):
        file = opened(site / LOCK.format(number))
        if acquire(file):
            break
        os.close(file)
    else:
        raise SiteInUse(f"{MOST_SERVERS} servers serve this site here already; stop one first.")

    def announce(address: str) -> None:
        os.ftruncate(file, 0)
        os.pwrite(file, address.encode(), 0)

    try:
        os.ftruncate(file, 0)
        yield announce
    finally:
        os.close(file)


def serving_at(site: Path) -> tuple[str, ...]:
    """The addresses of the servers that share the site on this machine, as far as they listen already."""
    held = (_address_in(site / LOCK.format(number)) for number in range(1, MOST_SERVERS + 1))
    return tuple(address for address in held if address)


def _address_in(lock: Path) -> str:
    try:
        file = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(file, LONGEST_ADDRESS, 0).decode(errors="replace")
    finally:
        os.close(file)
    return ""


@contextmanager
def listening(host: str, port: int, administrator: Administrator) -> Iterator[socket.socket]:
    """A socket bound to ``host`` and ``port`` (0: any free one).

    ``Forbidden`` for an address other than loopback while no administrator's secret is set, ``AddressInUse``
    for a taken port, ``WrongUse`` for an address that this machine does not have.
    """
    family, address = _resolved(host, port)
    if not ip_address(str(address[0])).is_loopback and not administrator.has_secret():
        raise Forbidden(
            f"Listening on {host} opens the server to other machines; set an administrator's secret first: "
            "`doorward admin secret`."
        )
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Its connections have it too. Without it an answer's body waits until its head was acknowledged: 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            raise _refused(error, host, port) from None
        yield listener
    finally:
        listener.close()


def address_of(listener: socket.socket) -> str:
    """``https://…`` as a client writes it."""
    host, port = listener.getsockname()[:2]
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def site_transport(site: Site) -> Transport:
    """TLS with the site's own certificate, whose key is sealed."""
    folder = site.folder / TLS
    return _transport(folder / CERTIFICATE, folder / PRIVATE_KEY, lambda: tls_password(site.stores.vault))


def certificate_fingerprint(site: Site, certificate: Path | None = None) -> bytes:
    """SHA-256 of the certificate in DER that the server shows: the site's, or one of the operator's own in PEM."""
    place = certificate or site.folder / TLS / CERTIFICATE
    try:
        octets = ssl.PEM_cert_to_DER_cert(_first_certificate(place.read_text(encoding="ascii")))
    except (OSError, ValueError, IndexError):
        raise WrongUse(f"{place} is no certificate in PEM.") from None
    return sha256(octets).digest()


def own_transport(certificate: Path, private_key: Path) -> Transport:
    """TLS with a certificate (chain) and an unencrypted private key in PEM; ``WrongUse`` when they do not fit."""
    # Without a password of ours OpenSSL would ask on the terminal.
    return _transport(certificate, private_key, lambda: b"")


def _transport(certificate: Path, private_key: Path, password: Callable[[], bytes]) -> Transport:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, private_key, password)
        octets = ssl.PEM_cert_to_DER_cert(_first_certificate(certificate.read_text(encoding="ascii")))
    except (OSError, ValueError, IndexError):  # ssl.SSLError is an OSError
        raise WrongUse(
            f"{certificate} and {private_key} are no certificate with its private key; give both in PEM, "
            "the key without a passphrase."
        ) from None
    return Transport(context, certificate, sha256(octets).digest().hex(":").upper())


def _first_certificate(chain: str) -> str:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return begin + chain.split(begin, 1)[1].split(end, 1)[0] + end + "\n"


def _resolved(host: str, port: int) -> tuple[int, Any]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise WrongUse(f"{host} is no address of this machine; give an IP address such as 127.0.0.1.") from None
    family, _, _, _, address = found[0]
    return family, address


def _refused(error: OSError, host: str, port: int) -> AddressInUse | WrongUse:
    if error.errno == errno.EADDRINUSE:
        return AddressInUse(f"Port {port} of {host} is taken by another program; choose another with --port.")
    if error.errno == errno.EACCES:
        return WrongUse(f"Port {port} is for the system's own programs; choose one above 1023 with --port.")
    return WrongUse(f"{host} is no address of this machine ({error.strerror}); give another with --host.")
