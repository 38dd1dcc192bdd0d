"""Ports tried from outside: which of them accept a connection, and what one says to whoever shows no credential."""

import asyncio
import http.client
import socket
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

AT_ONCE = 128
"""Connections tried at the same time: fewer than the open files that any system allows a process."""

_PLAIN_REQUEST = b"GET / HTTP/1.0\r\n\r\n"
_REFUSALS = frozenset({401, 403, 429})
_TLS_REFUSED_PLAIN = 400
_TLS_ALERT = b"\x15\x03"


@dataclass(frozen=True, slots=True)
class OpenPort:
    """An address that accepted a connection."""

    host: str
    port: int


class Answer(Enum):
    """What a port says to whoever shows no credential."""

    REFUSAL = auto()
    """It speaks HTTP, and asks for a credential."""
    ANYTHING = auto()
    SILENCE = auto()


def open_ports(host: str, ports: Iterable[int], seconds: float) -> list[OpenPort]:
    """Those of ``ports`` that accept a TCP connection within ``seconds``, at each address of ``host``, in order.

    No byte is sent. Nothing for a host whose name does not resolve.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    addresses = dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)
    wanted = [(family, OpenPort(address, port)) for port in dict.fromkeys(ports) for family, address in addresses]
    return asyncio.run(_accepting(wanted, seconds))


def first_answer(host: str, port: int, path: str, seconds: float) -> Answer:
    """What ``port`` says when it is asked for ``path`` over TLS, or else plainly; waits ``seconds`` at each step."""
    with suppress(OSError, http.client.HTTPException):
        return Answer.REFUSAL if _status(host, port, path, seconds) in _REFUSALS else Answer.ANYTHING
    said = _said(host, port, seconds)
    status = _status_of(said)
    if not said or said.startswith(_TLS_ALERT) or status == _TLS_REFUSED_PLAIN:
        return Answer.SILENCE
    return Answer.REFUSAL if status in _REFUSALS else Answer.ANYTHING


def any_certificate() -> ssl.SSLContext:
    """A scanner looks at whatever certificate it is shown; nothing secret is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _accepting(wanted: Sequence[tuple[int, OpenPort]], seconds: float) -> list[OpenPort]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def accepts(family: int, at: OpenPort) -> bool:
        async with turn:
            with socket.socket(family, socket.SOCK_STREAM) as trying:
                trying.settimeout(0)
                try:
                    connected = asyncio.get_running_loop().sock_connect(trying, (at.host, at.port))
                    await asyncio.wait_for(connected, seconds)
                    # A free port that the system gave to this very socket connects to itself.
                    return bool(trying.getsockname()[:2] != trying.getpeername()[:2])
                except (OSError, TimeoutError):
                    return False

    accepted = await asyncio.gather(*(accepts(family, at) for family, at in wanted))
    return [at for (_, at), is_open in zip(wanted, accepted, strict=True) if is_open]


def _status(host: str, port: int, path: str, seconds: float) -> int:
    connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=any_certificate())
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _said(host: str, port: int, seconds: float) -> bytes:
    """The first bytes, of its own accord or in answer to a request."""
    with suppress(OSError), socket.create_connection((host, port), timeout=seconds) as plain:
        plain.sendall(_PLAIN_REQUEST)
        return plain.recv(16)
    return b""


def _status_of(said: bytes) -> int | None:
    words = said.split(b" ")
    return int(words[1]) if said.startswith(b"HTTP/") and len(words) > 1 and words[1].isdigit() else None
