"""Crowd intervals over HTTP. This module reaches nothing that knows a person."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from doorward.crowd.as_json import interval_object
from doorward.crowd.intervals import MINUTE_SECONDS, QUARTER_SECONDS, IntervalAggregate
from doorward.crowd.looks import LookedAt
from doorward.errors import NotFound
from doorward.http.crowd.looks import NoteLook
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.permissions import Scope

MOST_INTERVALS = 1440
"""A day of minutes an answer; ask on from the last one."""

ReadIntervals = Callable[[str, datetime | None, datetime | None, int, int], Sequence[IntervalAggregate] | None]
"""Intervals of a scene from a moment, up to another, at most so many, of so many seconds; ``None`` for a scene that is
not known."""


class FlowView(BaseModel):
    """Persons per metre and minute."""

    inward: Annotated[float | None, Field(alias="in")]
    outward: Annotated[float | None, Field(alias="out")]


class LineView(BaseModel):
    """Crossings ``in`` and ``out``; null where nothing was measured. ``unresolved``: perhaps as many more."""

    id: str
    inward: Annotated[int | None, Field(alias="in")]
    outward: Annotated[int | None, Field(alias="out")]
    unresolved: int | None
    flow: FlowView
    service: str | None
    safety: int | None


class DensityView(BaseModel):
    """Persons per square metre."""

    classic: float
    voronoi: float
    worst: float
    uncertainty: float


class SpeedView(BaseModel):
    """m/s; ``slow``: the share of people below 0.3 m/s."""

    median: float
    slow: float
    uncertainty: float | None


class DwellView(BaseModel):
    """A life table by the seconds since a visit began: how many ``left``, and the person-seconds ``stayed``.

    ``waiting``: mean seconds by Little's law.
    """

    begins: Annotated[list[float], Field(alias="from")]
    left: list[int]
    stayed: list[float]
    arrivals: int
    lost: int
    median: float | None
    waiting: float | None


class PressureView(BaseModel):
    """1/s2; ``peak`` is null where the jitter of the camera, the ``floor``, hides it."""

    peak: float | None
    floor: float


class ZoneView(BaseModel):
    """People in the zone, weighted by time; null where nothing was measured. ``queue``: mean people below 0.3 m/s."""

    id: str
    mean: float | None
    min: int | None
    max: int | None
    p95: int | None
    uncertainty: float | None
    density: DensityView | None
    speed: SpeedView | None
    dwell: DwellView | None
    queue: float | None
    pressure: PressureView | None
    service: str | None
    safety: int | None


class CorrectionsView(BaseModel):
    """Persons that each correction added."""

    closed: float
    zones: float
    below_zero: float


class AreaView(BaseModel):
    """People in an area by its entrances; ``anchor``: what the count stands on, null for an unknown beginning."""

    id: str
    people: float
    uncertainty: float
    anchor: str | None
    ratio: float
    corrections: CorrectionsView


class IntervalView(BaseModel):
    """``coverage``: the share of the interval, 0 to 1, in which the source was seen."""

    start: datetime
    seconds: int
    coverage: float
    method: str
    levels: str | None
    lines: list[LineView]
    zones: list[ZoneView]
    areas: list[AreaView]


class IntervalsView(BaseModel):
    scene: str
    intervals: list[IntervalView]


def add_crowd(routes: APIRouter, read: ReadIntervals, note_look: NoteLook, work: Workers) -> None:
    """Add the route for the crowd's intervals."""

    @routes.get("/v1/crowd/intervals", tags=["crowd"], **needs(Scope.CROWD_READ))
    async def read_intervals(
        request: Request,
        scene: Annotated[str, Query(min_length=1, max_length=64)],
        begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_INTERVALS)] = MOST_INTERVALS,
        every: Annotated[Literal["minute", "quarter"], Query()] = "minute",
    ) -> IntervalsView:
        """A scene's intervals that begin at ``from`` or later and before ``to``, oldest first."""
        seconds = MINUTE_SECONDS if every == "minute" else QUARTER_SECONDS

        def noted() -> Sequence[IntervalAggregate] | None:
            found = read(scene, begin, end, limit, seconds)
            if found is not None:
                note_look(request, LookedAt.INTERVALS, scene)
            return found

        found = await work.run(noted)
        if found is None:
            raise NotFound("No intervals are stored for that scene; count some with `doorward crowd run`.")
        shown = [IntervalView.model_validate(interval_object(interval)) for interval in found]
        return IntervalsView(scene=scene, intervals=shown)
