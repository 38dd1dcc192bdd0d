"""The databases as files, before the site is opened: whole, consistent, and holding nothing overdue."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from doorward.adapters.stores.crowd.place import crowd_database
from doorward.passages.passage import RETENTION_HOURS
from doorward.settings.site import read_site_settings
from doorward.vault.vault import epoch_of
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.doctor.postgresql import numbers_in_postgresql
from doorward.wiring.face.opening import DATA, KEYS

_MEND = "Stop what writes there, and restore the site from its last good backup."


def check_databases(folder: Path) -> Iterator[Finding]:
    """SQLite's own integrity and foreign key checks on every database of the site."""
    for file in (folder / DATA, folder / KEYS, crowd_database(folder)):
        if file.is_file():
            yield from _check_database(file)


def check_overdue(folder: Path, now: datetime) -> Iterator[Finding]:
    """Passages kept beyond their time, and erasures that were begun and not finished. Opening a site ends both."""
    settings = read_site_settings(folder)

    def numbers(query: str, *values: str) -> list[int]:
        if settings.store is not None:
            return numbers_in_postgresql(settings, query, *values)
        return _numbers(folder / DATA, query, *values)

    oldest_kept = epoch_of(now - timedelta(hours=RETENTION_HOURS))
    overdue = numbers("SELECT count(*) FROM passages WHERE epoch < ?", oldest_kept)
    if (folder / KEYS).is_file():
        overdue += _numbers(folder / KEYS, "SELECT count(*) FROM keys WHERE kind = 'epoch' AND owner < ?", oldest_kept)
    if any(overdue):
        yield Finding(
            "retention-overdue",
            Severity.WARNING,
            f"Passages or their keys are kept for longer than {RETENTION_HOURS} hours.",
            "6,680,348 sightings of one day could be read in the case that Doorward is built against.",
            "Opening the site drops them, as this examination did; keep the server running, or run this daily.",
        )
    pending = sum(numbers("SELECT count(*) FROM erasures WHERE done = 0"))
    if pending:
        yield Finding(
            "erasure-pending",
            Severity.WARNING,
            f"{pending} erasures were begun and not finished.",
            "Somebody was told that they are erased, and their key may still be here.",
            "Opening the site finishes them, as this examination did; find out what interrupted them.",
        )


def _check_database(file: Path) -> Iterator[Finding]:
    try:
        with closing(_opened(file)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            lost = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        faults, lost = [str(error)], []
    if faults != ["ok"]:
        yield Finding(
            "database-damaged",
            Severity.CRITICAL,
            f"{file.name} is damaged: {'; '.join(faults)[:300]}.",
            "What a damaged database loses, a person's consent or erasure among it, nobody notices by using it.",
            _MEND,
        )
    if lost:
        tables = ", ".join(sorted({str(row[0]) for row in lost}))
        yield Finding(
            "rows-without-their-person",
            Severity.CRITICAL,
            f"{len(lost)} rows of {file.name} ({tables}) belong to nobody who is here.",
            "Rows that belong together were deleted apart: somebody writes the database past Doorward.",
            _MEND,
        )


def _numbers(file: Path, query: str, *values: str) -> list[int]:
    try:
        with closing(_opened(file)) as connection:
            return [int(row[0]) for row in connection.execute(query, values)]
    except sqlite3.DatabaseError:  # told by the integrity check
        return []


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=10)
    connection.execute("PRAGMA query_only=ON")
    return connection
