"""Areas counted by their entrances do not drift away, and what brings them back is told."""

from datetime import UTC, datetime, time, timedelta, timezone

import numpy as np
import pytest

from doorward.crowd.areas import AreaBook
from doorward.crowd.drift import AreaCounter, Reason
from doorward.crowd.lines import Crossings
from doorward.crowd.scene import Area, Closing, Entrance, Line
from fakes.crowd_scene import ZONE, overhead_scene

VISITS = 5000


def day(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """In which minute of 24 hours people come and go, all gone by the end."""
    came = np.sort(rng.uniform(60, 1200, VISITS))
    went = np.minimum(came + rng.exponential(60, VISITS), 1430)
    return np.bincount(came.astype(int), minlength=1440), np.bincount(went.astype(int), minlength=1440)


def counted_with_bias(truth: np.ndarray, rng: np.random.Generator, bias: float) -> np.ndarray:
    """Each crossing counted twice with the chance ``bias``."""
    return truth + rng.binomial(truth, bias)


def test_a_day_with_one_per_cent_bias_drifts_by_fifty_and_zones_bring_it_back() -> None:
    rng = np.random.default_rng(1)
    came, went = day(rng)
    seen_coming = counted_with_bias(came, rng, 0.01)
    drifting, kept = AreaCounter("house"), AreaCounter("house")
    truth, off = 0, []
    for minute in range(1440):
        for counter in (drifting, kept):
            counter.cross(int(seen_coming[minute]), int(went[minute]))
        truth += came[minute] - went[minute]
        kept.reconcile(truth + rng.normal(0, 1), 1.0)
        off.append(abs(kept.state.people - truth))
    assert drifting.state.people > 35
    assert abs(kept.state.people - truth) <= 5
    assert np.percentile(off, 95) <= 5
    assert kept.corrections[Reason.ZONES] < -35


def test_a_bias_learnt_at_closing_leaves_the_next_day_within_five() -> None:
    rng = np.random.default_rng(2)
    counter, ends = AreaCounter("house"), []
    for _ in range(4):
        came, went = day(rng)
        for minute in range(1440):
            # One in a hundred is counted twice, neither more nor less: the bias alone, without luck.
            twice = int(came[: minute + 1].sum() // 100 - came[:minute].sum() // 100)
            counter.cross(int(came[minute]) + twice, int(went[minute]))
        ends.append(counter.state.people)
        counter.close()
        assert counter.state.people == 0
    assert ends[1] > 45, "the first day might have begun with people inside"
    assert abs(ends[3]) <= 5
    assert counter.state.ratio == pytest.approx(1.01, abs=0.001)


def test_a_day_that_was_not_seen_whole_tells_no_bias() -> None:
    for begin in (AreaCounter.lose, lambda counter: None):
        counter = AreaCounter("house")
        begin(counter)
        counter.cross(10, 400)
        counter.close()
        assert counter.state.ratio == 1.0
        counter.cross(300, 100)
        counter.lose()
        counter.cross(0, 200)
        counter.close()
        assert counter.state.ratio == 1.0


def test_a_count_never_falls_below_zero_and_says_so() -> None:
    counter = AreaCounter("house")
    counter.cross(2, 5)
    assert counter.state.people == 0
    assert counter.take_corrections() == {Reason.BELOW_ZERO: 3.0}
    assert counter.take_corrections() == {}


def test_what_is_not_known_grows_with_the_crossings() -> None:
    counter = AreaCounter("house")
    counter.close()
    assert counter.uncertainty == 0
    counter.cross(100, 80)
    first = counter.uncertainty
    counter.cross(900, 900)
    assert counter.uncertainty > 3 * first
    counter.reconcile(50, 1.0)
    assert counter.uncertainty <= 1.0


def house(closing: Closing | None = None) -> AreaBook:
    lines = (Line("door", "", (8.0, 0.0), (8.0, 9.0)), Line("gate", "", (1.0, 0.0), (1.0, 9.0)))
    scene = overhead_scene(lines=lines)
    area = Area("house", "", (Entrance("door"), Entrance("gate", reversed=True)), (ZONE.id,))
    return AreaBook(
        type(scene)(scene.name, scene.size, scene.correspondences, lines, scene.zones, areas=(area,), closing=closing),
        datetime(2026, 5, 1, 20, 0, tzinfo=UTC),
    )


def test_an_entrance_may_lead_the_other_way() -> None:
    book = house()
    book.cross(datetime(2026, 5, 1, 20, 1, tzinfo=UTC), {"door": Crossings(5, 1), "gate": Crossings(2, 3)})
    (area,) = book.live()
    assert area.people == 5 - 1 - 2 + 3


def test_closing_comes_once_a_day_at_the_clock_of_the_place() -> None:
    summer = timezone(timedelta(hours=2))
    book, now = house(Closing(time(4, 0), summer)), datetime(2026, 5, 2, 1, 59, tzinfo=UTC)
    book.cross(now, {"door": Crossings(7, 0)})
    assert book.live()[0].people == 7
    book.cross(now + timedelta(minutes=2), {"door": Crossings(1, 0)})
    assert book.live()[0].people == pytest.approx(1, abs=0.05)
    book.cross(now + timedelta(minutes=3), {"door": Crossings(1, 0)})
    assert book.live()[0].people == pytest.approx(2, abs=0.1)
    book.cross(now + timedelta(days=1, minutes=2), {})
    assert book.live()[0].people == 0
