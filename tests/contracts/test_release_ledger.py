"""What every ledger of published figures does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.adapters.stores.crowd.release_ledger import open_release_ledger
from doorward.crowd.contributions import Metric, Tallied
from doorward.crowd.ports import ReleaseLedger
from doorward.crowd.releases import NoisedCount, Release
from doorward.errors import Conflict
from fakes.crowd_intervals import NOON
from fakes.release_ledger import MemoryReleaseLedger
from postgresql_server import crowd_store

HOUR = timedelta(hours=1)
COUNTS = (NoisedCount(Tallied(Metric.CROSSINGS, "door", "in"), 12), NoisedCount(Tallied(Metric.CROSSINGS, "a"), -3))
RELEASE = Release("hall", Metric.CROSSINGS, NOON, 3600, 250, 0.75, COUNTS)


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReleaseLedger]:
    if request.param == "memory":
        yield MemoryReleaseLedger()
        return
    with crowd_store(request.param) as url, open_release_ledger(tmp_path, url) as opened:
        yield opened


def test_what_was_published_is_read_as_it_was_where_it_overlaps(ledger: ReleaseLedger) -> None:
    later = replace(RELEASE, start=NOON + HOUR, counts=())
    quarter = replace(RELEASE, seconds=900)
    ledger.add([later, RELEASE, quarter])
    ledger.add([replace(RELEASE, scene="gate"), replace(RELEASE, metric=Metric.VISITS, counts=())])
    assert ledger.read("hall", Metric.CROSSINGS, NOON, NOON + 2 * HOUR) == (quarter, RELEASE, later)
    half = timedelta(minutes=30)
    assert ledger.read("hall", Metric.CROSSINGS, NOON + half, NOON + HOUR) == (RELEASE,)
    assert ledger.read("hall", Metric.CROSSINGS, NOON + 2 * HOUR, NOON + 3 * HOUR) == ()


def test_nothing_is_published_twice(ledger: ReleaseLedger) -> None:
    ledger.add([RELEASE])
    with pytest.raises(Conflict):
        ledger.add([replace(RELEASE, epsilon=1)])
    assert ledger.read("hall", Metric.CROSSINGS, NOON, NOON + HOUR) == (RELEASE,)


def test_what_was_begun_alone_and_failed_left_nothing(ledger: ReleaseLedger) -> None:
    def add_and_fail() -> None:
        with ledger.alone():
            ledger.add([RELEASE])
            assert ledger.read("hall", Metric.CROSSINGS, NOON, NOON + HOUR) == (RELEASE,)
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    assert ledger.read("hall", Metric.CROSSINGS, NOON, NOON + HOUR) == ()


def test_sqlite_keeps_it_over_openings(tmp_path: Path) -> None:
    with open_release_ledger(tmp_path) as first, first.alone():
        first.add([RELEASE])
    with open_release_ledger(tmp_path) as again:
        assert again.read("hall", Metric.CROSSINGS, NOON, NOON + HOUR) == (RELEASE,)
