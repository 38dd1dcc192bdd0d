"""A backup as one stream: a mark, the manifest with its length before it, then the files one after another."""

import os
import struct
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from doorward.adapters.backup.manifest import BackupFile, Manifest, decode_manifest, encode_manifest
from doorward.errors import BackupUnusable

MARK = b"doorward backup 1\n"
LONGEST_MANIFEST = 1_000_000
"""Bytes. A manifest names a handful of files."""

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 20
_NO_BACKUP = "This is no backup of Doorward, or its beginning is damaged; name another."
_SHORT = "The backup ends too early: a part of it is missing; name another."


def described(name: str, path: Path) -> BackupFile:
    """The file at ``path`` as a manifest names it."""
    with path.open("rb") as file:
        digest = sha256()
        size = 0
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return BackupFile(name, size, digest.hexdigest())


def write_container(stream: BinaryIO, manifest: Manifest, sources: Mapping[str, Path]) -> None:
    """Write ``manifest`` and, in its order, the files that ``sources`` holds by name."""
    encoded = encode_manifest(manifest)
    stream.write(MARK + _LENGTH.pack(len(encoded)) + encoded)
    for file in manifest.files:
        with sources[file.name].open("rb") as source:
            while chunk := source.read(_CHUNK):
                stream.write(chunk)


def read_manifest(stream: BinaryIO) -> Manifest:
    """The manifest at the stream's beginning; ``BackupUnusable`` when there is none."""
    if stream.read(len(MARK)) != MARK:
        raise BackupUnusable(_NO_BACKUP)
    prefix = stream.read(_LENGTH.size)
    if len(prefix) != _LENGTH.size:
        raise BackupUnusable(_SHORT)
    (length,) = _LENGTH.unpack(prefix)
    if length > LONGEST_MANIFEST:
        raise BackupUnusable(_NO_BACKUP)
    encoded = stream.read(length)
    if len(encoded) != length:
        raise BackupUnusable(_SHORT)
    return decode_manifest(encoded)


def extract(stream: BinaryIO, folder: Path, check: Callable[[Manifest], None]) -> Manifest:
    """Write the stream's files into ``folder``, readable by their owner, each held against its SHA-256.

    ``check`` sees the manifest before anything is written. ``BackupUnusable`` when the stream is damaged, too short
    or too long.
    """
    manifest = read_manifest(stream)
    check(manifest)
    for file in manifest.files:
        place = folder / file.name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            _copy(stream, target, file)
    if stream.read(1):
        raise BackupUnusable("The backup holds more than its list says; name another.")
    return manifest


def _copy(stream: BinaryIO, target: BinaryIO, file: BackupFile) -> None:
    digest, left = sha256(), file.size
    while left:
        chunk = stream.read(min(left, _CHUNK))
        if not chunk:
            raise BackupUnusable(_SHORT)
        digest.update(chunk)
        target.write(chunk)
        left -= len(chunk)
    if digest.hexdigest() != file.sha256:
        raise BackupUnusable(f"{file.name} in the backup is damaged; name another backup.")
