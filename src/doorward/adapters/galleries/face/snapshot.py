"""The sealed snapshot of the gallery in a site's ``snapshots`` folder. No backup holds it.

File: magic, the snapshot's id (36 bytes), then chunks of ``CHUNK`` bytes and one of the rest, each sealed at its
number under the snapshot's own key.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from doorward.adapters.backup.files import write_whole
from doorward.adapters.galleries.face.gallery_file import WrittenGallery, decode_gallery
from doorward.errors import StorageError, Tampered
from doorward.vault.snapshots import TAG_LENGTH, SnapshotCipher, SnapshotKeys

FOLDER = "snapshots"
CHUNK = 1 << 20
_ENDING = ".sealed"
_MAGIC = b"doorward gallery snapshot 2\n"
_ID = 36


def snapshot_place(folder: Path, gallery: str) -> Path:
    """The file for that gallery of the site in ``folder``."""
    return folder / FOLDER / f"{gallery}{_ENDING}"


def snapshots_in(folder: Path) -> frozenset[str]:
    """The ids of those in a ``snapshots`` folder."""
    beginnings = []
    for place in folder.glob(f"*{_ENDING}"):
        with place.open("rb") as file:
            beginnings.append(file.read(len(_MAGIC) + _ID))
    return frozenset(one[len(_MAGIC) :].decode("ascii", errors="replace") for one in beginnings)


def write_snapshot(place: Path, parts: Iterable[memoryview], cipher: SnapshotCipher) -> Path:
    """Put a gallery's ``parts`` in place of the snapshot before; ``StorageError`` when it cannot be written."""
    folder = place.parent
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}); check the site's rights.") from None

    def write(file: BinaryIO) -> None:
        file.write(_MAGIC + cipher.snapshot.encode())
        for chunk in _sealed(parts, cipher):
            file.write(chunk)

    return write_whole(place, write, replace=True)


def read_snapshot(place: Path, keys: SnapshotKeys) -> tuple[str, WrittenGallery] | None:
    """The snapshot's id, and what is in it. ``None`` when there is none or its key was destroyed.

    ``Tampered`` when it does not open.
    """
    try:
        with place.open("rb", buffering=0) as file:
            beginning = file.read(len(_MAGIC) + _ID)
            if len(beginning) < len(_MAGIC) + _ID or not beginning.startswith(_MAGIC):
                raise Tampered("The snapshot of the gallery is no such file; delete it.")
            cipher = keys.get(beginning[len(_MAGIC) :].decode("ascii", errors="replace"))
            if cipher is None:
                return None
            length = os.fstat(file.fileno()).st_size - len(beginning)
            return cipher.snapshot, decode_gallery(*_opened(file, length, cipher))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"The snapshot of the gallery cannot be read ({error.strerror}); check its rights."
        ) from None


def _sealed(parts: Iterable[memoryview], cipher: SnapshotCipher) -> Iterator[bytes]:
    number, waiting = 0, b""
    for chunk in _in_chunks(parts):
        if waiting:
            yield cipher.seal(number, waiting, is_last=False)
            number += 1
        waiting = chunk
    yield cipher.seal(number, waiting, is_last=True)


def _in_chunks(parts: Iterable[memoryview]) -> Iterator[bytes]:
    filling = bytearray()
    for part in parts:
        start = 0
        while start < len(part):
            taken = part[start : start + CHUNK - len(filling)]
            filling += taken
            start += len(taken)
            if len(filling) == CHUNK:
                yield bytes(filling)
                filling.clear()
    if filling:
        yield bytes(filling)


def _opened(file: BinaryIO, length: int, cipher: SnapshotCipher) -> tuple[Iterator[bytes], int]:
    """Chunk by chunk, and how many bytes they are in all."""
    chunks = -(-length // (CHUNK + TAG_LENGTH))
    if length <= chunks * TAG_LENGTH:
        raise Tampered("The snapshot of the gallery was cut short; delete it.")
    opened = (
        cipher.open(number, file.read(CHUNK + TAG_LENGTH), is_last=number == chunks - 1) for number in range(chunks)
    )
    return opened, length - chunks * TAG_LENGTH
