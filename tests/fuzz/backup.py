"""Target: a backup's container, unpacked into a folder of its own; nothing lands outside it."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.backup.container import described, extract, write_container
from doorward.adapters.backup.manifest import Manifest
from doorward.errors import DoorwardError
from fuzz.manifest import manifest


def packed(**contents: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        sources = {name: Path(folder) / name for name in contents}
        for name, path in sources.items():
            path.write_bytes(contents[name])
        stream = BytesIO()
        write_container(stream, manifest(*(described(name, path) for name, path in sources.items())), sources)
    return stream.getvalue()


SEEDS = (packed(), packed(data=b"rows"), packed(data=b"", keys=b"k" * 300))


def decode(data: bytes) -> Manifest:
    with TemporaryDirectory() as outer:
        folder = Path(outer) / "inner"
        folder.mkdir()
        try:
            return extract(BytesIO(data), folder, lambda _manifest: None)
        finally:
            assert [place.name for place in Path(outer).iterdir()] == ["inner"]


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
