"""Target: the frames of a file of people from another site."""

from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.moving.frames import FrameKind, MovingReader, MovingWriter
from doorward.errors import DoorwardError
from doorward.kernel.ids import MoveId

MOVE = MoveId("0d0f1f0e-6a86-4f3b-8a61-8fca1c1a9c55")


def written(*sealed: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.moving"
        kinds = (FrameKind.HEADER, *[FrameKind.PEOPLE] * (len(sealed) - 2), FrameKind.END)
        with MovingWriter(path, MOVE) as file:
            for kind, octets in zip(kinds, sealed, strict=True):
                file.append(file.next_frame(kind, 0 if file.last is None else file.last.position + 1), octets)
            file.finish()
        return path.read_bytes()


SEEDS = (written(b"head", b"people", b"end"), written(b"", b""), written(b"h" * 300, b"p", b"p" * 99, b"e"))


def decode(data: bytes) -> int:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.moving"
        path.write_bytes(data)
        with MovingReader(path) as file:
            return file.check()


def fuzz(data: bytes) -> None:
    """What is read as whole is, to the bit, what was written."""
    try:
        frames = decode(data)
    except DoorwardError:
        return
    assert frames >= 2
    assert data in SEEDS
