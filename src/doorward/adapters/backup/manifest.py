"""What a backup says of itself, signed by the site that it was taken from."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from doorward.adapters.signing import Signature
from doorward.errors import BackupUnusable
from doorward.kernel.ids import SiteId

FORMAT = 1
MOST_FILES = 64

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9]+)?(/[a-z0-9][a-z0-9_.-]*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAMAGED = "This is no backup that this version of Doorward reads, or it is damaged; name another."


class BackupKind(StrEnum):
    """Data and keys are backed up apart: either alone opens nothing."""

    DATA = "data"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One file of a backup: its name inside the site's folder, its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """How far the erasure ledger had come: the number of its entries, and the newest one's head."""

    entries: int
    head: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``counts``: rows by what they are. ``log_root``: the log's root in hexadecimal where one is known."""

    kind: BackupKind
    site: SiteId
    created_at: datetime
    counts: Mapping[str, int]
    log_entries: int
    log_root: str | None
    ledger: LedgerMark
    files: tuple[BackupFile, ...]
    signature: Signature | None = None

    def signed_by(self, signature: Signature) -> "Manifest":
        return replace(self, signature=signature)

    def statement(self) -> bytes:
        """What the signature covers."""
        held = {**asdict(self), "format": FORMAT, "created_at": self.created_at.isoformat()}
        del held["signature"]
        return json.dumps(held, sort_keys=True, separators=(",", ":")).encode()


def encode_manifest(manifest: Manifest) -> bytes:
    held = json.loads(manifest.statement())
    return json.dumps({**held, "signature": manifest.signature and asdict(manifest.signature)}, sort_keys=True).encode()


def decode_manifest(octets: bytes) -> Manifest:
    """The manifest; ``BackupUnusable`` for anything that is none. Its signature is not looked at here."""
    try:
        held = json.loads(octets)
        if held["format"] != FORMAT:
            raise ValueError
        created_at = datetime.fromisoformat(held["created_at"])
        if created_at.tzinfo is None:
            raise ValueError
        return Manifest(
            BackupKind(held["kind"]),
            SiteId(str(UUID(held["site"]))),
            created_at,
            {str(name): _count(number) for name, number in held["counts"].items()},
            _count(held["log_entries"]),
            None if held["log_root"] is None else _sha256(held["log_root"]),
            LedgerMark(_count(held["ledger"]["entries"]), str(held["ledger"]["head"])),
            _files(held["files"]),
            Signature(str(held["signature"]["public_key"]), str(held["signature"]["value"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BackupUnusable(_DAMAGED) from None


def _files(held: list[dict[str, Any]]) -> tuple[BackupFile, ...]:
    files = tuple(BackupFile(_name(one["name"]), _count(one["size"]), _sha256(one["sha256"])) for one in held)
    if len(files) > MOST_FILES or len({file.name for file in files}) != len(files):
        raise ValueError
    return files


def _name(value: object) -> str:
    """A name of at most one folder and a file, so that nothing is ever written elsewhere."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError
    return value
