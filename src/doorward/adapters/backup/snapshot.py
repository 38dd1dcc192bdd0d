"""A consistent copy of a SQLite database that others go on writing to."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from doorward.errors import BackupUnusable, StorageError


def snapshot(source: Path, target: Path) -> None:
    """Copy the database at ``source`` as it is at one moment (SQLite's online backup), in one file."""
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as held, closing(_made(target)) as copy:
            held.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # no write-ahead log beside it
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
    """How many rows each of ``tables`` (names from the code, never from outside) has."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as held:
        return {table: held.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608 - names of our own tables


def log_head(database: Path) -> tuple[int, str | None]:
    """Size and root (hexadecimal) of the audit log's tree in a copy of data.db; 0 and ``None`` of an empty log."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as held:
        row = held.execute("SELECT size, root FROM audit_head").fetchone()
    return (0, None) if row is None else (row[0], bytes(row[1]).hex())


def _made(target: Path) -> sqlite3.Connection:
    target.touch(mode=0o600, exist_ok=False)
    return sqlite3.connect(target)
