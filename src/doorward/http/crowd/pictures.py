"""Pictures of a crowd over HTTP, as the command line draws them: exact, and the operator's."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from doorward.crowd.looks import LookedAt
from doorward.http.crowd.looks import NoteLook
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.permissions import Scope

MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}

Draw = Callable[[str, str, datetime | None, datetime | None, str | None, str], bytes]
"""Of a scene a subject from a moment up to another, of a zone or all, as ``svg`` or ``png``; ``NotFound`` when nothing
is stored for it."""


def add_crowd_pictures(routes: APIRouter, draw: Draw, note_look: NoteLook, work: Workers) -> None:
    """Add the route for pictures."""

    @routes.get("/v1/crowd/pictures/{subject}", tags=["crowd"], response_class=Response, **needs(Scope.CROWD_READ))
    async def picture(
        request: Request,
        subject: Literal["heat", "flow", "density"],
        scene: Annotated[str, Query(min_length=1, max_length=64)],
        begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        zone: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
        ending: Annotated[Literal["svg", "png"], Query(alias="format")] = "svg",
    ) -> Response:
        """People on the ground, where they go, or their density over time, of intervals that begin at ``from`` or
        later and before ``to``; ``zone``: whose density, otherwise all."""

        def drawn() -> bytes:
            octets = draw(scene, subject, begin, end, zone, ending)
            note_look(request, LookedAt.PICTURE, scene)
            return octets

        return Response(await work.run(drawn), media_type=MEDIA_TYPES[ending])
