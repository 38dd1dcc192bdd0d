"""What may be published, what it spends, and how it is noised."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from doorward.adapters.crowd.opendp_noise import OpenDpNoise
from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.contributions import BoundedCount, ContributionBound, Metric, Tallied
from doorward.crowd.disclosure import Request, Span, checked_request, scale_of
from doorward.crowd.intervals import QUARTER_SECONDS, IntervalAggregate
from doorward.crowd.publication_form import publication_csv, publication_object
from doorward.crowd.releases import Release
from doorward.errors import BudgetSpent, WrongUse
from doorward.wiring.crowd.publishing import publish_from
from fakes.crowd_scene import DEPTH, PIXELS_A_METRE, CountingIds, FixedClock, overhead_scene
from fakes.interval_store import MemoryIntervalStore
from fakes.release_ledger import MemoryReleaseLedger, PlannedNoise

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = NOON + timedelta(days=2)
IN, OUT, HALL = (
    Tallied(Metric.CROSSINGS, "door", "in"),
    Tallied(Metric.CROSSINGS, "door", "out"),
    Tallied(Metric.VISITS, "hall"),
)


def quarter(number: int, inward: int = 20, coverage: float = 1.0) -> IntervalAggregate:
    bounded = (BoundedCount(IN, inward), BoundedCount(OUT, 3), BoundedCount(HALL, 30)) if coverage else ()
    start = NOON + timedelta(seconds=number * QUARTER_SECONDS)
    return IntervalAggregate("hall", start, coverage, "motion", (), (), seconds=QUARTER_SECONDS, bounded=bounded)


def asked(span: Span = Span.HOUR, epsilon: float = 1.0, hours: int = 1, start: datetime = NOON) -> Request:
    return checked_request("hall", start, start + hours * HOUR, span, epsilon, NOW)


class Desk:
    """An hour of a scene, and its ledger."""

    def __init__(self, quarters: Sequence[IntervalAggregate] | None = None, added: int = 0) -> None:
        self._store, self.ledger, self.noise = MemoryIntervalStore(), MemoryReleaseLedger(), PlannedNoise(added)
        self._store.add([quarter(number) for number in range(4)] if quarters is None else quarters)

    def publish(self, request: Request) -> tuple[Release, ...]:
        return publish_from(self._store, self.ledger, self.noise, request).releases


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), max_size=40))
def test_no_track_counts_more_than_twice(wanted: list[tuple[str, int]]) -> None:
    bound, counted = ContributionBound(), Counter[str]()
    for track, number in wanted:
        counted[track] += bound.admit(track, number)
    for track in "abc":
        assert counted[track] == min(2, sum(number for each, number in wanted if each == track))


def test_who_walks_to_and_fro_counts_twice_in_what_is_published_and_always_in_what_the_operator_sees() -> None:
    crowd = CrowdAnalysis(overhead_scene(), "motion", FixedClock(NOON), CountingIds())
    for tick in range(600):
        x = 8 + 6 * np.cos(tick * 0.2 / 8)
        crowd.observe(tick * 0.2, np.array([[x * PIXELS_A_METRE, (DEPTH - 4) * PIXELS_A_METRE]]))
    *_, last = crowd.finish()
    assert last.seconds == QUARTER_SECONDS
    assert (last.lines[0].inward, last.lines[0].outward) == (3, 2)
    bounded = {count.of: count.number for count in last.bounded}
    assert bounded[IN] + bounded[OUT] == 2
    assert bounded[HALL] <= 2
    assert all(minute.bounded == () for minute in crowd.finish() if minute.seconds == 60)


def test_an_hour_is_its_quarters_and_noise_at_the_scale_of_two_contributions() -> None:
    desk = Desk(added=1)
    crossings, visits = desk.publish(asked(epsilon=0.5))
    assert [(count.of, count.published) for count in crossings.counts] == [(IN, 81), (OUT, 13)]
    assert [(count.of, count.published) for count in visits.counts] == [(HALL, 121)]
    assert desk.noise.scales == [4.0, 4.0]
    assert scale_of(1000) == 2.0


def test_what_is_small_after_the_noise_is_left_out_whatever_it_was_before() -> None:
    low = Desk([quarter(0, inward=100)], added=-96).publish(asked())[0]
    high = Desk([quarter(0, inward=0)], added=5).publish(asked())[0]
    assert [count.published for count in low.counts] == [None, None]
    assert [count.published for count in high.counts] == [5, 8]


def test_the_same_interval_again_gives_the_same_and_spends_nothing() -> None:
    desk = Desk()
    first = desk.publish(asked())
    desk.noise.added = 50
    assert desk.publish(asked()) == first
    assert desk.publish(asked(epsilon=0.1)) == first
    assert len(desk.noise.scales) == 2


def test_nothing_is_published_beyond_the_budget_and_days_have_their_own() -> None:
    desk = Desk()
    desk.publish(asked(epsilon=0.6))
    with pytest.raises(BudgetSpent, match=r"0\.4"):
        desk.publish(asked(Span.QUARTER, 0.5))
    assert desk.ledger.read("hall", Metric.VISITS, NOON, NOON + HOUR) == desk.publish(asked())[1:]
    assert len(desk.publish(asked(Span.QUARTER, 0.4))) == 8
    midnight = NOON.replace(hour=0)
    total = desk.publish(asked(Span.DAY, 1.0, hours=24, start=midnight))
    assert total[0].counts[0].published == 80
    assert total[0].coverage == pytest.approx(1 / 24)


def test_what_was_not_seen_is_unknown_and_spends_nothing() -> None:
    desk = Desk([quarter(0), quarter(2, coverage=0.0)])
    request = asked(Span.QUARTER)
    value = publication_object(request, desk.publish(request))
    intervals = value["intervals"]
    assert isinstance(intervals, list)
    assert [each["coverage"] for each in intervals] == [1.0, 0.0, 0.0, 0.0]
    assert intervals[0]["lines"] == [{"id": "door", "in": 20, "out": None}]
    assert intervals[1]["lines"] == intervals[1]["zones"] == []
    assert [release.start for release in desk.publish(request)] == [NOON, NOON]


def test_both_forms_say_what_they_promise_and_what_not() -> None:
    request = asked()
    releases = Desk().publish(request)
    table = publication_csv(request, releases).splitlines()
    assert table[0].startswith("# Every count carries random noise")
    assert "a whole day is not bounded" in table[0]
    assert table[1] == "start,seconds,coverage,epsilon,metric,place,direction,count"
    assert table[2] == "2026-05-01T12:00:00Z,3600,1.0,1.0,crossings,door,in,80"
    assert len(table) == 5
    assert f"# {publication_object(request, releases)['statement']}" == table[0]


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 1.001, 0.0004, float("nan"), float("inf")])
def test_an_epsilon_that_nobody_has_is_refused(epsilon: float) -> None:
    with pytest.raises(WrongUse, match="Epsilon"):
        asked(epsilon=epsilon)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (NOON, NOW + HOUR, "future"),
        (NOON, NOW, "less than a minute ago"),
        (NOON + HOUR, NOON, "before it begins"),
        (NOON, NOON, "before it begins"),
        (NOON + timedelta(minutes=15), NOON + HOUR, "full hour"),
        (NOON, NOON + timedelta(minutes=59), "full hour"),
        (NOON - timedelta(days=400), NOON, "366 days"),
    ],
)
def test_an_interval_that_cannot_be_published_is_refused(start: datetime, end: datetime, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        checked_request("hall", start, end, Span.HOUR, 1.0, NOW)


def test_a_hundred_thousand_draws_follow_the_geometric_law() -> None:
    scale, number, tail = 2.0, 100_000, 12
    drawn = np.array(OpenDpNoise().noised([7] * number, scale)) - 7
    decay = exp(-1 / scale)
    steps = np.arange(-tail, tail + 1)
    chances = (1 - decay) / (1 + decay) * decay ** np.abs(steps)
    chances[[0, -1]] = decay**tail / (1 + decay)
    seen = np.bincount(np.clip(drawn, -tail, tail) + tail, minlength=len(steps))
    # Once in a million runs it fails by chance.
    assert chisquare(seen, chances * number).pvalue > 1e-6


def test_the_library_agrees_that_the_scale_spends_the_epsilon() -> None:
    """By its own account of two contributions."""
    import opendp.prelude as opendp

    opendp.enable_features("contrib")
    space = opendp.vector_domain(opendp.atom_domain(T=int)), opendp.l1_distance(T=int)
    for epsilon in (1, 333, 500, 1000):
        spent = opendp.m.make_geometric(*space, scale=scale_of(epsilon)).map(2)
        assert spent == pytest.approx(epsilon / 1000, rel=1e-12)


def test_a_quarter_stored_before_there_were_bounded_counts_stays_unpublished() -> None:
    assert Desk([replace(quarter(0), bounded=())]).publish(asked()) == ()
