"""Statistics of passages over HTTP: a scope of their own."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from doorward.http.access import acting_for
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.audit import Actor
from doorward.kernel.permissions import Scope
from doorward.passages.statistics import FEWEST, STEP, Period
from doorward.wiring.face.site import Site
from doorward.wiring.face.statistics import passage_statistics

Analyst = Annotated[Actor, Depends(acting_for("statistics"))]
Begin = Annotated[AwareDatetime | None, Query(alias="from")]
End = Annotated[AwareDatetime | None, Query(alias="to")]


class CellView(BaseModel):
    begins: datetime
    checkpoint: str | None
    passages: int


class StatisticsView(BaseModel):
    """What has no cell had fewer than ``fewest_told`` passages, or none."""

    begin: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    by: str
    fewest_told: int = FEWEST
    rounded_to: int = STEP
    cells: list[CellView]


def add_statistics(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the route for statistics."""

    @routes.get("/v1/statistics", tags=["passages"], **needs(Scope.STATISTICS_READ))
    async def read_statistics(
        actor: Analyst, begin: Begin = None, end: End = None, by: Period = Period.HOUR
    ) -> StatisticsView:
        """How many passages each checkpoint had, by hour or day of UTC; of nobody in particular."""
        return await work.run(lambda: _read(site, actor, begin, end, by))


def _read(site: Site, actor: Actor, begin: datetime | None, end: datetime | None, by: Period) -> StatisticsView:
    found = passage_statistics(site.stores, actor, begin, end, by)
    doors = site.doorkeeper.names()
    cells = [
        CellView(begins=one.begins, checkpoint=doors.get(one.checkpoint), passages=one.passages) for one in found.cells
    ]
    return StatisticsView(begin=found.begin, end=found.end, by=by.value, cells=cells)
