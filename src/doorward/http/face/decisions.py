"""Enrolment, verification and identification over HTTP: a photo in, an enrolment or a decision out."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from doorward.documents.verification import DocumentDecision
from doorward.errors import TimeLimitExceeded
from doorward.face.decision import Decision
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.http.access import Registrar, acting_for, caller, require
from doorward.http.face.requests import Claim, Enrolling, NoFields, Search, SeenByEye
from doorward.http.face.views import EnrolmentView
from doorward.http.forms import DOCUMENT, photo_form, read_photo_form
from doorward.http.presence import is_waiting
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.kernel.permissions import Scope
from doorward.people.enrolment import Enrolment
from doorward.verify.claim import shown_number
from doorward.verify.second_factor import Factor
from doorward.wiring.face.credential_verification import verify_carried_text
from doorward.wiring.face.document_enrolment import enrol_by_document
from doorward.wiring.face.document_verification import read_document, verify_document
from doorward.wiring.face.site import Site

SCORE_DECIMALS = 2
"""A finer score would tell more about a template with every probe."""

Told = dict[str, Any]


def _score_wanted(request: Request, show_score: Annotated[bool, Query()] = False) -> bool:
    if show_score:
        require(caller(request), Scope.SCORES_READ)
    return show_score


ShowScore = Annotated[bool, Depends(_score_wanted)]


def add_decisions(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes that take photos."""

    @routes.post(
        "/v1/people/{person}/enrolments",
        status_code=201,
        tags=["enrolments"],
        **needs(Scope.PEOPLE_WRITE, photo_form(Enrolling)),
    )
    async def enrol(request: Request, person: UUID, actor: Registrar) -> EnrolmentView:
        """Enrol from a photo. The enrolment stays pending until the person confirms it in person.

        With a ``document`` the face has to match its portrait, and what it says goes into the record. Whom the face
        resembles is told, and stated to be another, by who may read people alone.
        """
        photo, stated = await read_photo_form(request, Enrolling, more=(DOCUMENT,))
        if stated.distinct_from is not None:
            require(caller(request), Scope.PEOPLE_READ)
        sees, distinct = Scope.PEOPLE_READ in caller(request).scopes, stated.distinction()
        known, scan = PersonId(str(person)), stated.document

        def enrolled() -> Enrolment:
            if scan is None:
                return site.enrol_photo(known, photo, actor, distinct=distinct, may_see_duplicate=sees)
            return enrol_by_document(
                site,
                known,
                scan,
                actor,
                photo=photo,
                name_checked_by=stated.name_checked_by,
                distinct=distinct,
                may_see_duplicate=sees,
            )

        return EnrolmentView.of(await work.run_alone(enrolled))

    @routes.post("/v1/verifications", tags=["decisions"], **needs(Scope.VERIFY, photo_form(Claim)))
    async def verify(
        request: Request, actor: Annotated[Actor, Depends(acting_for("verification"))], show_score: ShowScore
    ) -> Told:
        """Is the face in the photo that of the person who is claimed? An unknown claim is answered as no match.

        A credential that does not hold, and a face that is not its holder's, are one answer too. With a ``document``
        the face is held against its portrait: nobody need be enrolled, and ``document`` takes the place of ``person``.
        """
        photo, claim = await read_photo_form(request, Claim, more=(DOCUMENT,))
        fmr = claim.fmr or DEFAULT_VERIFICATION_FMR
        return _told(await work.run(lambda: _verify(site, photo, claim, fmr, actor)), show_score)

    @routes.post("/v1/documents/readings", tags=["decisions"], **needs(Scope.VERIFY, photo_form(NoFields, DOCUMENT)))
    async def read(request: Request) -> Told:
        """What the machine-readable zone on a scan says, if its check digits hold. Nothing of it is kept or logged."""
        scan, _ = await read_photo_form(request, NoFields, DOCUMENT)
        return await work.run(lambda: read_document(site, scan).to_json())

    @routes.post("/v1/verifications/by-eye", tags=["decisions"], **needs(Scope.VERIFY))
    async def verify_by_eye(
        request: Request, seen: SeenByEye, actor: Annotated[Actor, Depends(acting_for("verification by eye"))]
    ) -> Told:
        """Record what an officer saw; no face is compared. Only for who may also read people: it tells who is known."""
        require(caller(request), Scope.PEOPLE_READ)
        person = PersonId(str(seen.person))
        return _told(
            await work.run_alone(lambda: site.eye_checks.record(actor, person, seen.outcome, seen.officer)),
            show_score=False,
        )

    @routes.post("/v1/identifications", tags=["decisions"], **needs(Scope.IDENTIFY, photo_form(Search)))
    async def identify(
        request: Request, actor: Annotated[Actor, Depends(acting_for("identification"))], show_score: ShowScore
    ) -> Told:
        """Which person of the checkpoint's group is this, if any? Off until its impact assessment is recorded."""
        photo, search = await read_photo_form(request, Search)
        waiting = is_waiting(request)
        return _told(await work.run(lambda: _identify(site, photo, search, actor, waiting)), show_score)


def _verify(site: Site, photo: bytes, claim: Claim, fmr: float, actor: Actor) -> Decision | DocumentDecision:
    if claim.document is not None:
        return verify_document(site, photo, claim.document, fmr, actor, movements=claim.challenge)
    if claim.credential is not None:
        return verify_carried_text(site, photo, claim.credential, fmr, actor, movements=claim.challenge)
    person = None if claim.person is None else PersonId(str(claim.person))
    number = shown_number(claim.badge, claim.document_number)
    return site.verify(photo, person, fmr, actor, movements=claim.challenge, number=number)


def _identify(site: Site, photo: bytes, search: Search, actor: Actor, waiting: Callable[[], bool]) -> Decision:
    if not waiting():
        raise TimeLimitExceeded("The client is gone.")
    factor = Factor.of(search.badge, search.pin)
    return site.identify(photo, search.checkpoint, actor, movements=search.challenge, factor=factor, is_waiting=waiting)


def _told(decision: Decision | DocumentDecision, show_score: bool) -> Told:
    told = decision.to_json(show_score)
    if show_score and decision.score is not None:
        told["score"] = round(decision.score, SCORE_DECIMALS)
    return told
