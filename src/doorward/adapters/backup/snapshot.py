"""A consistent copy of a SQLite database that others go on writing to."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from doorward.errors import BackupUnusable, StorageError


def snapshot(source: Path, target: Path) -> None:
    """Copy the database at ``source`` as it is at one moment (SQLite's online backup), in one file."""
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as held, closing(_made(target)) as copy:
            held.backup(copy)
            mode = copy.execute("PRAGMA journal_mode=DELETE").fetchone()  # no write-ahead log beside it
        if mode != ("delete",):  # SQLite answers with the mode that stays, and raises nothing
            raise sqlite3.OperationalError(f"its journal mode stays {mode}")
    except sqlite3.Error as error:
        raise StorageError(f"{source.name} cannot be copied ({error}); check free space, then try again.") from None


def check_integrity(database: Path) -> None:
    """``BackupUnusable`` when SQLite's own check finds the database damaged."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as held:
            answers = [held.execute(f"PRAGMA {check}").fetchall() for check in ("integrity_check", "foreign_key_check")]
    except sqlite3.Error:
        answers = []
    if answers != [[("ok",)], []]:
        raise BackupUnusable(f"{database.name} in the backup is damaged; name another backup.")


def row_counts(database: Path, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each of ``tables`` (names from the code, never from outside) has.

    ``StorageError`` when the copy cannot be read.
    """
    with _opened(database) as held:
        return {table: held.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608 - names of our own tables


def log_head(database: Path) -> tuple[int, str | None]:
    """Size and root (hexadecimal) of the audit log's tree in a copy of data.db; 0 and ``None`` of an empty log.

    ``StorageError`` when the copy cannot be read.
    """
    with _opened(database) as held:
        row = held.execute("SELECT size, root FROM audit_head").fetchone()
    return (0, None) if row is None else (row[0], bytes(row[1]).hex())


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as held:
            yield held
    except sqlite3.Error as error:
        raise StorageError(f"The copy of {database.name} cannot be read ({error}); check free space.") from None


def _made(target: Path) -> sqlite3.Connection:
    target.touch(mode=0o600, exist_ok=False)
    return sqlite3.connect(target)
