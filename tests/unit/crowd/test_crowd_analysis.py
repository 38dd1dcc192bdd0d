"""Everything that an interval tells, of walks whose answers are known."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.intervals import MINUTE_SECONDS, QUARTER_SECONDS, AreaCount, IntervalAggregate, ZoneOccupancy
from doorward.crowd.scene import Area, Entrance, Line, Scene, Zone
from doorward.settings.crowd.levels_file import scene_levels
from fakes.crowd_scene import DEPTH, LINE, PIXELS_A_METRE, ZONE, CountingIds, FixedClock, overhead_scene

LEVELS = scene_levels({"sustained": 3}, Path())
Places = Callable[[float], list[tuple[float, float]]]


def scene(zones: tuple[Zone, ...] = (ZONE,), areas: tuple[Area, ...] = (), lines: tuple[Line, ...] = (LINE,)) -> Scene:
    plain = overhead_scene(zones=zones, lines=lines)
    return Scene(plain.name, plain.size, plain.correspondences, lines, zones, areas=areas, levels=LEVELS)


def started(of: Scene, areas: tuple[AreaCount, ...] = ()) -> CrowdAnalysis:
    clock = FixedClock(datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC))
    return CrowdAnalysis(of, "motion", clock, CountingIds(), areas=areas)


def pixels(places: list[tuple[float, float]]) -> np.ndarray:
    return np.array([(x * PIXELS_A_METRE, (DEPTH - y) * PIXELS_A_METRE) for x, y in places]).reshape(-1, 2)


def run(
    crowd: CrowdAnalysis, places: Places, seconds: float, step: float = 0.2, jitter: float = 0.02
) -> Iterator[IntervalAggregate]:
    rng = np.random.default_rng(1)
    for tick in range(round(seconds / step)):
        seen = pixels(places(tick * step))
        yield from crowd.observe(tick * step, seen + rng.normal(0, jitter * PIXELS_A_METRE, seen.shape))


def whole(of: Scene, places: Places, seconds: float = 60.0, step: float = 0.2) -> dict[int, IntervalAggregate]:
    """The first minute and the first quarter."""
    crowd = started(of)
    found = [*run(crowd, places, seconds, step), *crowd.finish()]
    return {interval.seconds: interval for interval in reversed(found)}


def grid(
    spacing: float, left: float = 3.25, near: float = 1.25, columns: int = 8, rows: int = 8
) -> list[tuple[float, float]]:
    return [(left + x * spacing, near + y * spacing) for x in range(columns) for y in range(rows)]


def zone_of(interval: IntervalAggregate) -> ZoneOccupancy:
    (zone,) = interval.zones
    return zone


def test_people_on_a_grid_have_its_density_and_stand_still() -> None:
    zone = Zone("hall", "", ((5.0, 3.0), (11.0, 3.0), (11.0, 6.0), (5.0, 6.0)))
    found = whole(scene((zone,)), lambda _: grid(1.0, 0.5, 0.5, 16, 9))
    for length in (MINUTE_SECONDS, QUARTER_SECONDS):
        told = zone_of(found[length])
        assert told.mean == pytest.approx(18, abs=0.2)
        assert told.density is not None
        assert told.density.classic == pytest.approx(1.0, abs=0.02)
        assert told.density.voronoi == pytest.approx(1.0, abs=0.02)
        assert told.density.worst == pytest.approx(1.0, abs=0.1)
        assert told.speed is not None
        assert told.speed.median < 0.1
        assert told.speed.slow > 0.98
        assert told.service == "D", "1 m2 a person"
        assert told.safety == 0
        assert told.pressure is not None
        assert told.pressure.pressure == 0, "too loose a crowd"
    assert found[QUARTER_SECONDS].coverage == pytest.approx(1 / 15)
    assert found[MINUTE_SECONDS].levels == LEVELS.version
    assert found[MINUTE_SECONDS].heat_map is None
    assert found[QUARTER_SECONDS].heat_map is not None


def test_a_knot_of_people_raises_the_safety_level_and_not_the_mean() -> None:
    told = zone_of(whole(scene(), lambda _: grid(0.5), 20)[MINUTE_SECONDS])
    assert told.density is not None
    assert told.density.worst == pytest.approx(4.0, rel=0.15)
    assert told.density.voronoi < 1.5
    assert told.safety == 2


def stream(second: float) -> list[tuple[float, float]]:
    """One in two seconds comes in over the line at 1.5 m/s, three metres apart from who walks beside."""
    return [
        (15.5 - 1.5 * (second - start), y)
        for start, y in ((2.0 * number, 2.5 + 3 * (number % 2)) for number in range(-5, 40))
        if 0.5 < 15.5 - 1.5 * (second - start) <= 15.5
    ]


def test_a_stream_has_its_flow_and_speed() -> None:
    found = whole(scene(), stream)[MINUTE_SECONDS]
    (line,) = found.lines
    assert line.inward == pytest.approx(30, abs=1)
    assert line.outward == 0
    assert line.flow_in == pytest.approx(30 / 9, rel=0.05)
    assert (line.service, line.safety) == ("A", 0)
    assert line.unresolved is not None
    assert line.unresolved <= 1
    told = zone_of(found)
    assert told.speed is not None
    assert told.speed.median == pytest.approx(1.5, abs=0.05)
    assert told.speed.slow < 0.02
    assert told.dwell is not None
    assert told.dwell.arrivals == pytest.approx(30, abs=2)
    assert sum(told.dwell.left) == pytest.approx(30, abs=3)


def test_whoever_loiters_on_the_line_crosses_nothing_and_is_told_as_unresolved() -> None:
    found = whole(scene(), lambda second: [(8.0 + 0.2 * np.sin(9 * second), 4.0)] if second < 50 else [])
    (line,) = found[MINUTE_SECONDS].lines
    assert (line.inward, line.outward, line.unresolved) == (0, 0, 2)


def test_at_one_picture_a_second_speeds_are_unknown_and_counts_are_not() -> None:
    told = whole(scene(), lambda _: [(6.0, 4.0), (9.0, 6.0)], step=1.0)[MINUTE_SECONDS]
    assert told.coverage > 0.9
    assert zone_of(told).mean == pytest.approx(2.0, abs=0.1)
    assert zone_of(told).speed is None


def test_pictures_two_seconds_apart_measure_nothing() -> None:
    told = whole(scene(), lambda _: [(6.0, 4.0)], step=2.0)[MINUTE_SECONDS]
    assert told.coverage == 0
    assert zone_of(told) == ZoneOccupancy("hall", None, None, None, None)


def test_a_live_level_is_sustained_before_it_changes_and_unknown_when_the_source_is_out() -> None:
    crowd = started(scene())
    levels = []
    dense = grid(0.5, columns=12, rows=12)
    for tick in range(100):
        crowd.observe(tick * 0.2, pixels(dense if tick >= 25 else []))
        levels.append(crowd.live().zones[0].safety)
    first = levels.index(2)
    assert 25 + (3.0 + 1.4) / 0.2 <= first <= 25 + 6.5 / 0.2
    assert set(levels[first:]) == {2}
    crowd.advance(25.0)
    assert crowd.live().zones[0].safety is None
    assert crowd.live().zones[0].count is None


def house(second: float) -> list[tuple[float, float]]:
    """Two stand in the zone, and from second 10 on one more comes in over the line and stays."""
    return [(5.0, 3.0), (6.0, 6.0), (max(4.5, 15.0 - 1.2 * max(0.0, second - 10)), 4.5)]


def test_an_area_is_counted_by_its_entrance_and_held_against_its_zone() -> None:
    zone = Zone("hall", "", ((1.0, 0.5), (8.0, 0.5), (8.0, 8.5), (1.0, 8.5)))
    area = Area("house", "", (Entrance("door"),), ("hall",))
    crowd = started(scene((zone,), (area,)))
    first, second = (i for i in [*run(crowd, house, 100), *crowd.finish()] if i.seconds == MINUTE_SECONDS)
    (told,) = first.areas
    assert told.people == pytest.approx(3.0, abs=0.2), "two by the zone, one by the door"
    assert told.anchor == "zones"
    assert told.zones == pytest.approx(2.0)
    assert second.areas[0].people == pytest.approx(3.0, abs=0.2)
    assert second.areas[0].zones == pytest.approx(0.0, abs=0.2)
    assert second.areas[0].anchor == "zones"
    (unseen, *_) = [each for each in crowd.advance(200) if each.seconds == MINUTE_SECONDS]
    assert unseen.areas[0].anchor is None, "who crossed meanwhile was not counted"
    assert crowd.live().areas[0].people == pytest.approx(3.0, abs=0.2)


def test_a_zone_with_a_limit_tells_when_it_is_reached() -> None:
    zone = Zone("hall", "", ZONE.corners, limit=30)
    crowd = started(scene((zone,)))
    filling = grid(1.0, 3.5, 1.5, 10, 6)
    for tick in range(600):
        crowd.observe(tick * 0.2, pixels(filling[: tick // 50]))
    found = crowd.live().zones[0].to_limit
    assert found is not None
    assert found.seconds == pytest.approx(180, abs=30), "one in ten seconds, eighteen missing"
    assert crowd.live().zones[0].voronoi is not None


def test_who_is_near_the_border_makes_the_count_uncertain() -> None:
    inside = whole(scene(), lambda _: [(8.0, 4.5), (5.0, 3.0)])[MINUTE_SECONDS]
    border = whole(scene(), lambda _: [(3.02, 4.5), (12.98, 3.0)])[MINUTE_SECONDS]
    assert zone_of(inside).uncertainty == pytest.approx(0.0, abs=1e-3)
    told = zone_of(border).uncertainty
    assert told is not None
    assert told > 0.5, "each is about as likely on either side"


def test_an_area_goes_on_from_what_was_stored() -> None:
    area = Area("house", "", (Entrance("door", reversed=True),))
    before = AreaCount("house", 17.0, 2.0, 1.02, "closed")
    crowd = started(scene(areas=(area,)), (before,))
    found = [*run(crowd, stream, 30), *crowd.finish()]
    told = next(i for i in found if i.seconds == MINUTE_SECONDS).areas[0]
    assert told.people == pytest.approx(17 - 14, abs=1.5)
    assert (told.ratio, told.anchor) == (1.02, "closed")
    assert told.uncertainty > 2.0


class NamedIds(CountingIds):
    def uuid(self) -> str:
        return f"track {super().uuid()}"


def texts_in(value: object, seen: set[int]) -> Iterator[str]:
    """Every text that can be reached from ``value``."""
    if id(value) in seen or isinstance(value, (type, np.ndarray)):
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
    parts: list[object] = [getattr(value, slot, None) for kind in type(value).__mro__ for slot in slots(kind)]
    parts += list(vars(value).values()) if hasattr(value, "__dict__") else []
    if isinstance(value, dict):
        parts += [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        parts += list(value)
    for part in parts:
        yield from texts_in(part, seen)


def slots(kind: type) -> tuple[str, ...]:
    named = getattr(kind, "__slots__", ())
    return (named,) if isinstance(named, str) else tuple(named)


def test_nothing_remembers_a_track_that_is_gone() -> None:
    clock = FixedClock(datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC))
    crowd = CrowdAnalysis(scene(), "motion", clock, NamedIds())
    told = list(run(crowd, stream, 20))
    assert any(text.startswith("track ") for text in texts_in(crowd, set()))
    for tick in range(100, 130):
        told += crowd.observe(tick * 0.2, pixels([]))
    assert not any(text.startswith("track ") for text in texts_in(crowd, set()))
    for tick in range(130, 200):
        crowd.observe(tick * 0.2, pixels(stream(tick * 0.2)))
    assert any(text.startswith("track ") for text in texts_in(crowd, set()))
    told += crowd.advance(44.0)
    assert not any(text.startswith("track ") for text in texts_in([crowd, told], set()))
