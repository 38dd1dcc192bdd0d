"""Credentials issued, ended and examined. Each act is recorded before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from doorward.errors import Conflict, NotFound
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.credential import (
    Cause,
    Credential,
    Issued,
    Refusal,
    Revocation,
    credential_for,
    expiry,
    model_mark,
    refusal_of,
)
from doorward.people.enrolment import confirmed_by
from doorward.people.ports import ConsentStore, CredentialSealer, CredentialStore, EnrolmentStore, PersonStore

KEPT_AFTER_EXPIRY = timedelta(days=30)
"""How long an operator can still see why an expired credential was ended."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a shown credential comes to. ``reference`` is there exactly when ``refusal`` is not.

    ``credential`` is ``None`` when it does not open, ``person`` too when they are not known here.
    """

    credential: CredentialId | None
    person: PersonId | None
    reference: Template | None
    refusal: Refusal | None


class CredentialDesk:
    """Issues credentials to those who are enrolled, ends them, and says what a shown one comes to."""

    def __init__(
        self,
        people: PersonStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        credentials: CredentialStore,
        sealer: CredentialSealer,
        trail: AuditTrail,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._credentials = credentials
        self._sealer = sealer
        self._trail = trail
        self._clock = clock
        self._randomness = randomness
        self._forgot_on: date | None = None
        self._last_held: tuple[PersonId, CredentialId] | None = None

    def prepare(
        self, actor: Actor, person: PersonId, until: datetime | None = None, model: str | None = None
    ) -> tuple[Issued, bytes]:
        """A credential over the person's newest confirmed reference, of ``model`` if there is one. It holds from
        ``hand_over`` on.

        ``ConsentMissing`` without a consent to verification, ``Conflict`` without a confirmed enrolment, ``WrongUse``
        for an end that cannot be.
        """
        self._people.get(person)
        now = self._clock.now()
        end = expiry(until, self._consents.of(person), now)
        held = self._enrolments.of(person)
        confirmed = [one.template for one in held if not one.is_pending]
        if not confirmed:
            raise Conflict("This person has no confirmed enrolment; enrol them, confirm it, and then issue.")
        newest = (confirmed if model is None else confirmed_by(held, model) or confirmed)[-1]
        mark = model_mark(newest.origin.model)
        issued = Issued(CredentialId(self._randomness.uuid()), person, now.replace(microsecond=0), end, mark)
        octets = self._sealer.seal(credential_for(issued, newest))
        self._record(actor, "credential issued", person)
        return issued, octets

    def hand_over(self, issued: Issued) -> None:
        """Let a prepared credential hold. The one that the person had is ended by it."""
        former = self._credentials.of(issued.person)
        self._credentials.issue(issued, None if former is None else self._ended(former, Cause.REISSUED))

    def revoke(self, actor: Actor, person: PersonId, cause: Cause = Cause.REVOKED) -> Issued:
        """End what the person carries; ``NotFound`` when they carry nothing."""
        held = self._credentials.of(person)
        if held is None:
            raise NotFound("This person carries no credential; `doorward credential list` shows who does.")
        self._record(actor, f"credential ended: {cause}", person)
        self._credentials.revoke(person, self._ended(held, cause))
        return held

    def holder(self, credential: CredentialId) -> PersonId:
        """Who carries it; ``NotFound`` when nobody does."""
        for held in self._credentials.all():
            if held.id == credential:
                return held.person
        raise NotFound("Nobody carries that credential; `doorward credential list` shows those that hold.")

    def list(self, actor: Actor) -> tuple[Sequence[Issued], Sequence[Revocation]]:
        """What is carried and what was ended, the newest first."""
        self._record(actor, "list of credentials read", None)
        carried = sorted(self._credentials.all(), key=lambda one: (one.issued_at, one.id), reverse=True)
        return carried, sorted(self._credentials.revocations(), key=lambda one: (one.at, one.id), reverse=True)

    def forget_expired(self) -> None:
        """Drop what is kept of ended credentials once ``KEPT_AFTER_EXPIRY`` is over, looking once a day."""
        now = self._clock.now()
        if self._forgot_on == now.date():
            return
        self._forgot_on = now.date()
        for ended in list(self._credentials.revocations()):
            held = ended.until + KEPT_AFTER_EXPIRY
            if held <= now:
                self._credentials.forget(ended.id)

    def resolve(self, octets: bytes, origins: Sequence[TemplateOrigin]) -> Carried:
        """What a shown credential comes to, to compare with a probe of one of ``origins``. Never raises for what is
        shown: a credential keeps the model that it was issued with.

        The stores are asked the same whatever is wrong with it: for what does not open, about what last held here.
        """
        opened = self._sealer.open(octets)
        person, credential = self._asked_about(opened)
        now = self._clock.now()
        held, revocation = self._credentials.of(person), self._credentials.revocation(credential)
        consents = self._consents.of(person)
        known = person if consents else None
        if not isinstance(opened, Credential):
            return Carried(None, None, None, opened)
        refusal = refusal_of(opened, held, revocation, now)
        if refusal is None and Purpose.VERIFY not in purposes_in_force(consents, now):
            refusal = Refusal.NO_CONSENT
        templates = (opened.template(origin) for origin in origins)
        reference = next((template for template in templates if template is not None), None)
        if refusal is None:
            self._last_held = person, credential
        if refusal is None and reference is None:
            refusal = Refusal.OTHER_MODEL
        return Carried(credential, known, None if refusal else reference, refusal)

    def _asked_about(self, opened: Credential | Refusal) -> tuple[PersonId, CredentialId]:
        """Whose rows are read. Reading those of nobody would take less time, and tell that a card is not of here."""
        if isinstance(opened, Credential):
            return opened.person, opened.id
        nobody = PersonId(self._randomness.uuid()), CredentialId(self._randomness.uuid())
        return self._last_held or nobody

    def _ended(self, held: Issued, cause: Cause) -> Revocation:
        return Revocation(held.id, cause, self._clock.now().replace(microsecond=0), held.until)

    def _record(self, actor: Actor, action: str, about: PersonId | None) -> None:
        self._trail.record(AuditEntry(actor, action, about, self._clock.now()))
