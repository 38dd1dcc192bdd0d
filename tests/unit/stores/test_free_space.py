"""What lies in the unused parts of a SQLite file, against files that SQLite itself wrote."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.stores.free_space import SHORTEST, leftovers
from doorward.errors import StorageError

SECRET = bytes(range(128, 160)) * 2


@pytest.fixture(params=[512, 4096, 65_536])
def database(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute(f"PRAGMA page_size={request.param}")
        made.execute("PRAGMA secure_delete=ON")
        made.execute("CREATE TABLE held (id INTEGER PRIMARY KEY, octets BLOB)")
        made.execute("CREATE INDEX found ON held (octets)")
        yield made


def fill(database: sqlite3.Connection, rows: int = 300) -> None:
    database.executemany("INSERT INTO held (octets) VALUES (?)", ((SECRET,) for _ in range(rows)))


def left(database: sqlite3.Connection) -> int:
    (root,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'held'").fetchone()
    return leftovers(memoryview(database.serialize()), [root])


@pytest.mark.parametrize(
    "deletion",
    ["DELETE FROM held WHERE id = 150", "DELETE FROM held WHERE id = 1", "DELETE FROM held WHERE id % 3 = 0"],
    ids=["between others", "the oldest", "every third"],
)
def test_a_deleted_row_is_seen_unless_it_is_overwritten(database: sqlite3.Connection, deletion: str) -> None:
    fill(database)
    assert left(database) == 0
    database.execute("PRAGMA secure_delete=OFF")
    database.execute(deletion)
    assert left(database) >= len(SECRET) - 4
    database.execute("PRAGMA secure_delete=ON")
    database.execute("VACUUM")
    assert left(database) == 0
    database.execute("DELETE FROM held WHERE id % 5 = 0")
    assert left(database) == 0


def test_pages_that_nothing_uses_are_looked_at(database: sqlite3.Connection) -> None:
    fill(database)
    database.execute("CREATE TABLE other (octets BLOB)")
    database.execute("INSERT INTO other SELECT octets FROM held")
    assert left(database) == 0
    database.execute("PRAGMA secure_delete=OFF")
    database.execute("DROP TABLE other")
    assert left(database) >= SHORTEST
    database.execute("PRAGMA secure_delete=ON")
    database.execute("VACUUM")
    assert left(database) == 0


@given(octets=st.binary(max_size=5000), at=st.integers(0, 4095))
def test_no_file_breaks_it(octets: bytes, at: int) -> None:
    """Whatever is in a file, it is a number or one sentence."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("CREATE TABLE held (octets BLOB)")
        made.execute("INSERT INTO held VALUES (?)", [SECRET])
        made.commit()
        whole = made.serialize()
    damaged = bytearray(whole)
    damaged[at : at + len(octets)] = octets[: len(whole) - at]
    for file in (bytes(damaged), octets):
        with suppress(StorageError):
            assert leftovers(memoryview(file), [2]) >= 0
