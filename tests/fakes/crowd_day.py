"""Two hours of a scene as they would have been stored: two streams of people who cross, and a camera that was out."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from doorward.crowd.heat_map import Grid, HeatMap
from doorward.crowd.intervals import Density, IntervalAggregate, ZoneOccupancy
from fakes.crowd_intervals import NOON, full_quarter, full_zone

GRID = Grid(0.0, 0.0, 1.0, 16, 9)
QUARTERS, OUT = 8, 3
"""The fourth quarter was not seen."""


def heat_map(strength: float) -> HeatMap:
    """A stream to the left in the lower half, one to the right in the upper; nobody is shown in the last columns."""
    xs, ys = np.meshgrid(np.arange(16) + 0.5, np.arange(9) + 0.5)
    left, right = np.exp(-(((ys - 2.5) / 1.2) ** 2)), np.exp(-(((ys - 6.5) / 1.2) ** 2))
    occupancy = strength * (left + right)
    velocity = np.stack([1.2 * (right - left), 0.2 * np.sin(xs)], axis=-1)
    hidden = (occupancy < 0.05 * strength) | (xs > 14)
    return HeatMap(GRID, np.where(hidden, np.nan, occupancy), np.where(hidden[..., None], np.nan, velocity))


def stored_day() -> list[IntervalAggregate]:
    found = []
    for number in range(QUARTERS):
        seen, begins = number != OUT, NOON + timedelta(minutes=15 * number)
        strength = 0.2 + 0.1 * number
        found.append(
            replace(
                full_quarter(),
                start=begins,
                coverage=float(seen),
                bounded=(),
                heat_map=heat_map(strength) if seen else None,
            )
        )
        for minute in range(15):
            density = strength + 0.3 * np.sin((number * 15 + minute) / 9)
            zone = replace(full_zone(), density=Density(density, density, density, 0.0)) if seen else unseen()
            start = begins + timedelta(minutes=minute)
            found.append(IntervalAggregate("hall", start, float(seen), "motion", (), (zone,)))
    return found


def unseen() -> ZoneOccupancy:
    return ZoneOccupancy("hall", None, None, None, None)
