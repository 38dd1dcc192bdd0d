"""One at a time in a folder, without a file for it: flock(2) on the folder itself, which ends with its process."""

import fcntl
import os
from pathlib import Path
from typing import Self

from doorward.errors import StorageError


class FolderLock:
    """Held from ``wait``, or a ``try_at_once`` that succeeded, until ``let_go`` or the end of the block."""

    def __init__(self, folder: Path) -> None:
        """``StorageError`` when the folder cannot be read."""
        self._folder = folder
        try:
            self._handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StorageError(f"The folder {folder} cannot be read ({error.strerror}); check its rights.") from None

    def wait(self) -> None:
        """``StorageError`` on a file system without such locks."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            raise StorageError(
                f"The folder {self._folder} cannot be locked ({error.strerror}); put the site on a local disk."
            ) from None

    def try_at_once(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def let_go(self) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_UN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)
