"""Target: a backup's manifest."""

from datetime import UTC, datetime

from doorward.adapters.backup.manifest import (
    BackupFile,
    BackupKind,
    LedgerMark,
    Manifest,
    decode_manifest,
    encode_manifest,
)
from doorward.adapters.signing import Signer
from doorward.errors import DoorwardError
from doorward.kernel.ids import SiteId

SITE = SiteId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")
SIGNER = Signer(bytes(range(32)))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def manifest(*files: BackupFile) -> Manifest:
    made = Manifest(BackupKind.DATA, SITE, NOON, {"persons": 1}, 1, "ab" * 32, LedgerMark(0, ""), files)
    return made.signed_by(SIGNER.sign("backup", made.statement()))


SEEDS = (
    encode_manifest(manifest()),
    encode_manifest(manifest(BackupFile("data.db", 3, "cd" * 32), BackupFile("tls/site.crt", 0, "ef" * 32))),
)


def decode(data: bytes) -> Manifest:
    return decode_manifest(data)


def fuzz(data: bytes) -> None:
    """What is decoded can be encoded and decoded again, and stays the same."""
    try:
        held = decode(data)
    except DoorwardError:
        return
    assert decode(encode_manifest(held)) == held
