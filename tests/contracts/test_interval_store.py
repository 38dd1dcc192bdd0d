"""What every interval store does."""

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.adapters.stores.crowd.place import VERSIONS
from doorward.crowd.heat_map import Grid, HeatMap
from doorward.crowd.intervals import QUARTER_SECONDS, IntervalAggregate, LineCount, ZoneOccupancy
from doorward.crowd.ports import IntervalStore
from doorward.errors import StorageError
from fakes.crowd_intervals import NOON, full_quarter
from fakes.interval_store import MemoryIntervalStore
from postgresql_server import crowd_store


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IntervalStore]:
    if request.param == "memory":
        yield MemoryIntervalStore()
        return
    with crowd_store(request.param) as url, open_interval_store(tmp_path, url) as opened:
        yield opened


def interval(minute: int, scene: str = "hall", **changes: object) -> IntervalAggregate:
    values: dict[str, object] = {
        "scene": scene,
        "start": NOON + timedelta(minutes=minute),
        "coverage": 0.75,
        "method": "motion",
        "lines": (LineCount("west", 3, 4), LineCount("east", 0, minute)),
        "zones": (ZoneOccupancy("hall", 2.125, 0, 7, 6),),
    }
    return IntervalAggregate(**(values | changes))  # type: ignore[arg-type] # the changes are each test's own


def test_what_was_added_is_read_unchanged_and_in_order_of_time(store: IntervalStore) -> None:
    minutes = [interval(2), interval(0), interval(1)]
    store.add(minutes[:2])
    store.add(minutes[2:])
    assert store.read("hall") == (interval(0), interval(1), interval(2))


def test_unknown_stays_unknown(store: IntervalStore) -> None:
    out = interval(
        0, coverage=0.0, lines=(LineCount("west", None, None),), zones=(ZoneOccupancy("hall", None, None, None, None),)
    )
    store.add([out])
    assert store.read("hall") == (out,)


def test_from_is_within_and_to_is_not(store: IntervalStore) -> None:
    store.add([interval(minute) for minute in range(5)])
    found = store.read("hall", NOON + timedelta(minutes=1), NOON + timedelta(minutes=3))
    assert [each.start.minute for each in found] == [1, 2]
    summer_time = timezone(timedelta(hours=2))
    local = (NOON + timedelta(minutes=4)).astimezone(summer_time)
    assert store.read("hall", local) == (interval(4),)
    assert [each.start.minute for each in store.read("hall", limit=2)] == [0, 1]


def test_scenes_are_apart(store: IntervalStore) -> None:
    assert store.scenes() == ()
    assert store.read("hall") == ()
    store.add([interval(0), interval(0, "gate"), interval(1, "gate", lines=(), zones=())])
    assert store.scenes() == ("gate", "hall")
    assert len(store.read("gate")) == 2
    assert store.read("' OR 1=1 --") == ()


def test_two_runs_in_one_minute_stand_side_by_side(store: IntervalStore) -> None:
    store.add([interval(0, coverage=0.25)])
    store.add([interval(0, coverage=0.5)])
    assert sorted(each.coverage for each in store.read("hall")) == [0.25, 0.5]


def test_every_measure_of_a_quarter_is_read_as_it_was(store: IntervalStore) -> None:
    quarter = full_quarter()
    store.add([quarter, interval(0)])
    (read,) = store.read("hall", seconds=QUARTER_SECONDS)
    assert replace(read, heat_map=None) == replace(quarter, heat_map=None)
    assert read.heat_map is not None
    assert quarter.heat_map is not None
    assert read.heat_map.grid == quarter.heat_map.grid
    np.testing.assert_allclose(read.heat_map.occupancy, quarter.heat_map.occupancy, atol=5e-4)
    np.testing.assert_allclose(read.heat_map.velocity, quarter.heat_map.velocity, atol=0.011)
    assert store.read("hall") == (interval(0),)


def test_the_latest_minute(store: IntervalStore) -> None:
    assert store.latest("hall") is None
    store.add([interval(3), interval(7), interval(5), interval(9, "gate"), full_quarter()])
    assert store.latest("hall") == interval(7)


def test_nothing_to_add_is_nothing(store: IntervalStore) -> None:
    store.add([])
    assert store.scenes() == ()


def test_many_minutes(store: IntervalStore) -> None:
    store.add([interval(minute) for minute in range(700)])
    found = store.read("hall")
    assert len(found) == 700
    assert found[603] == interval(603)


