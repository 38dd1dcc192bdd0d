"""Alarms of crowds over HTTP: read, and acknowledged under a scope of its own."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from doorward.crowd.alarm_json import alarm_object
from doorward.crowd.alarm_ports import AlarmStore
from doorward.crowd.alarms import LONGEST_POST, Alarm
from doorward.crowd.looks import EVERY_SCENE, LookedAt
from doorward.http.crowd.looks import NoteLook
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.permissions import Scope

Post = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_POST, pattern=r"^[^\x00-\x1f]+$"),
]


class AlarmView(BaseModel):
    """``place``: a zone or line, null for the whole scene; ``acknowledged_by``: a post or shift."""

    id: str
    scene: str
    place: str | None
    kind: str
    level: int
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    handed_over_at: datetime | None
    ended_at: datetime | None


class AlarmsView(BaseModel):
    alarms: list[AlarmView]


class Acknowledgement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Post


def add_crowd_alarms(routes: APIRouter, store: Callable[[], AlarmStore], note_look: NoteLook, work: Workers) -> None:
    """Add the routes for the crowd's alarms."""

    @routes.get("/v1/crowd/alarms", tags=["crowd"], **needs(Scope.CROWD_READ))
    async def read_alarms(
        request: Request,
        scene: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
        ended: Annotated[bool, Query()] = False,
    ) -> AlarmsView:
        """Open alarms, newest first, at most 1000; ``ended``: those that have ended, too."""

        def noted() -> Sequence[Alarm]:
            note_look(request, LookedAt.ALARMS, scene or EVERY_SCENE)
            return store().read(scene, is_open=not ended)

        found = await work.run(noted)
        return AlarmsView(alarms=[AlarmView.model_validate(alarm_object(alarm)) for alarm in found])

    @routes.post("/v1/crowd/alarms/{alarm}/acknowledgement", tags=["crowd"], **needs(Scope.CROWD_ACKNOWLEDGE))
    async def acknowledge(alarm: str, body: Acknowledgement) -> AlarmView:
        """Take an alarm, or take it over: it is not handed over any more."""
        taken = await work.run(lambda: store().acknowledge(alarm, body.by, datetime.now(UTC)))
        return AlarmView.model_validate(alarm_object(taken))
