"""One zone: who is in it, for how long, how dense and how fast."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import ndtr

from doorward.crowd.density import VoronoiCells
from doorward.crowd.dwell import DwellTable
from doorward.crowd.geometry import Points
from doorward.crowd.intervals import Density, PressurePeak, Speed, ZoneOccupancy
from doorward.crowd.kinematics import Motion
from doorward.crowd.levels import LevelTables
from doorward.crowd.pressure import Pressure
from doorward.crowd.scene import Zone

SLOW = 0.3
"""m/s, below which somebody stands or queues."""

Floats = NDArray[np.float64]


class ZoneCounter:
    """Counts positions inside a zone; a corner or edge is outside."""

    def __init__(self, zone: Zone) -> None:
        self.id = zone.id
        self.polygon = zone.polygon
        self._border = self.polygon.boundary
        shapely.prepare(self.polygon)
        shapely.prepare(self._border)

    def inside(self, positions: Points) -> NDArray[np.bool_]:
        """Which of n x 2 metres lie inside."""
        found = shapely.contains_xy(self.polygon, positions[:, 0], positions[:, 1])
        return np.asarray(found, dtype=np.bool_)

    def count(self, positions: Points) -> int:
        """How many of n x 2 metres lie inside."""
        return int(np.count_nonzero(self.inside(positions)))

    def variance(self, positions: Points, spreads: Floats) -> float:
        """Of the count: positions are known to a standard deviation of ``spreads`` metres (n), so that who is near
        the border may be on its other side."""
        if not len(positions):
            return 0.0
        distance = shapely.distance(shapely.points(positions), self._border)
        wrong = ndtr(-distance / spreads)
        return float((wrong * (1 - wrong)).sum())


class OccupancyMeter:
    """Time-weighted occupancy: each count weighs as many seconds as it lasted."""

    def __init__(self, zone_id: str) -> None:
        self._zone_id = zone_id
        self._seconds: defaultdict[int, float] = defaultdict(float)

    def add(self, count: int, seconds: float) -> None:
        self._seconds[count] += seconds

    def result(self) -> ZoneOccupancy:
        """Mean, least, most and 95th percentile; all ``None`` when no time was measured."""
        total = math.fsum(self._seconds.values())
        if total <= 0:
            return ZoneOccupancy(self._zone_id, None, None, None, None)
        mean = math.fsum(count * seconds for count, seconds in self._seconds.items()) / total
        return ZoneOccupancy(
            self._zone_id, mean, min(self._seconds), max(self._seconds), self._percentile(0.95 * total)
        )

    def _percentile(self, seconds: float) -> int:
        """The smallest count that was not exceeded for ``seconds``."""
        passed = 0.0
        for count in sorted(self._seconds):
            passed += self._seconds[count]
            if passed >= seconds:
                return count
        return max(self._seconds)


@dataclass(frozen=True, slots=True, eq=False)
class ZoneSample:
    """A zone at one second. ``variance``: of its ``count``. ``speeds``: m/s of those inside whose speed is known."""

    count: int
    variance: float
    voronoi: float
    worst: float
    speeds: Floats
    pressure: Pressure | None
    safety: int | None = None


def sample_zone(
    zone: ZoneCounter, motion: Motion, cells: VoronoiCells, spreads: Floats, pressure: Pressure | None
) -> ZoneSample:
    """What ``zone`` holds in ``motion``; ``spreads`` (n): how well each position is known, metres."""
    positions = motion.moment.positions
    inside = zone.inside(positions)
    speeds = np.linalg.norm(motion.velocities[inside], axis=1)
    return ZoneSample(
        count=int(np.count_nonzero(inside)),
        variance=zone.variance(positions, spreads),
        voronoi=cells.density_in(zone.polygon),
        worst=cells.worst_square_metre(zone.polygon),
        speeds=speeds[~np.isnan(speeds)],
        pressure=pressure,
    )


@dataclass(slots=True)
class ZoneMeter:
    """A zone over some time."""

    zone: ZoneCounter
    occupancy: OccupancyMeter = field(init=False)
    samples: list[ZoneSample] = field(default_factory=list)
    dwell: DwellTable = field(default_factory=DwellTable)

    def __post_init__(self) -> None:
        self.occupancy = OccupancyMeter(self.zone.id)

    def result(self, levels: LevelTables | None, speed_uncertainty: float | None) -> ZoneOccupancy:
        """Everything about the zone over that time."""
        counted = self.occupancy.result()
        if counted.mean is None or not self.samples:
            return counted
        area = self.zone.polygon.area
        spread = math.sqrt(math.fsum(s.variance for s in self.samples) / len(self.samples))
        density = Density(
            classic=counted.mean / area,
            voronoi=math.fsum(s.voronoi for s in self.samples) / len(self.samples),
            worst=max(s.worst for s in self.samples),
            uncertainty=spread / area,
        )
        held = [s.safety for s in self.samples if s.safety is not None]
        return ZoneOccupancy(
            counted.id,
            counted.mean,
            counted.least,
            counted.most,
            counted.p95,
            uncertainty=spread,
            density=density,
            speed=_speed(self.samples, speed_uncertainty),
            dwell=self.dwell,
            pressure=_peak(self.samples),
            service=levels.zone_service.label(levels.zone_service.of_density(density.voronoi)) if levels else None,
            safety=max(held, default=None),
        )


def _speed(samples: list[ZoneSample], uncertainty: float | None) -> Speed | None:
    speeds = np.concatenate([sample.speeds for sample in samples])
    if not len(speeds):
        return None
    return Speed(float(np.median(speeds)), float(np.mean(speeds < SLOW)), uncertainty)


def _peak(samples: list[ZoneSample]) -> PressurePeak | None:
    found = [sample.pressure for sample in samples if sample.pressure is not None]
    if not found:
        return None
    values = [each.value for each in found if each.value is not None]
    return PressurePeak(max(values, default=None), max(each.floor for each in found))