def test_sqlite_keeps_all_or_nothing_over_openings(tmp_path: Path) -> None:
    with open_interval_store(tmp_path) as store:
        store.add([interval(0)])
        broken = interval(1, lines=(LineCount("west", object(), 0),))  # type: ignore[arg-type] # what no row can hold
        with pytest.raises(StorageError):
            store.add([interval(2), broken])
    with open_interval_store(tmp_path) as store:
        assert store.read("hall") == (interval(0),)


def test_a_day_of_twenty_cameras_takes_at_most_20_mb(tmp_path: Path) -> None:
    """A twentieth of it is stored: one camera's day with every measure, two lines and two zones, 30 x 30 metres.

    What a store without a row takes is there once.
    """
    rng = np.random.default_rng(0)
    quarter = full_quarter()
    with open_interval_store(tmp_path):
        pass
    empty = sum(path.stat().st_size for path in tmp_path.iterdir())
    with open_interval_store(tmp_path) as store:
        for start in range(0, 1440, 15):
            visited = rng.random((30, 30)) < 0.7
            occupancy = np.where(visited, rng.exponential(0.05, (30, 30)), np.nan)
            velocity = np.where(visited[..., None], rng.normal(0, 0.7, (30, 30, 2)), np.nan)
            drawn = HeatMap(Grid(0.0, 0.0, 1.0, 30, 30), occupancy, velocity)
            begins = NOON + timedelta(minutes=start)
            minutes = [
                replace(quarter, start=begins + timedelta(minutes=minute), seconds=60, heat_map=None, bounded=())
                for minute in range(15)
            ]
            store.add([*minutes, replace(quarter, start=begins, heat_map=drawn)])
    day = sum(path.stat().st_size for path in tmp_path.iterdir()) - empty
    assert empty + 20 * day <= 20_000_000


def test_minutes_stored_before_there_were_quarters_are_still_read(tmp_path: Path) -> None:
    """A file of the first format, written by its own migration."""
    path = tmp_path / "crowd.db"
    first = tmp_path / "versions"
    first.mkdir()
    (first / "0001_intervals.py").write_text((files(VERSIONS) / "0001_intervals.py").read_text())
    with sqlite3.connect(path) as database:
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            config = Config()
            environment = files("doorward.adapters.stores.migrations")
            config.set_main_option("script_location", str(environment))
            config.set_main_option("version_locations", str(first))
            config.set_main_option("path_separator", "newline")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        engine.dispose()
        database.execute("INSERT INTO scenes VALUES (1, 'hall')")
        database.execute(f"INSERT INTO intervals VALUES (1, 1, {int(NOON.timestamp())}, 0.5, 'motion')")
        database.execute("INSERT INTO line_counts VALUES (1, 0, 'door', 3, 1)")
        database.execute("INSERT INTO zone_occupancies VALUES (1, 0, 'hall', 2.5, 1, 4, 4)")
    with open_interval_store(tmp_path) as store:
        expected = interval(
            0, coverage=0.5, lines=(LineCount("door", 3, 1),), zones=(ZoneOccupancy("hall", 2.5, 1, 4, 4),)
        )
        assert store.read("hall") == (expected,)
        store.add([full_quarter()])
        assert len(store.read("hall", seconds=QUARTER_SECONDS)) == 1


def test_many_cameras_store_at_the_same_moment(tmp_path: Path) -> None:
    """Each has a process, and with it a connection, of its own; all end their minutes at once."""
    with open_interval_store(tmp_path):
        pass

    def store_minutes(camera: int) -> None:
        with open_interval_store(tmp_path) as opened:
            for minute in range(10):
                opened.add([interval(minute, f"camera-{camera}")])

    with ThreadPoolExecutor(8) as cameras:
        list(cameras.map(store_minutes, range(8)))
    with open_interval_store(tmp_path) as opened:
        assert [len(opened.read(f"camera-{camera}")) for camera in range(8)] == [10] * 8


def test_processes_that_begin_together_make_it_once(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with open_interval_store(tmp_path / "other"):
        pass  # what this imports no child has to
    gate, opening = os.pipe()
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            os.close(opening)
            os.read(gate, 1)
            status = 1
            try:
                with open_interval_store(tmp_path) as opened:
                    status = len(opened.scenes())
            finally:
                os._exit(status)
        children.append(child)
    os.close(opening)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 6
    os.close(gate)
