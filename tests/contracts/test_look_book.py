"""What every book of looks at a crowd's figures does."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.adapters.stores.crowd.look_book import open_look_book
from doorward.crowd.looks import EVERY_SCENE, KEPT, Look, LookBook, LookedAt
from doorward.kernel.moments import whole_hour
from fakes.crowd_intervals import NOON
from postgresql_server import crowd_store


@pytest.fixture(params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LookBook]:
    with crowd_store(request.param) as url, open_look_book(tmp_path, url) as opened:
        yield opened


def test_looks_are_told_by_the_hour_and_the_newest_first(book: LookBook) -> None:
    for minute in range(0, 59, 20):
        book.note("token desk", LookedAt.INTERVALS, "hall", NOON + timedelta(minutes=minute))
    book.note("token desk", LookedAt.ALARMS, EVERY_SCENE, NOON + timedelta(minutes=61))
    book.note("operator root", LookedAt.PICTURE, "hall", NOON + timedelta(minutes=62))
    later = whole_hour(NOON) + timedelta(hours=1)
    assert list(book.read()) == [
        Look(later, "operator root", LookedAt.PICTURE, "hall", 1),
        Look(later, "token desk", LookedAt.ALARMS, EVERY_SCENE, 1),
        Look(whole_hour(NOON), "token desk", LookedAt.INTERVALS, "hall", 3),
    ]
    assert len(book.read(start=later)) == 2
    assert len(book.read(end=later)) == 1


def test_what_is_older_than_it_is_kept_for_is_dropped(book: LookBook) -> None:
    book.note("token desk", LookedAt.INTERVALS, "hall", NOON)
    book.note("token desk", LookedAt.INTERVALS, "hall", NOON + KEPT + timedelta(hours=1))
    assert [look.hour for look in book.read()] == [whole_hour(NOON + KEPT + timedelta(hours=1))]
