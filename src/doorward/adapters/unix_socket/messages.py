"""What goes over such a socket: length-prefixed messages of length-prefixed fields, and nothing else."""

import socket
import struct
from collections.abc import Iterator, Sequence
from enum import IntEnum

from doorward.errors import StorageError

LONGEST = 16 * 1024 * 1024
"""Bytes of one message, unless a service of less says so."""

_LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">BI")


class Answer(IntEnum):
    """``REFUSED``: the code of an error and its sentence, and where it has them the seconds to wait."""

    DONE = 1
    REFUSED = 2


class MessageInvalid(Exception):
    """Not a message of ours; the connection ends."""


def encoded(word: int, fields: Sequence[bytes]) -> bytes:
    """A message with its length before it; ``StorageError`` when it is longer than ``LONGEST``."""
    body = b"".join([_HEAD.pack(word, len(fields)), *(_LENGTH.pack(len(field)) + field for field in fields)])
    if len(body) > LONGEST:
        raise StorageError("Too much was asked of another process of Doorward's at once; report this.")
    return _LENGTH.pack(len(body)) + body


def decoded(body: bytes) -> tuple[int, tuple[bytes, ...]]:
    """The word and the fields of a message without its length; ``MessageInvalid`` for anything else."""
    if len(body) < _HEAD.size:
        raise MessageInvalid
    word, count = _HEAD.unpack_from(body)
    fields = tuple(_fields(body, _HEAD.size))
    if len(fields) != count:
        raise MessageInvalid
    return word, fields


def _fields(body: bytes, place: int) -> Iterator[bytes]:
    while place < len(body):
        if len(body) - place < _LENGTH.size:
            raise MessageInvalid
        (length,) = _LENGTH.unpack_from(body, place)
        place += _LENGTH.size
        if length > len(body) - place:
            raise MessageInvalid
        yield body[place : place + length]
        place += length


def send(connection: socket.socket, word: int, fields: Sequence[bytes]) -> None:
    connection.sendall(encoded(word, fields))


def receive(connection: socket.socket, longest: int = LONGEST) -> tuple[int, tuple[bytes, ...]] | None:
    """The next message; ``None`` when the other side ended the connection.

    ``MessageInvalid`` when it is none, or has more than ``longest`` bytes.
    """
    head = _exactly(connection, _LENGTH.size)
    if not head:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > longest:
        raise MessageInvalid
    return decoded(_exactly(connection, length))


def _exactly(connection: socket.socket, length: int) -> bytes:
    """So many bytes, or none when the connection ended before the first of them."""
    held = bytearray()
    while len(held) < length:
        more = connection.recv(min(length - len(held), 1 << 20))
        if not more:
            if held:
                raise MessageInvalid
            return b""
        held += more
    return bytes(held)
