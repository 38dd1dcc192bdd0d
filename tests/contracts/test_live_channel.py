"""What the processes of a site tell each other live, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward.adapters.stores.notices import live_channel
from doorward.passages.live import LiveChannel
from houses import real_site
from throwaway_sites import opened_stores


@pytest.fixture(params=["sqlite", "postgresql"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[LiveChannel, LiveChannel]]:
    """Of two processes, as far as the site's stores can tell."""
    with real_site(request.param, tmp_path) as folder:
        ours, theirs = opened_stores(folder), opened_stores(folder)
        yield live_channel(ours.data, folder / "live"), live_channel(theirs.data, folder / "live")
        ours.close()
        theirs.close()


def test_everybody_who_follows_hears_everything_in_order(ends: tuple[LiveChannel, LiveChannel]) -> None:
    ours, theirs = ends
    ours.tell(b"nobody follows yet")
    with theirs.follow() as first, ours.follow() as second:
        for number in range(8):
            ours.tell(f"event {number}".encode())
        for following in (first, second):
            assert [following.next(5) for _ in range(8)] == [f"event {number}".encode() for number in range(8)]
            assert following.next(0.01) is None
    ours.tell(b"nobody follows any more")


def test_who_does_not_read_holds_nobody_up(ends: tuple[LiveChannel, LiveChannel]) -> None:
    ours, theirs = ends
    with theirs.follow(), ours.follow() as reading:
        for number in range(60):
            ours.tell(b"x" * 2000)
            if number % 5 == 4:
                assert [reading.next(5) for _ in range(5)] == [b"x" * 2000] * 5
