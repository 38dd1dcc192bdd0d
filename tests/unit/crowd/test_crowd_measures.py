"""Occupancy, presence and minutes: what is measured, what is unknown, and nothing in between."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.geometry import as_points
from doorward.crowd.intervals import MINUTE_SECONDS, IntervalAggregate, ZoneOccupancy
from doorward.crowd.live import LiveZone
from doorward.crowd.presence import Presence
from doorward.crowd.zones import OccupancyMeter, ZoneCounter
from fakes.crowd_scene import DEPTH, PIXELS_A_METRE, ZONE, CountingIds, FixedClock, overhead_scene, seen

NOBODY = np.zeros((0, 2))


def analysis(now: datetime = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)) -> CrowdAnalysis:
    return CrowdAnalysis(overhead_scene(), "motion", FixedClock(now), CountingIds())


def pixels(*metres: tuple[float, float]) -> np.ndarray:
    return np.array([(x * PIXELS_A_METRE, (DEPTH - y) * PIXELS_A_METRE) for x, y in metres]).reshape(-1, 2)


def run(
    crowd: CrowdAnalysis, moments: Iterable[tuple[float, np.ndarray]], *, finish: bool = True
) -> list[IntervalAggregate]:
    """The minutes."""
    found = [interval for seconds, points in moments for interval in crowd.observe(seconds, points)]
    return minutes([*found, *(crowd.finish() if finish else ())])


def minutes(intervals: Iterable[IntervalAggregate]) -> list[IntervalAggregate]:
    return [interval for interval in intervals if interval.seconds == MINUTE_SECONDS]


def crossed(interval: IntervalAggregate) -> tuple[int | None, int | None]:
    (line,) = interval.lines
    return line.inward, line.outward


def test_occupancy_is_weighted_by_time() -> None:
    meter = OccupancyMeter("hall")
    for count, seconds in ((0, 30.0), (4, 20.0), (10, 10.0)):
        meter.add(count, seconds)
    assert meter.result() == ZoneOccupancy("hall", pytest.approx(3.0), 0, 10, 10)
    meter.add(0, 200.0)
    assert meter.result().p95 == 4


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0.01, 5)), min_size=1, max_size=40))
def test_occupancy_lies_between_its_least_and_most(parts: list[tuple[int, float]]) -> None:
    meter = OccupancyMeter("hall")
    for count, seconds in parts:
        meter.add(count, seconds)
    result = meter.result()
    assert result.least is not None
    assert result.least - 1e-9 <= result.mean <= result.most + 1e-9
    assert result.least <= result.p95 <= result.most


def test_nothing_measured_is_unknown() -> None:
    assert OccupancyMeter("hall").result() == ZoneOccupancy("hall", None, None, None, None)


def test_a_zone_counts_inside_its_polygon() -> None:
    zone = ZoneCounter(ZONE)
    assert zone.count(as_points([(4.0, 2.0), (12.9, 7.9), (2.9, 4.0), (5.0, 8.1)])) == 2
    assert zone.count(as_points([])) == 0


def test_presence_bridges_a_dropout_and_leaves_out_the_doubted_and_the_gone() -> None:
    presence = Presence()
    settled = []
    for tick in range(20):
        seconds = tick * 0.2
        tracks = [seen(4.0, track_id="steady", confirmed=tick >= 2, unseen=0.2 if tick in (5, 6) else 0.0)]
        if tick < 2:
            tracks.append(seen(5.0, track_id="false", confirmed=False))
        if tick < 15:
            tracks.append(seen(6.0, track_id="leaves", unseen=max(0.0, (tick - 9) * 0.2)))
        settled += presence.update(seconds, tuple(tracks))
    settled += presence.finish()
    assert [len(moment.positions) for moment in settled] == [2] * 10 + [1] * 10


def test_a_walk_through_is_one_crossing_and_its_seconds_in_the_zone() -> None:
    crowd = analysis()
    walk = [(tick * 0.1, pixels((14.0 - 0.14 * tick, 4.0)) if tick < 100 else NOBODY) for tick in range(600)]
    intervals = run(crowd, walk)
    assert [interval.start for interval in intervals] == [datetime(2026, 5, 1, 12, 0, tzinfo=UTC)]
    assert intervals[0].coverage == pytest.approx(1.0)
    assert crossed(intervals[0]) == (1, 0)
    # 10 m of the zone at 1.4 m/s, in a minute
    assert intervals[0].zones[0].mean == pytest.approx(10 / 1.4 / 60, abs=0.005)
    assert [(line.inward, line.outward) for line in crowd.summary().lines] == [(1, 0)]


def test_minutes_begin_with_the_clocks_minute() -> None:
    crowd = analysis(datetime(2026, 5, 1, 12, 0, 45, tzinfo=UTC))
    intervals = run(crowd, ((tick * 0.2, pixels((5.0, 4.0))) for tick in range(500)))
    assert [interval.start.minute for interval in intervals] == [0, 1, 2]
    assert [interval.coverage for interval in intervals] == pytest.approx([15 / 60, 1.0, 25 / 60])
    assert [interval.zones[0].mean for interval in intervals] == pytest.approx([1.0, 1.0, 1.0])


def test_a_source_that_is_out_is_unknown_and_never_zero() -> None:
    crowd = analysis()
    intervals = run(crowd, ((tick * 0.2, pixels((5.0, 4.0))) for tick in range(151)), finish=False)
    intervals += minutes(crowd.advance(100.0))
    assert crowd.live().zones == (LiveZone("hall"),)
    intervals += minutes(crowd.advance(190.0))
    intervals += run(crowd, ((200 + tick * 0.2, NOBODY) for tick in range(100)))
    assert [interval.coverage for interval in intervals] == pytest.approx([30.2 / 60, 0, 0, 20 / 60], abs=1e-6)
    assert crossed(intervals[1]) == (None, None)
    assert intervals[1].zones == (ZoneOccupancy("hall", None, None, None, None),)
    assert intervals[0].zones[0].mean == pytest.approx(1.0)
    assert intervals[3].zones[0].mean == 0.0
    assert crossed(intervals[3]) == (0, 0)


def test_a_stream_with_gaps_covers_only_what_was_seen() -> None:
    seconds = [tick * 0.2 for tick in range(300) if not 100 <= tick < 150]
    (interval,) = run(analysis(), ((each, pixels((5.0, 4.0))) for each in seconds))
    assert interval.coverage == pytest.approx((60 - 10 - 0.2) / 60, abs=1e-6)
    assert interval.zones[0].least == 1


def test_a_run_without_a_picture_is_one_unknown_minute() -> None:
    (interval,) = run(analysis(), ())
    assert interval.coverage == 0.0
    assert interval.lines[0].inward is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 59), st.lists(st.floats(0.05, 40), min_size=1, max_size=60))
def test_minutes_follow_each_other_and_cover_what_was_seen(second: int, steps: list[float]) -> None:
    crowd = analysis(datetime(2026, 5, 1, 12, 0, second, tzinfo=UTC))
    times = np.cumsum([0.0, *steps])
    intervals = run(crowd, ((float(time), NOBODY) for time in times))
    starts = [interval.start for interval in intervals]
    assert all(later - earlier == timedelta(minutes=1) for earlier, later in pairwise(starts))
    assert all(0 <= interval.coverage <= 1 for interval in intervals)
    seen_for = sum(interval.coverage for interval in intervals) * 60
    assert seen_for == pytest.approx(crowd.summary().measured_seconds, abs=1e-6)
    assert seen_for <= times[-1] + 1.5 + 1e-6
