"""A socket inside the folder of the keys, for this user (and root) alone, unix(7)."""

import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from doorward.errors import StorageError

BACKLOG = 64

_LONGEST_ADDRESS = 100
"""Bytes: sun_path holds 108 on Linux and 104 elsewhere."""

_CREDENTIALS = struct.Struct("3i")
_ROOT = 0


@contextmanager
def listening(place: Path) -> Iterator[socket.socket]:
    """A socket at ``place`` for the block; one left behind by a process that was killed is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with refusal_in_words(place.parent):
            place.unlink(missing_ok=True)
            bind(listener, place)
            listener.listen(BACKLOG)
            yield listener
    finally:
        listener.close()
        with suppress(OSError):
            place.unlink(missing_ok=True)


def bind(unbound: socket.socket, place: Path) -> None:
    """Bind it at ``place``, where this user (and root) alone reaches it; ``OSError`` as the system has it."""
    before = os.umask(0o177)
    try:
        with address_of(place) as address:
            unbound.bind(address)
    finally:
        os.umask(before)


@contextmanager
def refusal_in_words(folder: Path) -> Iterator[None]:
    """What the system refuses to a socket in ``folder``, as ``StorageError``."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"No socket can be made in {folder} ({error.strerror}); check the folder.") from None


def connected(place: Path) -> socket.socket | None:
    """A connection to who listens at ``place``; ``None`` when nobody does, or somebody else made that socket."""
    try:
        held = place.lstat()
    except OSError:
        return None
    if not stat.S_ISSOCK(held.st_mode):
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with address_of(place) as address:
            connection.connect(address)
        if is_trusted(connection, place.parent.stat().st_uid):
            return connection
    except OSError:
        pass
    connection.close()
    return None


def is_trusted(connection: socket.socket, *users: int) -> bool:
    """Is the process at the other end root's, this user's, or one of ``users``'?

    Where the system does not tell, the folder's mode alone decides who can connect.
    """
    if sys.platform != "linux":
        return True
    octets = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(octets)
    return user in (_ROOT, os.geteuid(), *users)


@contextmanager
def address_of(place: Path) -> Iterator[str]:
    """The socket's address, shortened where it is too long for the system."""
    if len(os.fsencode(place)) <= _LONGEST_ADDRESS or sys.platform != "linux":
        yield str(place)
        return
    handle = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{place.name}"
    finally:
        os.close(handle)
