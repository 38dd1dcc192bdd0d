"""Who is inside, over HTTP: a scope of its own."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from doorward.http.access import Reader
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.audit import Actor
from doorward.kernel.permissions import Scope
from doorward.wiring.face.site import Site


class PresentView(BaseModel):
    """``entered_at`` and ``checkpoint``: of the latest entry."""

    person: str
    display_name: str
    entered_at: datetime
    checkpoint: str | None


class PresenceView(BaseModel):
    """Only who agreed to be recorded can be on the list. ``unreadable``: people whose record is damaged, so that it is
    not known whether they are inside.
    """

    inside: list[PresentView]
    unreadable: int


def add_presence(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the route for presence lists."""

    @routes.get("/v1/presence", tags=["presence"], **needs(Scope.PRESENCE_READ))
    async def read_presence(actor: Reader) -> PresenceView:
        """Who is inside, the longest first; the look is recorded for each of them."""
        return await work.run_alone(lambda: _read(site, actor))


def _read(site: Site, actor: Actor) -> PresenceView:
    found = site.presence_lists.read(actor)
    names = site.doorkeeper.names()
    return PresenceView(
        inside=[
            PresentView(
                person=one.person,
                display_name=one.display_name,
                entered_at=one.entered_at,
                checkpoint=names.get(one.checkpoint),
            )
            for one in found.inside
        ],
        unreadable=found.unreadable,
    )
