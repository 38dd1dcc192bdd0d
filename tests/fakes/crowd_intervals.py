"""An interval with every measure there is."""

from datetime import UTC, datetime

import numpy as np

from doorward.crowd.contributions import BoundedCount, Metric, Tallied
from doorward.crowd.dwell import DwellTable
from doorward.crowd.heat_map import Grid, HeatMap
from doorward.crowd.intervals import (
    QUARTER_SECONDS,
    AreaCount,
    Density,
    IntervalAggregate,
    LineCount,
    PressurePeak,
    Speed,
    ZoneOccupancy,
)

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def full_zone(zone: str = "hall") -> ZoneOccupancy:
    return ZoneOccupancy(
        zone,
        2.125,
        0,
        7,
        6,
        uncertainty=0.25,
        density=Density(0.03, 0.031, 1.25, 0.004),
        speed=Speed(1.3, 0.125, 0.14),
        dwell=DwellTable([0, 2, 1, 0, 0, 0, 0, 0, 0], [30.5, 21.0, 3.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 4, 1),
        pressure=PressurePeak(None, 0.05),
        service="A",
        safety=1,
    )


def full_line(line: str = "door") -> LineCount:
    return LineCount(line, 3, 4, unresolved=1, flow_in=0.5, flow_out=0.75, service="A", safety=0)


def full_quarter() -> IntervalAggregate:
    occupancy = np.array([[0.125, np.nan, 2.5], [np.nan, 0.0, 0.75]])
    velocity = np.where(np.isnan(occupancy)[..., None], np.nan, np.arange(12).reshape(2, 3, 2) / 8 - 0.5)
    return IntervalAggregate(
        "hall",
        NOON,
        0.75,
        "motion",
        (full_line(), full_line("gate")),
        (full_zone(), full_zone("stairs")),
        areas=(AreaCount("house", 12.5, 1.5, 1.004, "zones", closed=-3.0, zones=0.5, below_zero=0.25),),
        seconds=QUARTER_SECONDS,
        levels="doorward-1",
        bounded=(
            *(
                BoundedCount(Tallied(Metric.CROSSINGS, line, way), 2)
                for line in ("door", "gate")
                for way in ("in", "out")
            ),
            *(BoundedCount(Tallied(Metric.VISITS, zone), 5) for zone in ("hall", "stairs")),
        ),
        heat_map=HeatMap(Grid(-1.0, 2.5, 1.0, 3, 2), occupancy, velocity),
    )
