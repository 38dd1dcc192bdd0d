"""Files that appear whole or not at all, and outlive a power cut."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from doorward.adapters.durability import sync_folder
from doorward.errors import Conflict, StorageError

UNFINISHED = ".unfinished"


def write_whole(path: Path, write: Callable[[BinaryIO], object], *, replace: bool = False) -> Path:
    """Let ``write`` fill the file at ``path``, which appears when all of it is on the disk, readable by its owner.

    ``Conflict`` when there is one and ``replace`` is not asked for; ``StorageError`` when it cannot be written.
    """
    if not replace and path.exists():
        raise Conflict(f"{path} exists already; name another file, so that nothing is overwritten.")
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}); check the folder and free space.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)
    return path


def sync_tree(folder: Path) -> None:
    """Bring every file and name under ``folder`` to the disk."""
    for place in sorted(folder.rglob("*")):
        if place.is_file():
            with place.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(place)
    sync_folder(folder)
