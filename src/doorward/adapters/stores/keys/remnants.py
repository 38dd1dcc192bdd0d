"""Whether a key that was destroyed is gone from the files: keys.db, its write-ahead log and its journal.

For the search keys.db is opened once and never closed: closing it would end the locks that SQLite holds on it for this
process (POSIX locks belong to process and file, not to who opened it).
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import cast

from sqlalchemy import Engine

from doorward.adapters.file_search import Needle, Search
from doorward.adapters.stores.database import truncate_log
from doorward.adapters.stores.free_space import leftovers
from doorward.adapters.stores.keys.tables import metadata
from doorward.errors import KeyRemnant, StorageError

PIECE = 24
"""Bytes sought of a wrapped key, its last: without the tag among them (the last 16) no remnant opens."""

_BESIDE = ("-wal", "-journal")
_FEW = 8
"""Pieces that are sought one by one more quickly than together."""
_CHUNK = 4 * 1024 * 1024

_opening = Lock()
_kept_open: dict[tuple[int, int], int] = {}
"""Handles by device and inode."""


def confirm_gone(engine: Engine, wraps: Sequence[bytes]) -> None:
    """Search every byte of the files for ``wraps``; write the database anew once if one is found.

    ``KeyRemnant`` when one is there all the same, or the search cannot be made.
    """
    pieces = [wrap[-PIECE:] for wrap in wraps]
    if _is_found(engine, pieces):
        rebuild(engine)
        if _is_found(engine, pieces):
            raise KeyRemnant(
                "The person is erased, but something is left of their key in keys.db; stop all that uses the site, "
                "and write the file anew: sqlite3 keys/keys.db VACUUM"
            )


def rebuild(engine: Engine) -> None:
    """Write the database anew from its living rows (VACUUM), and empty its log.

    ``KeyRemnant`` when another process does not let it happen, or there is no room.
    """
    try:
        with closing(engine.raw_connection()) as held:
            held.cursor().execute("VACUUM")
        truncate_log(engine)
    except (sqlite3.Error, StorageError, MemoryError) as error:
        raise _unconfirmed("keys.db could not be written anew to see their key off", error) from None


def left_in_free_space(engine: Engine) -> int:
    """Bytes of deleted rows in the unused parts of keys.db's tables and in unused pages.

    Its indexes are left out: they hold ids and blind tags, and SQLite leaves copies of those it moves about.
    """
    with engine.connect() as connection:
        roots = connection.exec_driver_sql("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").all()
    return leftovers(memoryview(_pages(engine)), [root for name, root in roots if name in metadata.tables])


def overwrites(engine: Engine) -> bool:
    """Whether SQLite overwrites what it deletes in keys.db."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def _is_found(engine: Engine, pieces: Sequence[bytes]) -> bool:
    try:
        if _holds(_handle(Path(str(engine.url.database))), pieces):
            return True
        beside = [Path(f"{engine.url.database}{ending}") for ending in _BESIDE]
        return any(_file_holds(path, pieces) for path in beside if path.exists())
    except OSError as error:
        raise _unconfirmed("keys.db could not be searched for what is left of their key", error) from None


def _pages(engine: Engine) -> bytes:
    """Every page as it is now, those included that hold nothing."""
    with closing(engine.raw_connection()) as held:
        pages: bytes = cast(sqlite3.Connection, held.driver_connection).serialize()
    return pages


def _handle(path: Path) -> int:
    status = path.stat()
    with _opening:
        named = status.st_dev, status.st_ino
        if named not in _kept_open:
            _kept_open[named] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return _kept_open[named]


def _file_holds(path: Path, pieces: Sequence[bytes]) -> bool:
    with path.open("rb") as file:
        return _holds(file.fileno(), pieces)


def _holds(handle: int, pieces: Sequence[bytes]) -> bool:
    is_in = _finder(pieces)
    chunk, at = bytearray(_CHUNK), 0
    while (count := os.preadv(handle, [chunk], at)) >= PIECE:
        if is_in(chunk, count):
            return True
        at += count - PIECE + 1
    return False


def _finder(pieces: Sequence[bytes]) -> Callable[[bytearray, int], bool]:
    """Whether one of ``pieces`` is in the first bytes of a chunk: of many, sought all at once."""
    if len(pieces) <= _FEW:
        return lambda chunk, count: any(chunk.find(piece, 0, count) >= 0 for piece in pieces)
    search = Search([Needle(str(number), "wrapped", piece) for number, piece in enumerate(pieces)])
    return lambda chunk, count: bool(search.octets(bytes(memoryview(chunk)[:count]), "keys"))


def _unconfirmed(what: str, error: Exception) -> KeyRemnant:
    return KeyRemnant(
        f"The person is erased, but {what} ({type(error).__name__}); check free space and rights, stop other "
        "processes, and run `doorward doctor --deep`."
    )
