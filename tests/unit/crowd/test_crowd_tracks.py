"""Following real walks fed as noisy detections: crossings and occupancy against the truth."""

from collections import defaultdict

import numpy as np
import pytest

from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.presence import Presence
from doorward.crowd.scene import Line
from doorward.crowd.tracks import Tracker, TrackerSettings
from doorward.errors import WrongUse
from fakes.crowd_scene import CountingIds, seen
from shared_data import shared

Moments = list[tuple[float, list[tuple[int, float, float]]]]
STEP = 0.2
LINES = {
    "zara01": [Line(f"at-{x}", "", (x, -2.0), (x, 14.0)) for x in (4.0, 7.5, 11.0)],
    "hotel": [Line(f"at-{y}", "", (-5.0, y), (6.0, y)) for y in (-6.0, -3.0, 0.0)],
}


def real_walks(name: str) -> dict[int, np.ndarray]:
    """Seconds, x and y of each person; the file counts 25 frames a second."""
    walks: defaultdict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for frame, person, x, y, *_ in np.loadtxt(shared("trajectories", f"{name}.txt")):
        walks[int(person)].append((frame / 25, x, y))
    return {person: np.array(points) for person, points in walks.items()}


def joined(walks: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Walks that continue another within 2 s and 0.8 m of where it was going are one: the same person, lost by hand."""
    for later in sorted(walks, key=lambda person: walks[person][0, 0]):
        start = walks[later][0]
        best = min(((gap_to(walk, start), person) for person, walk in walks.items() if person != later), default=None)
        if best is not None and best[0] < 0.8:
            walks[later] = np.vstack([walks.pop(best[1]), walks[later]])
    return walks


def gap_to(walk: np.ndarray, start: np.ndarray) -> float:
    gone = start[0] - walk[-1, 0]
    if not 0 < gone <= 2:
        return np.inf
    velocity = (walk[-1, 1:] - walk[-2, 1:]) / (walk[-1, 0] - walk[-2, 0]) if len(walk) > 1 else np.zeros(2)
    return float(np.hypot(*(walk[-1, 1:] + velocity * gone - start[1:])))


def five_a_second(walks: dict[int, np.ndarray]) -> Moments:
    moments: defaultdict[int, list[tuple[int, float, float]]] = defaultdict(list)
    for person, walk in walks.items():
        for tick in range(int(np.ceil(walk[0, 0] / STEP - 1e-9)), int(walk[-1, 0] / STEP + 1e-9) + 1):
            x, y = (float(np.interp(tick * STEP, walk[:, 0], walk[:, axis])) for axis in (1, 2))
            moments[tick].append((person, x, y))
    return [(tick * STEP, moments[tick]) for tick in range(min(moments), max(moments) + 1)]


def true_crossings(moments: Moments, line: Line) -> Crossings:
    counter, total = LineCounter(line, 0.3), Crossings()
    for _, people in moments:
        total += counter.update(seen(x, y, str(person)) for person, x, y in people)
    return total


def observed(moments: Moments, lines: list[Line], dropout: float, seed: int) -> tuple[list[Crossings], float]:
    """Crossings by line, and the mean absolute error of the number of people, with 5 cm jitter and 3% false points."""
    rng = np.random.default_rng(seed)
    everywhere = np.array([(x, y) for _, people in moments for _, x, y in people])
    tracker, presence = Tracker(CountingIds()), Presence()
    counters, totals = [LineCounter(line, 0.3) for line in lines], [Crossings() for _ in lines]
    counts = []
    for seconds, people in moments:
        places = np.array([(x, y) for _, x, y in people]).reshape(-1, 2)
        places = places[rng.random(len(places)) >= dropout]
        false = rng.uniform(everywhere.min(axis=0), everywhere.max(axis=0), (rng.binomial(len(people), 0.03), 2))
        tracks = tracker.update(seconds, np.vstack([places + rng.normal(0, 0.05, places.shape), false]))
        totals = [total + counter.update(tracks) for total, counter in zip(totals, counters, strict=True)]
        counts += [len(moment.positions) for moment in presence.update(seconds, tracks)]
    counts += [len(moment.positions) for moment in presence.finish()]
    return totals, float(np.mean([abs(n - len(people)) for n, (_, people) in zip(counts, moments, strict=True)]))


@pytest.mark.parametrize(("name", "limits", "seeds"), [("zara01", (0.01, 0.015), 2), ("hotel", (0.03, 0.04), 1)])
def test_real_walks_are_counted(name: str, limits: tuple[float, float], seeds: int) -> None:
    moments = five_a_second(joined(real_walks(name)))
    truth = [true_crossings(moments, line) for line in LINES[name]]
    number = sum(each.inward + each.outward for each in truth)
    assert number > 400
    for dropout, limit in zip((0.05, 0.2), limits, strict=True):
        errors, occupancy_errors = [], []
        for seed in range(seeds):
            counted, occupancy_error = observed(moments, LINES[name], dropout, seed)
            pairs = list(zip(counted, truth, strict=True))
            errors.append(sum(abs(c.inward - t.inward) + abs(c.outward - t.outward) for c, t in pairs) / number)
            occupancy_errors.append(occupancy_error)
        assert np.mean(errors) <= limit
        assert np.mean(occupancy_errors) <= 0.3


def test_two_who_pass_each_other_keep_their_tracks() -> None:
    tracker = Tracker(CountingIds())
    for step in range(30):
        x = 0.2 * 1.3 * step
        tracks = tracker.update(step * 0.2, np.array([(x, 0.0), (7.0 - x, 0.35)]))
    assert len(tracks) == 2
    right, left = sorted(tracks, key=lambda track: track.id)
    assert right.velocity[0] == pytest.approx(1.3, abs=0.2)
    assert left.velocity[0] == pytest.approx(-1.3, abs=0.2)


def test_ids_die_with_the_lost_track_and_at_most_a_minute_later() -> None:
    tracker = Tracker(CountingIds(), TrackerSettings(lost_seconds=60.0))
    for step in range(5):
        tracker.update(step * 0.2, np.array([(1.0, 1.0)]))
    assert len(tracker.update(60.0, np.zeros((0, 2)))) == 1
    assert tracker.update(60.9, np.zeros((0, 2))) == ()
    for seconds in (0.0, 60.5, -1.0):
        with pytest.raises(WrongUse):
            TrackerSettings(lost_seconds=seconds)


def test_a_single_false_point_is_never_believed() -> None:
    tracker = Tracker(CountingIds())
    tracker.update(0.0, np.array([(1.0, 1.0)]))
    for step in range(1, 6):
        assert not any(track.confirmed for track in tracker.update(step * 0.2, np.zeros((0, 2))))


def test_two_hundred_people_take_at_most_ten_milliseconds_a_frame() -> None:
    import time

    rng = np.random.default_rng(0)
    places, tracker, spent = rng.uniform(0, 30, (200, 2)), Tracker(CountingIds()), []
    for step in range(25):
        places = places + rng.normal(0, 0.05, places.shape)
        started = time.process_time()
        tracker.update(step * 0.2, places)
        spent.append(time.process_time() - started)
    assert np.median(spent) <= 0.010
