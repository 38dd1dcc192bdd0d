"""Target: a key file, and an age identity."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.backup.encryption import decrypt
from doorward.adapters.keys.key_file import KeyFileProvider
from doorward.errors import DoorwardError

SEEDS = (bytes(range(32)).hex().encode() + b"\n", b"# recipient\nAGE-SECRET-KEY-1QQQQ\n")


def decode(data: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "key"
        place.write_bytes(data)
        place.chmod(0o600)
        return KeyFileProvider(place).wrapping_key()


def fuzz(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "key"
        place.write_bytes(data)
        place.chmod(0o600)
        for read in (KeyFileProvider(place).wrapping_key, lambda: decrypt(BytesIO(data), BytesIO(), place)):
            try:
                read()
            except DoorwardError:
                continue
