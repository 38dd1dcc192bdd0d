"""Crowd intervals over HTTP. This module reaches nothing that knows a person."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from doorward.crowd.intervals import INTERVAL_SECONDS, IntervalAggregate
from doorward.errors import NotFound
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.permissions import Scope

MOST_INTERVALS = 1440
"""A day of minutes an answer; ask on from the last one."""

ReadIntervals = Callable[[str, datetime | None, datetime | None, int], Sequence[IntervalAggregate] | None]
"""Intervals of a scene from a moment, up to another, at most so many; ``None`` for a scene that is not known."""


class LineView(BaseModel):
    """Crossings ``in`` and ``out``; null where nothing was measured."""

    id: str
    inward: Annotated[int | None, Field(serialization_alias="in")]
    outward: Annotated[int | None, Field(serialization_alias="out")]


class ZoneView(BaseModel):
    """People in the zone, weighted by time; null where nothing was measured."""

    id: str
    mean: float | None
    min: int | None
    max: int | None
    p95: int | None


class IntervalView(BaseModel):
    """``coverage``: the share of the interval, 0 to 1, in which the source was seen."""

    start: datetime
    seconds: int
    coverage: float
    method: str
    lines: list[LineView]
    zones: list[ZoneView]

    @classmethod
    def of(cls, interval: IntervalAggregate) -> "IntervalView":
        return cls(
            start=interval.start,
            seconds=INTERVAL_SECONDS,
            coverage=interval.coverage,
            method=interval.method,
            lines=[LineView(id=line.id, inward=line.inward, outward=line.outward) for line in interval.lines],
            zones=[
                ZoneView(id=zone.id, mean=zone.mean, min=zone.least, max=zone.most, p95=zone.p95)
                for zone in interval.zones
            ],
        )


class IntervalsView(BaseModel):
    scene: str
    intervals: list[IntervalView]


def add_crowd(routes: APIRouter, read: ReadIntervals, work: Workers) -> None:
    """Add the route for the crowd's intervals."""

    @routes.get("/v1/crowd/intervals", tags=["crowd"], **needs(Scope.CROWD_READ))
    async def read_intervals(
        scene: Annotated[str, Query(min_length=1, max_length=64)],
        begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_INTERVALS)] = MOST_INTERVALS,
    ) -> IntervalsView:
        """A scene's minutes that begin at ``from`` or later and before ``to``, oldest first."""
        found = await work.run(lambda: read(scene, begin, end, limit))
        if found is None:
            raise NotFound("No intervals are stored for that scene; count some with `doorward crowd run`.")
        return IntervalsView(scene=scene, intervals=[IntervalView.of(interval) for interval in found])
