"""People, their groups and their consents over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from doorward.http.access import Reader, Registrar
from doorward.http.face.requests import LONGEST_GROUP, NewConsent, NewGroup, NewPerson
from doorward.http.face.views import ConsentView, DossierView, PeopleView, PersonView
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.ids import ConsentId, PersonId
from doorward.kernel.permissions import Scope
from doorward.wiring.face.site import Site

GroupName = Annotated[str, Path(min_length=1, max_length=LONGEST_GROUP)]


def add_people(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes under ``/v1/people`` that concern records and consents."""

    def now() -> datetime:
        return site.stores.vault.clock.now()

    @routes.post("/v1/people", status_code=201, tags=["people"], **needs(Scope.PEOPLE_WRITE))
    async def add_person(person: NewPerson, actor: Registrar, response: Response) -> PersonView:
        """Add a person, known and not yet enrolled."""
        added = await work.run_alone(
            lambda: site.add_person(person.display_name, person.details(), person.groups, actor)
        )
        response.headers["Location"] = f"/v1/people/{added.id}"
        return PersonView.of(added, now())

    @routes.get("/v1/people", tags=["people"], **needs(Scope.PEOPLE_READ))
    async def list_people(actor: Reader) -> PeopleView:
        """Everybody by display name; the look is recorded."""
        return PeopleView.of(await work.run_alone(lambda: site.register.list(actor)), now())

    @routes.get("/v1/people/{person}", tags=["people"], **needs(Scope.PEOPLE_READ))
    async def show_person(person: UUID, actor: Reader) -> DossierView:
        """Everything held on one person but templates, and who looked at it; the look is recorded."""
        return DossierView.of_dossier(await work.run_alone(lambda: site.register.show(actor, PersonId(str(person)))))

    @routes.delete("/v1/people/{person}", status_code=204, tags=["people"], **needs(Scope.PEOPLE_WRITE))
    async def erase_person(person: UUID, actor: Registrar) -> None:
        """Destroy the person's keys and rows."""
        await work.run_alone(lambda: site.register.erase(actor, PersonId(str(person))))

    @routes.post("/v1/people/{person}/groups", tags=["people"], **needs(Scope.PEOPLE_WRITE))
    async def permit_person(person: UUID, group: NewGroup, actor: Registrar) -> PersonView:
        """Let the person pass where the group may, for good or for a time. Groups only permit."""
        changed = await work.run_alone(
            lambda: site.register.permit(actor, PersonId(str(person)), group.group, group.begins, group.until)
        )
        return PersonView.of(changed, now())

    @routes.delete("/v1/people/{person}/groups/{group}", tags=["people"], **needs(Scope.PEOPLE_WRITE))
    async def leave_group(person: UUID, group: GroupName, actor: Registrar) -> PersonView:
        """End the person's membership of the group now."""
        changed = await work.run_alone(lambda: site.register.leave(actor, PersonId(str(person)), group))
        return PersonView.of(changed, now())

    @routes.post("/v1/people/{person}/consents", status_code=201, tags=["consents"], **needs(Scope.PEOPLE_WRITE))
    async def record_consent(person: UUID, consent: NewConsent, actor: Registrar) -> ConsentView:
        """Record a consent that the person gives now."""
        recorded = await work.run_alone(
            lambda: site.record_consent(
                PersonId(str(person)),
                consent.notice,
                consent.notice_version,
                consent.purposes,
                consent.given_how,
                consent.until,
                actor,
            )
        )
        return ConsentView.of(recorded)

    @routes.delete("/v1/people/{person}/consents/{consent}", tags=["consents"], **needs(Scope.PEOPLE_WRITE))
    async def withdraw_consent(person: UUID, consent: UUID, actor: Registrar) -> ConsentView:
        """End a consent now; what rested on it alone is gone."""
        ended = await work.run_alone(
            lambda: site.register.withdraw(actor, PersonId(str(person)), ConsentId(str(consent)))
        )
        return ConsentView.of(ended)
