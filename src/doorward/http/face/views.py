"""What clients are told of people. No template, no photo and no score has a place here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from doorward.face.pad import told_methods
from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import CheckpointId
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.passage import Counter, Passage
from doorward.people.consent import Consent
from doorward.people.enrolment import Enrolment
from doorward.people.membership import Membership, in_order
from doorward.people.person import Document, Person
from doorward.people.register import Dossier


class DocumentView(BaseModel):
    number: str
    issued: date | None
    expires: date | None

    @classmethod
    def of(cls, document: Document) -> "DocumentView":
        return cls(number=document.number, issued=document.issued, expires=document.expires)


class MembershipView(BaseModel):
    """``from``: the first moment at which it holds; ``until``: the first at which it no longer does."""

    group: str
    begins: datetime | None = Field(serialization_alias="from")
    until: datetime | None

    @classmethod
    def of(cls, membership: Membership) -> "MembershipView":
        return cls(group=membership.group, begins=membership.begins, until=membership.ends)


class ListedView(BaseModel):
    """``groups``: those whose membership holds now."""

    id: str
    display_name: str
    groups: list[str]

    @classmethod
    def listed(cls, person: Person, now: datetime) -> "ListedView":
        return ListedView(id=person.id, display_name=person.display_name, groups=sorted(person.groups_at(now)))


class PeopleView(BaseModel):
    people: list[ListedView]

    @classmethod
    def of(cls, people: Sequence[Person], now: datetime) -> "PeopleView":
        return cls(people=[ListedView.listed(person, now) for person in people])


class PersonView(ListedView):
    full_name: str | None
    document: DocumentView | None
    birth_date: date | None
    address: str | None
    employer: str | None
    badge_number: str | None
    created_at: datetime
    memberships: list[MembershipView]

    @classmethod
    def of(cls, person: Person, now: datetime) -> "PersonView":
        details, document = person.details, person.details.document
        return cls(
            id=person.id,
            display_name=person.display_name,
            groups=sorted(person.groups_at(now)),
            full_name=details.full_name,
            document=DocumentView.of(document) if document else None,
            birth_date=details.birth_date,
            address=details.address,
            employer=details.employer,
            badge_number=details.badge_number,
            created_at=person.created_at,
            memberships=[MembershipView.of(one) for one in in_order(person.memberships)],
        )


class ConsentView(BaseModel):
    """``moved_from``: the other site that it was given to, if it was."""

    id: str
    notice: str
    notice_version: str
    purposes: list[str]
    given_at: datetime
    given_how: str
    until: datetime | None
    withdrawn_at: datetime | None
    moved_from: str | None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentView":
        return cls(
            id=consent.id,
            notice=consent.notice,
            notice_version=consent.notice_version,
            purposes=sorted(consent.purposes),
            given_at=consent.given_at,
            given_how=consent.given_how,
            until=consent.until,
            withdrawn_at=consent.withdrawn_at,
            moved_from=consent.moved_from,
        )


class EnrolmentView(BaseModel):
    """``state``: confirmed, or pending: in no gallery and accepted nowhere until the person confirms it in person."""

    id: str
    person: str
    state: Literal["pending", "confirmed"]
    captured_from: str
    enrolled_at: datetime
    confirmed_at: datetime | None
    model: str
    runtime: str
    precision: str

    @classmethod
    def of(cls, enrolment: Enrolment) -> "EnrolmentView":
        origin = enrolment.template.origin
        return cls(
            id=enrolment.id,
            person=enrolment.person,
            state="pending" if enrolment.is_pending else "confirmed",
            captured_from=enrolment.captured_from.value,
            enrolled_at=enrolment.enrolled_at,
            confirmed_at=enrolment.confirmed_at,
            model=origin.model,
            runtime=origin.runtime,
            precision=origin.precision,
        )


class LookView(BaseModel):
    """Who did what with the person's data, when, and for which stated purpose."""

    actor: str
    purpose: str
    action: str
    at: datetime

    @classmethod
    def of(cls, entry: AuditEntry) -> "LookView":
        return cls(actor=entry.actor.name, purpose=entry.actor.purpose, action=entry.action, at=entry.at)


class LookalikeView(BaseModel):
    """Whom the person resembles, and when an officer stated that they are two."""

    person: str
    stated_at: datetime


class DossierView(PersonView):
    """The record with everything else that is held on the person, and who looked at it."""

    consents: list[ConsentView]
    enrolments: list[EnrolmentView]
    lookalikes: list[LookalikeView]
    has_pin: bool
    looks: list[LookView]

    @classmethod
    def of_dossier(cls, dossier: Dossier) -> "DossierView":
        return cls(
            **PersonView.of(dossier.person, dossier.at).model_dump(),
            consents=[ConsentView.of(consent) for consent in dossier.consents],
            enrolments=[EnrolmentView.of(enrolment) for enrolment in dossier.enrolments],
            lookalikes=[LookalikeView(person=one.person, stated_at=one.stated_at) for one in dossier.lookalikes],
            has_pin=dossier.has_pin,
            looks=[LookView.of(entry) for entry in dossier.looks],
        )


class PassageView(BaseModel):
    """``checkpoint``: its name."""

    at: datetime
    checkpoint: str | None


class PassagesView(BaseModel):
    person: str
    passages: list[PassageView]

    @classmethod
    def of(cls, person: str, passages: Sequence[Passage], names: Mapping[CheckpointId, str]) -> "PassagesView":
        kept = [PassageView(at=passage.at, checkpoint=names.get(passage.checkpoint)) for passage in passages]
        return cls(person=person, passages=kept)


class CheckpointView(BaseModel):
    """``fpir``: the share of strangers that a search there may name wrongly. ``accepted`` and ``refused``: how many of
    each since the checkpoint was made.
    """

    id: str
    name: str
    group: str
    act: str
    attack_checks: list[str]
    fpir: float
    accepted: int
    refused: int

    @classmethod
    def of(cls, checkpoint: Checkpoint, fpir: float, tallies: Mapping[Counter, int]) -> "CheckpointView":
        return cls(
            id=checkpoint.id,
            name=checkpoint.name,
            group=checkpoint.group,
            act=checkpoint.act.value,
            attack_checks=told_methods(checkpoint.attack_checks),
            fpir=fpir,
            accepted=tallies[Counter.ACCEPTED],
            refused=tallies[Counter.REFUSED],
        )


class CheckpointsView(BaseModel):
    checkpoints: list[CheckpointView]
