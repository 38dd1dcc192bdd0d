"""A person's own passages over HTTP, for a terminal of theirs: a scope that reads nobody else's."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from doorward.http.access import caller
from doorward.http.face.holds import HoldView
from doorward.http.face.requests import CodeText, Nonce, Strict, Text, require_one_claim
from doorward.http.face.views import LookView, PassagesView, PassageView
from doorward.http.forms import photo_form, read_photo_form
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.ids import PersonId
from doorward.kernel.permissions import Scope
from doorward.passages.passage import Passage
from doorward.verify.claim import Shown, shown_number
from doorward.wiring.face.credentials import credential_from_text
from doorward.wiring.face.own_reading import OwnAnswer, OwnReading, read_own_by_photo
from doorward.wiring.face.site import Site

Told = dict[str, Any]


class OwnClaim(Strict):
    """Who stands there, by exactly one of id, badge number, document number and credential; their ``pin`` if they have
    one. ``challenge``: the nonce of the movements that they have just made.
    """

    person: UUID | None = None
    badge: Text | None = None
    document_number: Text | None = None
    credential: CodeText | None = None
    pin: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    challenge: Nonce | None = None

    @model_validator(mode="after")
    def _one_claim(self) -> "OwnClaim":
        require_one_claim(self, "person", "badge", "document_number", "credential")
        return self

    def shown(self) -> Shown:
        """``NotACredential`` when the text of a code is none."""
        number = shown_number(self.badge, self.document_number)
        carried = None if self.credential is None else credential_from_text(self.credential)
        return Shown(None if self.person is None else PersonId(str(self.person)), number, carried)


class OwnHoldView(HoldView):
    passages: list[PassageView]


class OwnView(BaseModel):
    """Null of whoever was refused."""

    passages: list[PassageView] | None = None
    holds: list[OwnHoldView] | None = None
    looks: list[LookView] | None = None


def add_own_reading(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the route by which people read what is theirs."""

    @routes.post("/v1/own-passages", tags=["passages"], **needs(Scope.OWN_READ, photo_form(OwnClaim)))
    async def read_own(request: Request) -> Told:
        """A decision as of a verification; accepted, also their passages and every look at what is theirs."""
        photo, claim = await read_photo_form(request, OwnClaim)
        terminal = caller(request).called
        shown = claim.shown()
        answer = await work.run(
            lambda: read_own_by_photo(site, terminal, shown, photo, claim.pin, movements=claim.challenge)
        )
        return _told(site, answer)


def _told(site: Site, answer: OwnAnswer) -> Told:
    view = OwnView() if answer.reading is None else _view(site, answer.reading)
    return {**answer.decision.to_json(), **view.model_dump(mode="json", by_alias=True)}


def _view(site: Site, reading: OwnReading) -> OwnView:
    doors = site.doorkeeper.names()

    def listed(kept: Sequence[Passage]) -> list[PassageView]:
        return PassagesView.of(reading.person, kept, doors).passages

    holds = [OwnHoldView(**HoldView.of(one).model_dump(), passages=listed(kept)) for one, kept in reading.holds]
    looks = [LookView.of(one) for one in reading.looks]
    return OwnView(passages=listed(reading.passages), holds=holds, looks=looks)
