"""Two throwaway sites that differ in their people alone: can a thief without the key tell them apart?"""

import secrets
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, chisquare

from doorward.adapters.stores.face.pin_store import SqlPinStore
from doorward.adapters.system import SystemClock
from doorward.kernel.moments import whole_hour
from doorward.people.person import Details
from doorward.vault.envelope import named_key
from doorward.vault.passages import UNNAMED_KEY
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.face.breach_canaries import PHOTO_BYTES, enrol_made_up
from doorward.wiring.face.opening import DATA, KEYS, create_site
from doorward.wiring.face.site import open_site

PEOPLE = 24
LEVEL = 1e-6
"""The chance that sealed bytes, which are as good as random, are called telling in one whole run."""

FEWEST_BYTES = 256 * 5
"""Of a column: the chi-square law holds from about five expected bytes of each value (Cochran 1954)."""

FORMATS = 2
"""Of a column at most: an entry of the log is an act, or tells which rows a write changed."""

_ENVELOPE_CLEAR = 17
"""Bytes of format and key id, which every envelope shows by design."""


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One column in both sites. Entropies are in bits a byte; of a clear or a short column they are ``None``.

    ``uniform``: whether the bytes pass as random, in each site and against each other, at ``LEVEL`` for the run.
    """

    table: str
    column: str
    sealed: bool
    values: int
    alike_in_length: bool
    entropies: tuple[float, float] | None = None
    uniform: bool | None = None

    @property
    def telling(self) -> bool:
        return not self.alike_in_length or self.uniform is False


@dataclass(frozen=True, slots=True)
class GrowthReport:
    """By how many bytes a file grew as the people came, in each site; databases without their empty space."""

    file: str
    bytes: tuple[int, int]

    @property
    def telling(self) -> bool:
        return self.bytes[0] != self.bytes[1]


@dataclass(frozen=True, slots=True)
class Statistics:
    people: int
    level: float
    columns: tuple[ColumnReport, ...]
    growth: tuple[GrowthReport, ...]

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns and files that tell the two sites apart, by name."""
        columns = [f"{column.table}.{column.column}" for column in self.columns if column.telling]
        return (*columns, *(f"the size of {file.file}" for file in self.growth if file.telling))


Column = list[object]
Columns = dict[tuple[str, str], Column]
Filled = tuple[Columns, Mapping[str, int]]


def compare_two_sites() -> Statistics:
    """Fill one site with people of short data and one with people of long data, and compare all that can be seen.

    Both stay within the size classes that sealing declares; what else differs is a leak.
    """
    began, short, long = _two_sites()
    if began != _hour():  # one of them may have passages, and so keys, of one hour more
        _, short, long = _two_sites()
    columns = compare_columns(short[0], long[0])
    growth = [GrowthReport(file, (short[1][file], long[1][file])) for file in sorted(short[1].keys() & long[1].keys())]
    return Statistics(PEOPLE, LEVEL, columns, tuple(growth))


def _two_sites() -> tuple[datetime, Filled, Filled]:
    with tempfile.TemporaryDirectory(prefix="doorward-breach-") as place:
        return _hour(), _filled(Path(place), "a", long=False), _filled(Path(place), "b", long=True)


def _hour() -> datetime:
    return whole_hour(SystemClock().now())


def compare_columns(one: Columns, other: Columns) -> tuple[ColumnReport, ...]:
    """Every column of two sites. One that only one of them fills is alike in nothing."""
    names = sorted(one.keys() | other.keys())
    keys = {UNNAMED_KEY, *(value for columns in (one, other) for value in columns.get(("keys", "id"), ()))}
    tests = 3 * len(names)
    return tuple(_compare(name, one.get(name, []), other.get(name, []), keys, LEVEL / tests) for name in names)


