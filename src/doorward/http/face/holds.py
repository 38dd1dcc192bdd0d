"""Legal holds over HTTP: a scope of their own, and for each step a signatory's secret besides."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from doorward.http.access import Reader, Registrar
from doorward.http.face.requests import Strict, Text
from doorward.http.face.views import PassagesView
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.audit import Actor
from doorward.kernel.ids import HoldId, PersonId
from doorward.kernel.permissions import Scope
from doorward.passages.legal_hold import LegalHold
from doorward.wiring.face.site import Site


class Signature(Strict):
    """A signatory and their secret."""

    signatory: Text
    secret: Text

    def pair(self) -> tuple[str, str]:
        return self.signatory, self.secret


class NewHold(Signature):
    """``to``: the first moment that no longer counts, now if not given. ``until``: the hold's end."""

    person: UUID
    begin: AwareDatetime = Field(alias="from")
    end: AwareDatetime | None = Field(None, alias="to")
    until: AwareDatetime
    reason: Text


class Lifting(Strict):
    """Two of them; to take a request back, one."""

    signatures: Annotated[list[Signature], Field(min_length=1, max_length=2)]


class HoldView(BaseModel):
    hold: str
    person: str
    begin: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    reason: str
    until: datetime
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None

    @classmethod
    def of(cls, one: LegalHold) -> "HoldView":
        return cls(
            hold=one.id,
            person=one.person,
            begin=one.begin,
            end=one.end,
            reason=one.reason,
            until=one.until,
            asked_by=one.asked_by,
            asked_at=one.asked_at,
            approved_by=one.approved_by,
            approved_at=one.approved_at,
        )


class HoldsView(BaseModel):
    holds: list[HoldView]


def add_holds(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes for legal holds."""

    @routes.get("/v1/holds", tags=["holds"], **needs(Scope.HOLDS_WRITE))
    async def list_holds(actor: Reader) -> HoldsView:
        """The holds in force and those asked for; the look is recorded."""
        held = await work.run_alone(lambda: site.legal_holds.listed(actor))
        return HoldsView(holds=[HoldView.of(one) for one in held])

    @routes.post("/v1/holds", status_code=201, tags=["holds"], **needs(Scope.HOLDS_WRITE))
    async def request_hold(hold: NewHold, actor: Registrar) -> HoldView:
        """Ask, as a signatory, that one person's passages of a span be kept. Nothing is held yet."""
        span, who = (hold.begin, hold.end), PersonId(str(hold.person))
        return HoldView.of(
            await work.run_alone(
                lambda: site.legal_holds.request(actor, who, span, hold.reason, hold.until, hold.pair())
            )
        )

    @routes.post("/v1/holds/{hold}/approval", tags=["holds"], **needs(Scope.HOLDS_WRITE))
    async def approve_hold(hold: UUID, by: Signature, actor: Registrar) -> HoldView:
        """Approve it, as another signatory: what is left of the span is held from now on."""
        agreed = await work.run_alone(lambda: site.legal_holds.approve(actor, HoldId(str(hold)), by.pair()))
        return HoldView.of(agreed[0])

    @routes.post("/v1/holds/{hold}/lifting", status_code=204, tags=["holds"], **needs(Scope.HOLDS_WRITE))
    async def lift_hold(hold: UUID, lifting: Lifting, actor: Registrar) -> None:
        """End it before its time, as two signatories."""
        by = dict(one.pair() for one in lifting.signatures)
        await work.run_alone(lambda: site.legal_holds.lift(actor, HoldId(str(hold)), by))

    @routes.get("/v1/holds/{hold}/passages", tags=["holds"], **needs(Scope.PASSAGES_READ))
    async def read_held(hold: UUID, actor: Reader) -> PassagesView:
        """The passages that a hold keeps, oldest first; the look is recorded."""
        return await work.run_alone(lambda: _held(site, HoldId(str(hold)), actor))


def _held(site: Site, hold: HoldId, actor: Actor) -> PassagesView:
    held, kept = site.legal_holds.read(actor, hold)
    return PassagesView.of(held.person, kept, site.doorkeeper.names())
