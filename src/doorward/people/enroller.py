"""Enrolling: a live capture counts at once, a photo file stays pending until its person confirms it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from doorward.errors import AlreadyEnrolled, Conflict, NotConfirmed
from doorward.face.comparison import compare, compare_with_all
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, ThresholdsOf, threshold_set_for
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId, TemplateId
from doorward.people.consent import FOR_FACES, Purpose, purposes_in_force, require_use_of_face
from doorward.people.enrolment import CapturedFrom, Enrolment, confirmed_by
from doorward.people.lookalikes import Distinction, undistinguished
from doorward.people.ports import ConsentStore, EnrolmentStore, LookalikeStore, PersonStore

MOST_TEMPLATES = 10
"""References kept of one person."""

_SOMEBODY_S = "This face is already enrolled; ask an officer who may see as whom."

STRONG_FMR = 1e-6
"""The false-match rate at which a photo may update references without its person being there."""


class NeighbourSearch(Protocol):
    """Finds who is enrolled with a face that is as near as the same one's; loads nothing in the verify profile."""

    def neighbours(self, templates: Sequence[Template], other_than: PersonId) -> Sequence[PersonId]: ...


class Enroller:
    """Enrols templates under a consent in force for verification or identification."""

    def __init__(
        self,
        people: PersonStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        neighbours: NeighbourSearch,
        lookalikes: LookalikeStore,
        trail: AuditTrail,
        clock: Clock,
        randomness: Randomness,
        thresholds: ThresholdsOf = threshold_set_for,
    ) -> None:
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._neighbours = neighbours
        self._lookalikes = lookalikes
        self._trail = trail
        self._clock = clock
        self._randomness = randomness
        self._thresholds = thresholds

    def enrol(
        self,
        actor: Actor,
        person: PersonId,
        template: Template,
        captured_from: CapturedFrom,
        photo: bytes | None = None,
        *,
        former: Template | None = None,
        portrait: Template | None = None,
        distinct: Distinction | None = None,
        may_see_duplicate: bool = False,
    ) -> Enrolment:
        """Store a reference. ``photo`` is kept only under a consent that covers it.

        ``former``: the same face by the model before the one in use, to be held against those who have no other.
        ``portrait``: of a document that says who the person is. ``NotConfirmed`` when the reference does not match it;
        ``ConsentMissing`` without a consent in force; ``AlreadyEnrolled`` when the face is as near as another person's
        (named only if ``may_see_duplicate``) and no officer stated in ``distinct`` or earlier that they are two;
        ``Conflict`` beyond ``MOST_TEMPLATES``.
        """
        known = self._people.get(person)
        now = self._clock.now()
        allowed = self._purposes_for_use(person)
        if len(_of_model(self._enrolments.of(person), template)) >= MOST_TEMPLATES:
            raise Conflict(f"This person has {MOST_TEMPLATES} templates already; remove one first.")
        if portrait is not None:
            self._require_match(actor, person, template, portrait)
        self._tell_apart(actor, _faces(template, former), person, distinct, may_see_duplicate)
        confirmed_at = now if captured_from is CapturedFrom.LIVE else None
        enrolment = self._enrolment(known.id, template, captured_from, confirmed_at)
        self._record(actor, f"face enrolled from {captured_from}", person)
        self._enrolments.add(enrolment, photo if Purpose.PHOTO in allowed else None)
        return enrolment

    def update(
        self,
        actor: Actor,
        person: PersonId,
        template: Template,
        captured_from: CapturedFrom,
        photo: bytes | None = None,
        *,
        former: Template | None = None,
        distinct: Distinction | None = None,
        may_see_duplicate: bool = False,
    ) -> Enrolment:
        """Add a reference that counts at once, because the face matches the confirmed ones strongly.

        It is held against those of its own model, and by ``former`` against those of the model before where there are
        no others. Beyond ``MOST_TEMPLATES`` of a model the oldest makes room. ``NotConfirmed`` when it matches less,
        ``Conflict`` when nothing of these models is confirmed, and otherwise as ``enrol``.
        """
        self._people.get(person)
        allowed = self._purposes_for_use(person)
        held = self._enrolments.of(person)
        faces = _faces(template, former)
        face = next((one for one in faces if confirmed_by(held, one.origin.model)), None)
        if face is None:
            raise Conflict("Nothing is confirmed for this person that the model in use made; enrol again.")
        if not self._is_strong(face, held):
            self._record(actor, "update refused", person)
            raise NotConfirmed("The face does not match the enrolled one strongly enough; enrol and confirm in person.")
        self._tell_apart(actor, faces, person, distinct, may_see_duplicate)
        enrolment = self._enrolment(person, template, captured_from, self._clock.now())
        self._record(actor, f"references updated from {captured_from}", person)
        own = sorted(_of_model(held, template), key=lambda one: one.enrolled_at)
        for oldest in own[: max(0, len(own) - MOST_TEMPLATES + 1)]:
            self._enrolments.remove(person, oldest.id)
        self._enrolments.add(enrolment, photo if Purpose.PHOTO in allowed else None)
        return enrolment

    def follow(
        self, actor: Actor, person: PersonId, template: Template, former: Template, captured_from: CapturedFrom
    ) -> Enrolment | None:
        """Let somebody who was just accepted come over to the model in use: add its template of their face.

        Only where they have confirmed references of the ``former`` model alone, whom their face matches strongly, and
        a consent in force. ``None`` where that is not so, and where they have or get a lookalike: a twin's match may
        be as strong, so an officer enrols them.
        """
        held = self._enrolments.of(person)
        if confirmed_by(held, template.origin.model) or not confirmed_by(held, former.origin.model):
            return None
        allowed = purposes_in_force(self._consents.of(person), self._clock.now()) & FOR_FACES
        if not allowed or not self._is_strong(former, held) or self._lookalikes.of(person):
            return None
        if self._neighbours.neighbours((template, former), person):
            self._record(actor, "no reference of the model in use added, the face resembles somebody else's", person)
            return None
        enrolment = self._enrolment(person, template, captured_from, self._clock.now())
        self._record(actor, "reference of the model in use added after a strong match", person)
        self._enrolments.add(enrolment)
        return enrolment

    def confirm(
        self,
        actor: Actor,
        person: PersonId,
        live: Template,
        *,
        former: Template | None = None,
        distinct: Distinction | None = None,
        may_see_duplicate: bool = False,
    ) -> tuple[Enrolment, ...]:
        """Confirm the person's pending references by a live capture of theirs, beside an officer or by invitation.

        Those of the ``former`` model are confirmed by it, and the capture is followed as in ``follow``.
        Returns those confirmed; ``NotConfirmed`` when the live face is not the enrolled one, ``AlreadyEnrolled`` as
        ``enrol`` (an invited person may neither see whom they resemble, nor state that they are another).
        """
        self._people.get(person)
        now = self._clock.now()
        self._purposes_for_use(person)
        faces = _faces(live, former)
        held = [enrolment for enrolment in self._enrolments.of(person) if enrolment.is_pending]
        pending = [(face, one) for face in faces for one in _of_model(held, face)]
        if not pending:
            raise Conflict("Nothing is pending for this person that the model in use made.")
        matching = [one for face, one in pending if self._matches(face, one.template)]
        if not matching:
            self._record(actor, "confirmation refused", person)
            raise NotConfirmed("The person before the camera is not the one in the photo; the enrolment stays pending.")
        self._tell_apart(actor, faces, person, distinct, may_see_duplicate)
        self._record(actor, "enrolment confirmed in person", person)
        confirmed = tuple(replace(enrolment, confirmed_at=now) for enrolment in matching)
        for enrolment in confirmed:
            self._enrolments.confirm(enrolment)
        if former is not None:
            self.follow(actor, person, live, former, CapturedFrom.LIVE)
        return confirmed

    def _matches(self, face: Template, reference: Template) -> bool:
        return compare(reference, face) >= self._thresholds(face.origin.model).at(DEFAULT_VERIFICATION_FMR).value

    def _is_strong(self, face: Template, held: Sequence[Enrolment]) -> bool:
        """At ``STRONG_FMR``, or at the strictest rate that was measured for its model."""
        measured = self._thresholds(face.origin.model)
        threshold = measured.at(max(STRONG_FMR, measured.lowest_fmr))
        return compare_with_all(face, confirmed_by(held, face.origin.model)) >= threshold.value

    def _require_match(self, actor: Actor, person: PersonId, template: Template, portrait: Template) -> None:
        if not self._matches(template, portrait):
            self._record(actor, "enrolment by a document refused", person)
            raise NotConfirmed("The face is not that of the document's portrait; nothing was enrolled.")

    def _enrolment(
        self, person: PersonId, template: Template, captured_from: CapturedFrom, confirmed_at: datetime | None
    ) -> Enrolment:
        made = TemplateId(self._randomness.uuid())
        return Enrolment(made, person, template, captured_from, self._clock.now(), confirmed_at)

    def _purposes_for_use(self, person: PersonId) -> frozenset[Purpose]:
        return require_use_of_face(self._consents.of(person), self._clock.now())

    def _tell_apart(
        self, actor: Actor, faces: Sequence[Template], person: PersonId, distinct: Distinction | None, may_see: bool
    ) -> None:
        """Record who is stated to be distinct; ``AlreadyEnrolled`` while the face may be somebody else's."""
        neighbours = self._neighbours.neighbours(faces, person)
        known = frozenset(one.person for one in self._lookalikes.of(person))
        left = undistinguished(neighbours, known, distinct)
        if left:
            raise AlreadyEnrolled(self._whose(left) if may_see else _SOMEBODY_S)
        if distinct is None:
            return
        for other in sorted(distinct.people - known):
            for one in (person, other):
                self._record(actor, f"stated to be distinct from a lookalike: {distinct.reason.strip()}", one)
            self._lookalikes.pair(person, other, self._clock.now())

    def _whose(self, people: Sequence[PersonId]) -> str:
        names = " and ".join(f"{self._people.get(one).display_name} ({one})" for one in people)
        return (
            f"This face is already enrolled as {names}; use that record, or, if they are two people, say so with "
            "--distinct-from ID and --reason TEXT."
        )

    def _record(self, actor: Actor, action: str, about: PersonId) -> None:
        self._trail.record(AuditEntry(actor, action, about, self._clock.now()))


def _faces(template: Template, former: Template | None) -> tuple[Template, ...]:
    """One face by the model in use, and by the one before it."""
    return (template,) if former is None else (template, former)


def _of_model(enrolments: Sequence[Enrolment], template: Template) -> list[Enrolment]:
    return [one for one in enrolments if one.template.origin.model == template.origin.model]
