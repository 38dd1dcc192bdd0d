"""The same work with no sealing at all: the same tables in the clear, and the same arrays in a plain file."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, delete

from doorward.adapters.galleries.face.gallery_file import AuditHead, WrittenGallery, decode_gallery, encode_gallery
from doorward.adapters.galleries.face.snapshot import CHUNK
from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.tables import persons
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.identify.ports import Roll
from doorward.kernel.ids import PersonId


class NoVault:
    """Stands where the vault does, and leaves every record as it is."""

    def admit_many(self, people: Sequence[PersonId], numbers: Sequence[tuple[str, str, PersonId]]) -> "NoVault":
        return self

    def opener(self, people: Sequence[PersonId]) -> "NoVault":
        return self

    def look_up(self, kind: str, value: str) -> PersonId | None:
        return None

    def knows(self, person: PersonId) -> bool:
        return True

    def shred(self, person: PersonId) -> None:
        return None

    def seal(self, table: str, column: str, row: str, person: PersonId, plaintext: bytes) -> bytes:
        return plaintext

    def row_names(self, person: PersonId, rows: Iterable[tuple[int, str]]) -> Sequence[bytes]:
        return ()

    def open(
        self, table: str, column: str, row: str, person: PersonId, generation: int, sealed: object
    ) -> bytes | None:
        return sealed if isinstance(sealed, bytes) else None


class NoLog:
    """Stands where the log of rows does, and keeps nothing."""

    def enter(self, connection: Connection, names: Iterable[bytes]) -> None:
        return None


def open_clear(folder: Path) -> Engine:
    """A database with the tables of data.db, for rows in the clear."""
    return open_sqlite(folder / "clear.db", "doorward.adapters.stores.face.versions")


def erase_clear(engine: Engine, person: PersonId) -> None:
    with writing(engine) as connection:
        connection.execute(delete(persons).where(persons.c.id == person))
        mark_changed(connection, person)


def write_clear(path: Path, roll: Roll) -> None:
    written = WrittenGallery("", None, AuditHead(0, b""), roll)
    with path.open("wb") as file:
        for part in encode_gallery(written, nullcontext, ()):
            file.write(part)


def read_clear(path: Path) -> Roll:
    """Read as the sealed one is, in parts of as many bytes."""
    with path.open("rb", buffering=0) as file:
        parts = iter(lambda: file.read(CHUNK), b"")
        return decode_gallery(parts, path.stat().st_size).roll
