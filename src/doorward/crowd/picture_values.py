"""What pictures of a crowd show, out of stored intervals. What was suppressed or not seen is NaN."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import hypot

import numpy as np
from numpy.typing import NDArray

from doorward.crowd.heat_map import HeatMap
from doorward.crowd.intervals import IntervalAggregate
from doorward.crowd.levels import LevelTable, Quantity
from doorward.crowd.scene import Line
from doorward.errors import NotFound

Floats = NDArray[np.float64]


def mean_heat_map(quarters: Sequence[IntervalAggregate]) -> HeatMap:
    """The mean of the quarters' heat maps, each square over the quarters in which it was shown.

    ``NotFound`` when there is none. Maps of another grid than the last one's, as before the scene was redrawn, are
    left out.
    """
    drawn = [quarter.heat_map for quarter in quarters if quarter.heat_map is not None]
    if not drawn:
        raise NotFound("No quarter of an hour with a heat map is stored for that time; name another.")
    same = [each for each in drawn if each.grid == drawn[-1].grid]
    occupancy = np.stack([each.occupancy for each in same])
    velocity = np.stack([each.velocity for each in same])
    weights = np.where(np.isnan(velocity[..., 0]), 0.0, np.nan_to_num(occupancy))
    with np.errstate(invalid="ignore", divide="ignore"):
        shown = (~np.isnan(occupancy)).sum(axis=0)
        mean = np.where(shown > 0, np.nansum(occupancy, axis=0) / shown, np.nan)
        total = weights.sum(axis=0)
        moving = (weights[..., None] * np.nan_to_num(velocity)).sum(axis=0) / total[..., None]
    return replace(same[-1], occupancy=mean, velocity=np.where(total[..., None] > 0, moving, np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class DensitySeries:
    """Persons per square metre of one zone by the beginning of each minute; NaN where it was not seen."""

    zone: str
    times: tuple[datetime, ...]
    density: Floats


def density_series(minutes: Sequence[IntervalAggregate], zone: str | None) -> tuple[DensitySeries, ...]:
    """Of ``zone``, or of every zone; a gap for every minute that is missing. ``NotFound`` when there is none."""
    names = dict.fromkeys(each.id for minute in minutes for each in minute.zones if zone in (None, each.id))
    if not names:
        raise NotFound("No minute with that zone is stored for that time; name another.")
    return tuple(_series(minutes, name) for name in names)


def _series(minutes: Sequence[IntervalAggregate], zone: str) -> DensitySeries:
    times: list[datetime] = []
    values: list[float] = []
    for minute in minutes:
        if times and minute.start - times[-1] > timedelta(seconds=minute.seconds):
            times.append(times[-1] + timedelta(seconds=minute.seconds))
            values.append(np.nan)
        found = next((each for each in minute.zones if each.id == zone), None)
        times.append(minute.start)
        values.append(found.density.voronoi if found and found.density else np.nan)
    return DensitySeries(zone, tuple(times), np.array(values))


def density_bounds(table: LevelTable) -> tuple[float, ...]:
    """The bounds of a zone's table in persons per square metre, ascending."""
    if table.quantity is Quantity.AREA:
        return tuple(sorted(1 / bound for bound in table.bounds))
    return table.bounds


@dataclass(frozen=True, slots=True, eq=False)
class TimeSpace:
    """Flow across a line, persons per metre and minute, *in* above 0: metres along it x quarters, NaN where nothing
    is shown. ``edges``: of the quarters, one more than there are.
    """

    line: str
    edges: tuple[datetime, ...]
    metres: Floats
    flow: Floats


def time_space(quarters: Sequence[IntervalAggregate], line: Line) -> TimeSpace:
    """Density times the velocity across ``line``, in the squares of the ground that it crosses.

    ``NotFound`` when no heat map is stored.
    """
    drawn = [quarter for quarter in quarters if quarter.heat_map is not None]
    if not drawn:
        raise NotFound("No quarter of an hour with a heat map is stored for that time; name another.")
    (x0, y0), (x1, y1) = line.start, line.end
    length = hypot(x1 - x0, y1 - y0)
    along = (np.arange(max(1, round(length))) + 0.5) * length / max(1, round(length))
    places = np.stack([x0 + (x1 - x0) * along / length, y0 + (y1 - y0) * along / length], axis=1)
    inward = np.array([-(y1 - y0), x1 - x0]) / length
    step = timedelta(seconds=drawn[0].seconds)
    number = (drawn[-1].start - drawn[0].start) // step + 1
    flow = np.full((len(along), number), np.nan)
    for quarter in drawn:
        if quarter.heat_map is not None:
            flow[:, (quarter.start - drawn[0].start) // step] = _across(quarter.heat_map, places, inward)
    edges = tuple(drawn[0].start + step * column for column in range(number + 1))
    metres = np.linspace(0.0, length, len(along) + 1)
    return TimeSpace(line.id, edges, metres, flow)


def _across(drawn: HeatMap, places: Floats, inward: Floats) -> Floats:
    cells = drawn.grid.cells(places)
    density = drawn.occupancy.ravel() / drawn.grid.side**2
    speed = drawn.velocity.reshape(-1, 2) @ inward
    # Where nobody stood there is no velocity, and no flow either.
    flow = np.where(density == 0, 0.0, density * speed * 60)
    return np.where(cells >= 0, flow[cells], np.nan)
