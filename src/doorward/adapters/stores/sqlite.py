"""One SQLite file: opened durably, migrated, its refusals put in words."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.database import BUSY_TIMEOUT_MS, is_writing, migrate, sqlite_in_words, take_turns
from doorward.errors import DoorwardError, StorageError


def open_sqlite(path: Path, versions: str) -> Engine:
    """The database at ``path``, made if missing, and migrated to the newest revision in the package ``versions``.

    WAL, foreign keys, full sync, secure delete. ``StorageError`` when the file cannot be opened or written.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    take_turns(engine)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _put_in_words)
    migrate(engine, versions)
    return engine


def fold_into_one_file(path: Path) -> None:
    """Leave the database at ``path`` without a write-ahead log beside it; nobody may have it open."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise sqlite_in_words(error) from error
    if mode != ("delete",):
        raise StorageError("The copy's write-ahead log cannot be folded in; check free space, then try again.")


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; the driver's own way would break savepoints and locks
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",
        "temp_store=MEMORY",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")


def _put_in_words(context: ExceptionContext) -> DoorwardError | None:
    """SQLAlchemy raises what this returns in place of the database's own error."""
    if isinstance(context.sqlalchemy_exception, IntegrityError):
        return None
    return sqlite_in_words(context.original_exception)
