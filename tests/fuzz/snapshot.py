"""Target: the file of a gallery's snapshot: its beginning, and its sealed chunks."""

from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.galleries.face.snapshot import read_snapshot, write_snapshot
from doorward.errors import DoorwardError
from doorward.kernel.ids import SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.snapshots import SnapshotKeys
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from fuzz.gallery_file import SEEDS as GALLERIES

SITE, SNAPSHOT = SiteId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11"), "6f0d6f8e-4f0b-4c0e-9d59-6c1c3a3f1f50"
KEYS = SnapshotKeys(SITE, Keyring.found(SITE, FakeKeyStore(), FakeKeyProvider(), FakeClock(), FakeRandomness()))


def written() -> bytes:
    with TemporaryDirectory() as folder:
        cipher = KEYS.create(SNAPSHOT)
        return write_snapshot(
            Path(folder) / "snapshots" / "gallery.sealed", [memoryview(GALLERIES[1])], cipher
        ).read_bytes()


SEEDS = (written(),)


def decode(data: bytes) -> object:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "gallery.sealed"
        place.write_bytes(data)
        return read_snapshot(place, KEYS)


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
