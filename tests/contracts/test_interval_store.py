"""What every interval store does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.crowd.intervals import IntervalAggregate, LineCount, ZoneOccupancy
from doorward.crowd.ports import IntervalStore
from doorward.errors import StorageError
from fakes.interval_store import MemoryIntervalStore

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IntervalStore]:
    if request.param == "memory":
        yield MemoryIntervalStore()
        return
    with open_interval_store(tmp_path) as opened:
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


def test_nothing_to_add_is_nothing(store: IntervalStore) -> None:
    store.add([])
    assert store.scenes() == ()


def test_many_minutes(store: IntervalStore) -> None:
    store.add([interval(minute) for minute in range(1500)])
    found = store.read("hall")
    assert len(found) == 1500
    assert found[1203] == interval(1203)


def test_sqlite_keeps_all_or_nothing_over_openings(tmp_path: Path) -> None:
    with open_interval_store(tmp_path) as store:
        store.add([interval(0)])
        broken = interval(1, lines=(LineCount("west", object(), 0),))  # type: ignore[arg-type] # what no row can hold
        with pytest.raises(StorageError):
            store.add([interval(2), broken])
    with open_interval_store(tmp_path) as store:
        assert store.read("hall") == (interval(0),)


def test_a_day_of_twenty_cameras_takes_at_most_20_mb(tmp_path: Path) -> None:
    """A twentieth of it is stored: one camera's day, two lines and two zones."""
    zones = (ZoneOccupancy("hall", 2.125, 0, 7, 6), ZoneOccupancy("stairs", 1.5, 0, 3, 2))
    with open_interval_store(tmp_path) as store:
        store.add([interval(minute, zones=zones) for minute in range(1440)])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1_000_000
