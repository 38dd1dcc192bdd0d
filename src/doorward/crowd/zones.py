"""How many people are in a zone, weighted by time."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from shapely import contains_xy, prepare

from doorward.crowd.intervals import ZoneOccupancy
from doorward.crowd.scene import Zone


class ZoneCounter:
    """Counts positions inside a zone; a corner or edge is outside."""

    def __init__(self, zone: Zone) -> None:
        self.id = zone.id
        self._polygon = zone.polygon
        prepare(self._polygon)

    def count(self, positions: Sequence[tuple[float, float]]) -> int:
        """How many of the positions (metres) lie inside."""
        if not positions:
            return 0
        points = np.asarray(positions)
        return int(np.count_nonzero(contains_xy(self._polygon, points[:, 0], points[:, 1])))


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