def _compare(name: tuple[str, str], one: Column, other: Column, keys: set[object], level: float) -> ColumnReport:
    lengths = [Counter(_size(value) for value in column) for column in (one, other)]
    sealed = all(isinstance(value, bytes | None) for value in (*one, *other)) and any((*one, *other))
    alike = lengths[0] == lengths[1]
    if not sealed:
        return ColumnReport(*name, sealed, len(one), alike)
    parts = _without_formats(
        *([_sealed_part(value, keys) for value in column if isinstance(value, bytes)] for column in (one, other))
    )
    counts = [_byte_counts(column) for column in parts]
    if min(int(count.sum()) for count in counts) < FEWEST_BYTES:
        return ColumnReport(*name, sealed, len(one), alike)
    chances = [float(chisquare(count).pvalue) for count in counts]
    both = np.stack(counts)
    chances.append(float(chi2_contingency(both[:, both.sum(axis=0) > 0]).pvalue))
    entropies = _entropy(counts[0]), _entropy(counts[1])
    return ColumnReport(*name, sealed, len(one), alike, entropies, min(chances) >= level)


def _size(value: object) -> tuple[str, int]:
    """Kind and length, as a file of rows shows them: SQLite writes a number in no more bytes than it takes."""
    if isinstance(value, bytes | str):
        return type(value).__name__, len(value)
    return type(value).__name__, 0


def _without_formats(one: list[bytes], other: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The parts without the number of a format in front, which tells about nobody where both sites have it as often."""
    formats = [Counter(part[:1] for part in parts) for parts in (one, other)]
    if formats[0] != formats[1] or len(formats[0]) > FORMATS:
        return one, other
    return [part[1:] for part in one], [part[1:] for part in other]


def _byte_counts(parts: Sequence[bytes]) -> NDArray[np.int64]:
    return np.bincount(np.frombuffer(b"".join(parts), np.uint8), minlength=256)


def _sealed_part(value: bytes, keys: set[object]) -> bytes:
    return value[_ENVELOPE_CLEAR:] if named_key(value) in keys else value


def _entropy(counts: NDArray[np.int64]) -> float:
    """Shannon's, of single bytes."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _filled(place: Path, name: str, *, long: bool) -> Filled:
    folder = place / name
    create_site(folder, key_file=place / f"{name}.key")
    with open_site(folder, str) as site:
        site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
    before = _sizes(folder)
    with open_site(folder, str) as site:
        # Nobody's PINs, gone with the site: what makes guessing dear changes no length and no share of any byte.
        pins = SqlPinStore(site.stores.data, site.stores.vault, CHEAPEST)
        for number in range(PEOPLE):
            photo = secrets.token_bytes(PHOTO_BYTES + 64 * long)
            enrol_made_up(site, *_made_up(number, long=long), photo, pins)
    after = _sizes(folder)
    columns: Columns = {}
    for database in (DATA, KEYS):
        columns |= read_columns(folder / database)
    return columns, {file: after[file] - before.get(file, 0) for file in after}


def _made_up(number: int, *, long: bool) -> tuple[str, Details]:
    """Two kinds of people whose records fill the same size class."""
    mark = secrets.token_hex(2)
    if long:
        day = date(1950 + number, 1, 1) + timedelta(days=secrets.randbelow(300))
        name = f"Wilhelmina {mark}"
        return name, Details(name, birth_date=day, employer="Works", badge_number=f"WORKS{number}{mark}")
    return f"Al {mark}", Details(badge_number=f"A{number}{mark}")


def read_columns(database: Path) -> Columns:
    """Every value of every column of a SQLite file, by table and column."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {name: values for table in tables for name, values in _table(connection, table)}


def _table(connection: sqlite3.Connection, table: str) -> Iterator[tuple[tuple[str, str], Column]]:
    rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the name comes from the file's own schema
    names: Sequence[str] = [described[0] for described in rows.description]
    held = rows.fetchall()
    for position, name in enumerate(names):
        yield (table, name), [row[position] for row in held]


def _sizes(folder: Path) -> dict[str, int]:
    """Of every file; of a database what it takes without the space that random row ids leave empty in its pages."""
    sizes = {str(file.relative_to(folder)): file.stat().st_size for file in folder.rglob("*") if file.is_file()}
    for database in (DATA, KEYS):
        with closing(sqlite3.connect(folder / database)) as connection:
            connection.execute("VACUUM")
            ((pages,),) = connection.execute("PRAGMA page_count")
            ((size,),) = connection.execute("PRAGMA page_size")
        sizes[database] = pages * size
    return sizes
