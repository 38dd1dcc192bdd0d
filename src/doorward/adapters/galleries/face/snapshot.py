"""The sealed snapshot of the roll in a site's ``snapshots`` folder. No backup holds it.

File: magic, the snapshot's id (36 bytes), then chunks of ``CHUNK`` bytes and one of the rest, each sealed at its
number under the snapshot's own key.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.backup.files import write_whole
from doorward.adapters.galleries.face.roll_file import AuditHead, decode_roll, encode_roll
from doorward.errors import StorageError, Tampered
from doorward.identify.ports import Roll
from doorward.vault.snapshots import TAG_LENGTH, SnapshotCipher, SnapshotKeys

FOLDER = "snapshots"
CHUNK = 1 << 20
_NAME = "gallery.sealed"
_MAGIC = b"doorward gallery snapshot 1\n"
_ID = 36


def write_snapshot(folder: Path, roll: Roll, head: AuditHead, cipher: SnapshotCipher) -> Path:
    """Put the roll in place of the snapshot before; ``StorageError`` when it cannot be written."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}); check the site's rights.") from None

    def write(file: BinaryIO) -> None:
        file.write(_MAGIC + cipher.snapshot.encode())
        for chunk in _sealed(encode_roll(roll, head), cipher):
            file.write(chunk)

    return write_whole(folder / _NAME, write, replace=True)


def read_snapshot(folder: Path, keys: SnapshotKeys) -> tuple[Roll, AuditHead] | None:
    """``None`` when there is none or its key was destroyed, ``Tampered`` when it does not open."""
    try:
        with (folder / _NAME).open("rb", buffering=0) as file:
            beginning = file.read(len(_MAGIC) + _ID)
            if len(beginning) < len(_MAGIC) + _ID or not beginning.startswith(_MAGIC):
                raise Tampered("The snapshot of the gallery is no such file; delete it.")
            cipher = keys.get(beginning[len(_MAGIC) :].decode("ascii", errors="replace"))
            if cipher is None:
                return None
            return decode_roll(_opened(file, os.fstat(file.fileno()).st_size - len(beginning), cipher))
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


def _opened(file: BinaryIO, length: int, cipher: SnapshotCipher) -> NDArray[np.uint8]:
    chunks = -(-length // (CHUNK + TAG_LENGTH))
    if length <= chunks * TAG_LENGTH:
        raise Tampered("The snapshot of the gallery was cut short; delete it.")
    opened = np.empty(length - chunks * TAG_LENGTH, np.uint8)
    for number in range(chunks):
        plain = cipher.open(number, file.read(CHUNK + TAG_LENGTH), is_last=number == chunks - 1)
        start = number * CHUNK
        opened[start : start + len(plain)] = np.frombuffer(plain, np.uint8)
    return opened
