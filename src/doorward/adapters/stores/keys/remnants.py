"""Whether a key that was destroyed is gone from the files: keys.db, its write-ahead log and its journal.

keys.db is read through SQLite, unused pages and all: opening the file beside it and closing it again would end the
locks that SQLite holds on it for this process (POSIX locks belong to the file, not to who opened it).
"""

import mmap
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from doorward.adapters.stores.free_space import leftovers
from doorward.adapters.stores.keys.tables import metadata
from doorward.adapters.stores.sqlite import truncate_log
from doorward.errors import KeyRemnant, StorageError

PIECE = 24
"""Bytes sought of a wrapped key, its last: without the tag among them (the last 16) no remnant opens."""

_BESIDE = ("-wal", "-journal")


def confirm_gone(engine: Engine, wraps: Sequence[bytes]) -> None:
    """Search every page and the files beside them for ``wraps``; write the database anew once if one is found.

    ``KeyRemnant`` when one is there all the same, or the search cannot be made. It holds keys.db in memory once.
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
        held = engine.raw_connection()
        try:
            held.cursor().execute("VACUUM")
        finally:
            held.close()
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
        pages = _pages(engine)
        beside = [Path(f"{engine.url.database}{ending}") for ending in _BESIDE]
        return any(piece in pages for piece in pieces) or any(_holds(path, pieces) for path in beside)
    except (sqlite3.Error, OSError, ValueError, MemoryError) as error:
        raise _unconfirmed("keys.db could not be searched for what is left of their key", error) from None


def _pages(engine: Engine) -> bytes:
    """Every page as it is now, those included that hold nothing."""
    held = engine.raw_connection()
    try:
        pages: bytes = cast(sqlite3.Connection, held.driver_connection).serialize()
        return pages
    finally:
        held.close()


def _holds(path: Path, pieces: Sequence[bytes]) -> bool:
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        return any(octets.find(piece) >= 0 for piece in pieces)


def _unconfirmed(what: str, error: Exception) -> KeyRemnant:
    return KeyRemnant(
        f"The person is erased, but {what} ({type(error).__name__}); check free space and rights, stop other "
        "processes, and run `doorward doctor --deep`."
    )
