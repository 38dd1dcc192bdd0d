"""Counting in zones and over lines beside supervision's, fed the same tracks of the same poor detections.

Both are given tracks by Doorward's tracker, so that what differs is the counting alone. supervision works in pixels:
each foot-point is the middle of a box.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np

from doorward.adapters.system import SystemRandomness
from doorward.bench.crowd import seen_moments
from doorward.bench.crowd_people import wide_scene
from doorward.crowd.geometry import as_points
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.scene import Scene
from doorward.crowd.tracks import Track, Tracker
from doorward.crowd.trial import true_crossings
from doorward.crowd.zones import ZoneCounter
from doorward.errors import WrongUse

HALF_BOX = 8.0
"""Pixels: a person's half width from above, at 32 pixels a metre."""


@dataclass(frozen=True, slots=True)
class CounterFigures:
    """``crossing_error``: the sum of absolute errors over the true crossings. ``occupancy_mae``: persons in a zone.

    ``loiterer_crossings``: counted of people who stand on the line and never cross it. ``milliseconds``: a moment.
    """

    name: str
    crossing_error: float
    loiterer_crossings: int
    occupancy_mae: float
    milliseconds: float


class Doorward:
    """Lines with a band in metres, zones in metres."""

    name = "Doorward"

    def __init__(self, scene: Scene) -> None:
        self._lines = [LineCounter(line, scene.hysteresis) for line in scene.lines]
        self._zones = [ZoneCounter(zone) for zone in scene.zones]
        self.crossed = Crossings()

    def update(self, tracks: Sequence[Track]) -> list[int]:
        for line in self._lines:
            self.crossed += line.update(tracks)
        present = as_points([track.position for track in tracks if track.confirmed and track.unseen == 0.0])
        return [zone.count(present) for zone in self._zones]


class Supervision:
    """Its ``LineZone`` and ``PolygonZone`` as they are by default, but for the anchor: the middle of the box."""

    name = "supervision"

    def __init__(self, scene: Scene, package: Any) -> None:
        self._homography, self._package = scene.homography, package
        centre = [package.Position.CENTER]
        self._lines = []
        for line in scene.lines:
            ends = scene.homography.to_image(as_points([line.start, line.end]))
            start, end = (package.Point(*place) for place in ends.tolist())
            self._lines.append(package.LineZone(start=start, end=end, triggering_anchors=centre))
        self._zones = [
            package.PolygonZone(
                polygon=scene.homography.to_image(as_points(list(zone.corners))).round().astype(int),
                triggering_anchors=centre,
            )
            for zone in scene.zones
        ]

    @property
    def crossed(self) -> Crossings:
        return Crossings(sum(line.in_count for line in self._lines), sum(line.out_count for line in self._lines))

    def update(self, tracks: Sequence[Track]) -> list[int]:
        seen = [track for track in tracks if track.confirmed and track.unseen == 0.0]
        middles = self._homography.to_image(as_points([track.position for track in seen]))
        boxes = np.hstack([middles - HALF_BOX, middles + HALF_BOX]).astype(np.float32)
        numbers = np.array([hash(track.id) & 0x7FFFFFFF for track in seen], dtype=int)
        found = self._package.Detections(xyxy=boxes.reshape(-1, 4), tracker_id=numbers)
        for line in self._lines:
            line.trigger(found)
        return [int(np.count_nonzero(zone.trigger(found))) for zone in self._zones]


def run(people: int = 40, loiterers: int = 5, seconds: float = 120.0) -> tuple[CounterFigures, ...]:
    """Both over the same tracks; ``WrongUse`` says how to get supervision where it is missing."""
    try:
        package: Any = importlib.import_module("supervision")
    except ImportError:
        raise WrongUse("The package supervision is not installed; install Doorward with its extra `bench`.") from None
    makers: tuple[Callable[[], Any], ...] = (
        lambda: Doorward(wide_scene()),
        lambda: Supervision(wide_scene(), package),
    )
    return tuple(_figures(make, people, loiterers, seconds) for make in makers)


def _figures(make: Callable[[], Any], people: int, loiterers: int, seconds: float) -> CounterFigures:
    walking, standing = make(), make()
    errors, spent = _count(walking, people, 0, seconds)
    alone, _ = _count(standing, 0, loiterers, seconds)
    truth, _ = seen_moments(people, 0, seconds)
    walked = true_crossings(wide_scene(), truth)["middle"]
    counted: Crossings = walking.crossed
    # Which way its "in" goes is each package's own.
    off = min(
        abs(counted.inward - inward) + abs(counted.outward - outward)
        for inward, outward in ((walked.inward, walked.outward), (walked.outward, walked.inward))
    )
    loitered: Crossings = standing.crossed
    return CounterFigures(
        walking.name,
        off / max(1, walked.inward + walked.outward),
        loitered.inward + loitered.outward,
        float(np.mean(errors + alone)),
        spent,
    )


def _count(counter: Any, people: int, loiterers: int, seconds: float) -> tuple[list[float], float]:
    """Absolute errors of each zone's count at each moment, and milliseconds a moment."""
    scene = wide_scene()
    tracker = Tracker(SystemRandomness(), scene.tracker)
    zones = [ZoneCounter(zone) for zone in scene.zones]
    truth, seen = seen_moments(people, loiterers, seconds)
    errors, spent = [], 0.0
    for true, (moment, points) in zip(truth, seen, strict=True):
        tracks = tracker.update(moment, scene.homography.to_ground(points))
        began = process_time()
        counts = counter.update(tracks)
        spent += process_time() - began
        errors += [abs(count - zone.count(true.positions)) for count, zone in zip(counts, zones, strict=True)]
    return errors, spent / len(truth) * 1000
