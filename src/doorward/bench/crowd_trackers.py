"""Trackers by their counting error: ours beside those of the package ``trackers``, fed the same poor detections.

Those pair boxes in the picture by their overlap (IoU). Each foot-point becomes a square of a person's width, once as it
is and once widened. ``trackers`` brings a second ``cv2`` along, so it is not installed with Doorward.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Any, Protocol

import numpy as np

from doorward.adapters.system import SystemRandomness
from doorward.crowd.geometry import Homography, Points
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.noisy_sight import NoisySight, SightNoise
from doorward.crowd.presence import Moment
from doorward.crowd.scene import Scene
from doorward.crowd.tracks import Track, Tracker
from doorward.crowd.trial import true_crossings
from doorward.errors import WrongUse

BOX_METRES = (0.5, 1.0)
HELD_SECONDS = 2.0
"""A track that is out of sight so long is still the same person's, as for ours."""

IOU_TRACKERS = {"SORT": "SORTTracker", "ByteTrack": "ByteTrackTracker", "OC-SORT": "OCSORTTracker"}


class Contender(Protocol):
    def update(self, seconds: float, pixels: Points) -> Sequence[Track]:
        """Everybody that is followed at ``seconds``, after foot-points of n x 2 pixels."""
        ...


@dataclass(frozen=True, slots=True)
class TrackerFigures:
    """``crossing_error``: mean over the seeds of the sum of absolute errors over the true crossings.

    ``milliseconds``: of processor time a moment.
    """

    name: str
    crossing_error: float
    milliseconds: float


class Ours:
    """The tracker that serves, in metres."""

    def __init__(self, scene: Scene) -> None:
        self._homography = scene.homography
        self._tracker = Tracker(SystemRandomness(), scene.tracker)

    def update(self, seconds: float, pixels: Points) -> Sequence[Track]:
        return self._tracker.update(seconds, self._homography.to_ground(pixels))


@dataclass(slots=True)
class ByOverlap:
    """A tracker of the package at its defaults but for the frame rate; boxes of ``side`` metres."""

    homography: Homography
    tracker: Any
    boxes: Callable[..., Any]
    side: float
    _last: dict[int, tuple[float, tuple[float, float]]] = field(default_factory=dict)

    def update(self, seconds: float, pixels: Points) -> Sequence[Track]:
        half = self.side / 2 / np.sqrt(self.homography.area_scale(pixels))[:, None]
        boxes = np.hstack([pixels - half, pixels + half]).astype(np.float32)
        found = self.tracker.update(self.boxes(xyxy=boxes, confidence=np.full(len(boxes), 0.9, dtype=np.float32)))
        middles = self.homography.to_ground(np.asarray(found.xyxy, dtype=np.float64).reshape(-1, 2, 2).mean(axis=1))
        for track, (x, y) in zip(found.tracker_id, middles.tolist(), strict=True):
            if track >= 0:
                self._last[int(track)] = (seconds, (x, y))
        self._last = {track: seen for track, seen in self._last.items() if seconds - seen[0] <= HELD_SECONDS}
        return [
            Track(str(track), place, (0.0, 0.0), confirmed=True, unseen=seconds - seen)
            for track, (seen, place) in self._last.items()
        ]


def contenders(rate: float) -> dict[str, Callable[[Scene], Contender]]:
    """Every contender by its name; ``WrongUse`` says how to get the package where it is missing."""
    try:
        package: Any = importlib.import_module("trackers")
        boxes: Any = importlib.import_module("supervision").Detections
    except ImportError:
        raise WrongUse(
            "The package trackers is not installed; make another environment for it, as it brings a second cv2: "
            "`python3 -m venv other`, then install Doorward and trackers there."
        ) from None
    found: dict[str, Callable[[Scene], Contender]] = {"Doorward": Ours}
    for name, kind in IOU_TRACKERS.items():
        for side in BOX_METRES:

            def made(scene: Scene, kind: str = kind, side: float = side) -> Contender:
                return ByOverlap(scene.homography, getattr(package, kind)(frame_rate=rate), boxes, side)

            found[f"{name}, boxes of {side:g} m"] = made
    return found


def run(
    scene: Scene,
    truth: Sequence[Moment],
    noise: Sequence[SightNoise],
    rivals: dict[str, Callable[[Scene], Contender]],
    on_progress: Callable[[int], None],
) -> tuple[TrackerFigures, ...]:
    """Every rival over ``truth``, once for each of ``noise``; told after each how many runs are done."""
    walked = true_crossings(scene, truth)
    number = sum(crossed.inward + crossed.outward for crossed in walked.values())
    if not number:
        raise WrongUse("Nobody in the trajectories crosses a line of the scene; draw the lines where people walk.")
    sights = [NoisySight(scene.homography, truth, each) for each in noise]
    moments = [[(moment.seconds, sight.see(moment)) for moment in truth] for sight in sights]
    figures: list[TrackerFigures] = []
    for name, make in rivals.items():
        errors, spent = [], 0.0
        for points in moments:
            began = process_time()
            counted = _count(scene, make(scene), points)
            spent += process_time() - began
            errors.append(sum(_off(counted[line], walked[line]) for line in walked) / number)
            on_progress(len(figures) * len(moments) + len(errors))
        figures.append(TrackerFigures(name, float(np.mean(errors)), spent / len(moments) / len(truth) * 1000))
    return tuple(figures)


def _count(scene: Scene, contender: Contender, moments: Sequence[tuple[float, Points]]) -> dict[str, Crossings]:
    counters = [LineCounter(line, scene.hysteresis) for line in scene.lines]
    totals = {counter.id: Crossings() for counter in counters}
    for seconds, points in moments:
        tracks = contender.update(seconds, points)
        for counter in counters:
            totals[counter.id] += counter.update(tracks)
    return totals


def _off(counted: Crossings, truth: Crossings) -> int:
    return abs(counted.inward - truth.inward) + abs(counted.outward - truth.outward)
