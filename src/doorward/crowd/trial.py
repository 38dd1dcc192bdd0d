"""A whole scene counted over walks that are known, and what came of it beside the truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.density import voronoi_cells
from doorward.crowd.geometry import Points
from doorward.crowd.kinematics import Kinematics, Motion
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.presence import Moment
from doorward.crowd.scene import Scene, Zone
from doorward.crowd.tracks import Track
from doorward.crowd.zones import ZoneCounter
from doorward.evaluation.counting import CountErrors, count_errors
from doorward.evaluation.tracking import TrackedMoment, TrackingScores, tracking_scores
from doorward.kernel.clock import Clock, Randomness

See = Callable[[Moment], Points]
"""From who is truly where to the foot-points, n x 2 pixels, that a detector gives."""


@dataclass(frozen=True, slots=True)
class LineTrial:
    """One line: crossings that were true, and that were counted."""

    id: str
    truth: Crossings
    counted: Crossings

    @property
    def errors(self) -> int:
        return abs(self.counted.inward - self.truth.inward) + abs(self.counted.outward - self.truth.outward)

    @property
    def number(self) -> int:
        return self.truth.inward + self.truth.outward


@dataclass(frozen=True, slots=True)
class TrialResult:
    """``occupancy``: of the number of people in each zone at each moment. ``density_mae`` (Voronoi, persons per square
    metre) and ``speed_mae`` (mean over the zone's people, m/s): likewise; None where there was nothing to compare.
    A scene without zones is one zone.
    """

    frames: int
    occupancy: CountErrors
    lines: tuple[LineTrial, ...]
    density_mae: float | None
    speed_mae: float | None
    tracking: TrackingScores

    @property
    def crossing_errors(self) -> int:
        return sum(line.errors for line in self.lines)

    @property
    def crossings(self) -> int:
        """The true ones."""
        return sum(line.number for line in self.lines)

    @property
    def crossing_error(self) -> float | None:
        """The sum of absolute errors over all lines and directions, over the true crossings; None without any."""
        return self.crossing_errors / self.crossings if self.crossings else None


def run_trial(
    scene: Scene,
    truth: Sequence[Moment],
    see: See,
    clock: Clock,
    randomness: Randomness,
    seen: Callable[[int], None] = lambda _: None,
) -> TrialResult:
    """Count ``truth`` as ``see`` sees it; ``seen`` is told how many moments are done."""
    settled: list[Motion] = []
    analysis = CrowdAnalysis(scene, "trial", clock, randomness, watch=settled.append)
    began = truth[0].seconds if truth else 0.0
    for number, moment in enumerate(truth, start=1):
        analysis.observe(moment.seconds - began, see(moment))
        seen(number)
    analysis.finish()
    counted = {line.id: Crossings(line.inward or 0, line.outward or 0) for line in analysis.summary().lines}
    walked = true_crossings(scene, truth)
    comparison = _Comparison(scene)
    for true, motion in zip(_motions(truth), settled, strict=True):
        comparison.add(true, motion)
    return TrialResult(
        frames=len(truth),
        occupancy=count_errors(comparison.counted, comparison.true),
        lines=tuple(LineTrial(line.id, walked[line.id], counted[line.id]) for line in scene.lines),
        density_mae=_mean(comparison.density_errors),
        speed_mae=_mean(comparison.speed_errors),
        tracking=tracking_scores(
            [
                TrackedMoment(true.ids, true.positions, motion.moment.ids, motion.moment.positions)
                for true, motion in zip(truth, settled, strict=True)
            ]
        ),
    )


def true_crossings(scene: Scene, truth: Sequence[Moment]) -> dict[str, Crossings]:
    """What crossed each line, by the same band as counts are."""
    counters = [LineCounter(line, scene.hysteresis) for line in scene.lines]
    totals = {counter.id: Crossings() for counter in counters}
    for moment in truth:
        people = [
            Track(person, (x, y), (0.0, 0.0), confirmed=True, unseen=0.0)
            for person, (x, y) in zip(moment.ids, moment.positions.tolist(), strict=True)
        ]
        for counter in counters:
            totals[counter.id] += counter.update(people)
    return totals


def _motions(truth: Sequence[Moment]) -> list[Motion]:
    kinematics = Kinematics()
    motions = [motion for moment in truth for motion in kinematics.update(moment)]
    return motions + list(kinematics.finish())


class _Comparison:
    """Counts, densities and speeds in every zone, moment by moment."""

    def __init__(self, scene: Scene) -> None:
        self._walkable: Polygon = scene.walkable_ground
        everywhere = Zone("everywhere", "", tuple(self._walkable.exterior.coords[:-1]))
        self._zones = [ZoneCounter(zone) for zone in scene.zones or (everywhere,)]
        self.counted: list[int] = []
        self.true: list[int] = []
        self.density_errors: list[float] = []
        self.speed_errors: list[float] = []

    def add(self, true: Motion, counted: Motion) -> None:
        cells, true_cells = (voronoi_cells(each.moment.positions, self._walkable) for each in (counted, true))
        for zone in self._zones:
            self.counted.append(zone.count(counted.moment.positions))
            self.true.append(zone.count(true.moment.positions))
            self.density_errors.append(abs(cells.density_in(zone.polygon) - true_cells.density_in(zone.polygon)))
            speed, true_speed = _mean_speed(zone, counted), _mean_speed(zone, true)
            if speed is not None and true_speed is not None:
                self.speed_errors.append(abs(speed - true_speed))


def _mean_speed(zone: ZoneCounter, motion: Motion) -> float | None:
    speeds = np.linalg.norm(motion.velocities[zone.inside(motion.moment.positions)], axis=1)
    known = speeds[~np.isnan(speeds)]
    return float(known.mean()) if len(known) else None


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
