"""How long people stay in a zone, with those who have not left counted as what they are: still there.

A visit whose end was not seen is right-censored, one whose beginning was not seen is left-truncated. Both are at risk
of leaving while they are seen, and add nothing else: a period life table (Preston, Heuveline and Guillot, Demography,
2001, chapter 3). Tables add up, so a quarter of an hour is the sum of its minutes.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, inf, log

import numpy as np
import shapely

from doorward.crowd.presence import Moment
from doorward.crowd.scene import Zone

EDGES = (0.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, inf)
"""Seconds since the visit began; the last bin is open."""

BORDER_METRES = 1.0
"""Whoever vanishes or appears nearer to the border than this walked over it."""


@dataclass(slots=True)
class DwellTable:
    """By bin of ``EDGES``: how many ``left`` at that age, and the person-seconds ``stayed`` in it.

    ``arrivals``: visits that began at the border. ``lost``: visits that ended in the middle of the zone, censored.
    """

    left: list[int] = field(default_factory=lambda: [0] * (len(EDGES) - 1))
    stayed: list[float] = field(default_factory=lambda: [0.0] * (len(EDGES) - 1))
    arrivals: int = 0
    lost: int = 0

    def stay(self, age: float, seconds: float) -> None:
        """Somebody was there from ``age`` seconds after their arrival for ``seconds`` more."""
        while seconds > 0:
            bin_ = bisect_right(EDGES, age) - 1
            part = min(seconds, EDGES[bin_ + 1] - age)
            self.stayed[bin_] += part
            age += part
            seconds -= part

    def leave(self, age: float) -> None:
        self.left[bisect_right(EDGES, age) - 1] += 1

    def add(self, other: "DwellTable") -> None:
        self.left = [a + b for a, b in zip(self.left, other.left, strict=True)]
        self.stayed = [a + b for a, b in zip(self.stayed, other.stayed, strict=True)]
        self.arrivals += other.arrivals
        self.lost += other.lost


def median_dwell(left: Sequence[int], stayed: Sequence[float]) -> float | None:
    """Seconds after which half of the visits have ended; None while fewer than half are seen to end.

    The chance of leaving is taken as even within a bin (piecewise exponential).
    """
    waited = log(2)
    for (low, high), went, time in zip(pairwise(EDGES), left, stayed, strict=True):
        if time <= 0:
            return None
        rate = went / time
        if rate > 0 and waited <= rate * (high - low):
            return low + waited / rate
        waited -= rate * (high - low) if rate > 0 else 0.0
    return None


def share_staying(left: Sequence[int], stayed: Sequence[float]) -> tuple[float, ...]:
    """The share of visits that outlast the end of each bin but the open one, as far as anybody was seen there."""
    shares, hazard = [], 0.0
    for (low, high), went, time in zip(pairwise(EDGES[:-1]), left, stayed, strict=False):
        if time <= 0:
            break
        hazard += went / time * (high - low)
        shares.append(exp(-hazard))
    return tuple(shares)


def waiting_time(occupancy: float, arrivals: int, seconds: float) -> float | None:
    """Mean seconds in a zone by Little's law (Operations Research 9, 1961): people there over arrivals a second.

    None without arrivals. It needs no track to hold from entry to exit, but a steady state.
    """
    return occupancy * seconds / arrivals if arrivals else None


@dataclass(slots=True)
class _Visit:
    """``began`` and was seen ``last`` at so many seconds, the last time at ``row`` of the last moment."""

    began: float
    last: float
    row: int


class VisitBook:
    """The visits under way in one zone. A visit ends beyond ``hysteresis`` metres outside the border.

    ``arrived``: the tracks whose visits began in the last update.
    """

    def __init__(self, zone: Zone, hysteresis: float) -> None:
        self._inner = zone.polygon
        self._outer = self._inner.buffer(hysteresis)
        self._border = self._inner.boundary
        for shape in (self._inner, self._outer, self._border):
            shapely.prepare(shape)
        self._visits: dict[str, _Visit] = {}
        self._before: Moment | None = None
        self.arrived: list[str] = []

    def update(self, moment: Moment, seconds: float) -> DwellTable:
        """What happened up to ``moment``, ``seconds`` after the one before (0 after a gap)."""
        table = DwellTable()
        self.arrived = []
        places, rows = moment.positions, {person: row for row, person in enumerate(moment.ids)}
        still = shapely.contains_xy(self._outer, places[:, 0], places[:, 1])
        for person, visit in list(self._visits.items()):
            row = rows.get(person)
            if row is not None:
                table.stay(visit.last - visit.began, seconds)
            visit.last = moment.seconds
            if row is None or not still[row]:
                self._end(person, visit, gone=row is None, table=table)
            else:
                visit.row = row
        known = set(self._before.ids) if self._before else set()
        for row in np.flatnonzero(shapely.contains_xy(self._inner, places[:, 0], places[:, 1])).tolist():
            person = moment.ids[row]
            if person not in self._visits:
                self._visits[person] = _Visit(moment.seconds, moment.seconds, row)
                if person in known or self._is_near(moment, row):
                    self.arrived.append(person)
        table.arrivals = len(self.arrived)
        self._before = moment
        return table

    def forget(self) -> None:
        """The source is out: every visit is censored."""
        self._visits.clear()
        self._before = None
        self.arrived = []

    def _end(self, person: str, visit: _Visit, *, gone: bool, table: DwellTable) -> None:
        if gone and self._before is not None and not self._is_near(self._before, visit.row):
            table.lost += 1
        else:
            table.leave(visit.last - visit.began)
        del self._visits[person]

    def _is_near(self, moment: Moment, row: int) -> bool:
        return bool(shapely.distance(shapely.Point(moment.positions[row]), self._border) <= BORDER_METRES)
