"""A file that one process of the machine at a time has locked, flock(2), which ends with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward.errors import StorageError


def opened(place: Path) -> int:
    """A handle of the file, which is made if missing; ``StorageError`` when the folder cannot be written."""
    try:
        return os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(
            f"The site's folder cannot be written ({error.strerror}); check its owner and rights."
        ) from None


def acquire(handle: int, *, waits: bool = False) -> bool:
    """Lock the file for this handle; False when another has it, for which ``waits`` waits."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(place: Path, *, waits: bool = False) -> Iterator[bool]:
    """Have the file locked for the block, if nobody else has it or ``waits``; whether that is so."""
    handle = opened(place)
    try:
        yield acquire(handle, waits=waits)
    finally:
        os.close(handle)
