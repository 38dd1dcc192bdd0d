"""Who is known: adding, showing, changing and erasing people, and their consents. Every look leaves an entry."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from doorward.errors import ConsentMissing, DoorwardError, NotFound, Tampered, WrongUse
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Consent, Purpose, purposes_in_force
from doorward.people.credential import Cause, Revocation
from doorward.people.enrolment import Enrolment
from doorward.people.lookalikes import Lookalike
from doorward.people.membership import Membership, lasting
from doorward.people.person import (
    EVERYONE,
    LONGEST_TEXT,
    Details,
    Identifier,
    Person,
    check_membership,
    checked,
    comparable,
    is_plain,
)
from doorward.people.ports import (
    ConsentStore,
    CredentialStore,
    EnrolmentStore,
    LookalikeStore,
    PersonStore,
    PinStore,
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything held on one person, and who looked at it, ``at`` that moment. Of a PIN only that there is one."""

    person: Person
    consents: Sequence[Consent]
    enrolments: Sequence[Enrolment]
    lookalikes: Sequence[Lookalike]
    has_pin: bool
    looks: Sequence[AuditEntry]
    at: datetime


class Register:
    """The people of a site. Each method records what was done, by whom and why, before it does it.

    ``may_go``: raises when one of those people may not be erased.
    """

    def __init__(
        self,
        people: PersonStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        lookalikes: LookalikeStore,
        pins: PinStore,
        trail: AuditTrail,
        clock: Clock,
        randomness: Randomness,
        credentials: CredentialStore | None = None,
        may_go: Callable[[Sequence[PersonId]], object] = lambda people: people,
    ) -> None:
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._lookalikes = lookalikes
        self._pins = pins
        self._trail = trail
        self._clock = clock
        self._randomness = randomness
        self._credentials = credentials
        self._may_go = may_go

    def add(self, actor: Actor, display_name: str, details: Details, groups: Iterable[str] = ()) -> Person:
        """A new person, known and not yet enrolled; ``WrongUse`` or ``Conflict`` says what cannot be."""
        now = self._clock.now()
        person = checked(
            Person(PersonId(self._randomness.uuid()), display_name, details, lasting(groups), now), now.date()
        )
        self._people.add(person)
        try:
            self._record(actor, "person added", person.id)  # sealed under the person's key, which now exists
        except DoorwardError:
            self._people.erase(person.id)
            raise
        return person

    def complete(self, actor: Actor, changed: Person) -> None:
        """Store a record to which a document has added; ``Conflict`` when its number is another person's."""
        self._record(actor, "record completed from a document", changed.id)
        self._people.update(checked(changed, self._clock.now().date()))

    def permit(
        self,
        actor: Actor,
        person: PersonId,
        group: str,
        begins: datetime | None = None,
        ends: datetime | None = None,
    ) -> Person:
        """Let the person pass where ``group`` may, from ``begins`` until ``ends``. Groups only permit.

        It takes the place of the membership that there was. ``WrongUse`` when it has ended already.
        """
        known = self._people.get(person)
        begins, ends = (moment and moment.astimezone(UTC) for moment in (begins, ends))
        membership = check_membership(Membership(group, begins, ends))
        if ends is not None and ends <= self._clock.now():
            raise WrongUse("That membership has ended already; give a later moment, or take the person out of it.")
        term = "".join(
            f", {word} {moment:%Y-%m-%d %H:%M} UTC" for word, moment in (("from", begins), ("until", ends)) if moment
        )
        self._record(actor, f"permitted in group {group}{term}", person)
        return self._with(known, group, membership)

    def leave(self, actor: Actor, person: PersonId, group: str) -> Person:
        """End the person's membership of ``group`` now; ``NotFound`` when they have none, ``WrongUse`` of everyone."""
        known = self._people.get(person)
        if group == EVERYONE:
            raise WrongUse(f"Everybody is in the group {EVERYONE}; erase the person, or end their consent.")
        if all(one.group != group for one in known.memberships):
            raise NotFound("The person is not in that group; `doorward people show` tells in which they are.")
        self._record(actor, f"no longer permitted in group {group}", person)
        return self._with(known, group)

    def show(self, actor: Actor, person: PersonId) -> Dossier:
        self._people.get(person)
        self._record(actor, "record read", person)
        return self.dossier(person)

    def dossier(self, person: PersonId) -> Dossier:
        """For whoever recorded the look."""
        return Dossier(
            self._people.get(person),
            self._consents.of(person),
            self._enrolments.of(person),
            self._lookalikes.of(person),
            self._pins.has(person),
            self._trail.about(person),
            self._clock.now(),
        )

    def list(self, actor: Actor) -> Sequence[Person]:
        """Everybody, by display name."""
        self._record(actor, "list of people read", None)
        return sorted(self._people.all(), key=lambda person: (person.display_name.casefold(), person.id))

    def find(self, kind: Identifier, number: str) -> PersonId | None:
        """The holder of a document or badge number."""
        return self._people.find(kind, comparable(number))

    def erase(self, actor: Actor, person: PersonId) -> None:
        """Destroy the person's keys and rows. The log keeps that somebody was erased, and no longer whom.

        ``UnderLegalHold`` while passages of theirs are held.
        """
        with suppress(Tampered):  # a damaged record is erased like any other
            self._people.get(person)
        self._may_go([person])
        self._record(actor, "person erased", None)
        self._people.erase(person)

    def consent(
        self,
        actor: Actor,
        person: PersonId,
        notice: str,
        notice_version: str,
        purposes: Iterable[Purpose],
        given_how: str,
        until: datetime | None = None,
    ) -> Consent:
        """Record a consent given now."""
        now = self._clock.now()
        wanted = frozenset(purposes)
        if not wanted:
            raise WrongUse("A consent names at least one purpose.")
        if not notice.strip() or not notice_version.strip() or not given_how.strip():
            raise WrongUse("A consent says which notice was shown, in which version, and how consent was given.")
        if not all(map(is_plain, (notice, notice_version, given_how))):
            raise WrongUse(f"A field is longer than {LONGEST_TEXT} characters or holds control characters.")
        if until is not None and until <= now:
            raise ConsentMissing("That consent ends before it begins; give a later date.")
        consent = Consent(
            ConsentId(self._randomness.uuid()), person, notice, notice_version, wanted, now, given_how, until
        )
        self._people.get(person)
        self._record(actor, "consent recorded", person)
        self._consents.add(consent)
        return consent

    def withdraw(self, actor: Actor, person: PersonId, consent: ConsentId) -> Consent:
        """End a consent now. What rested on it alone is gone or ended, and the person has a new key."""
        known = self._consents.get(person, consent)
        self._record(actor, "consent withdrawn", person)
        now = self._clock.now()
        ended = replace(known, withdrawn_at=known.withdrawn_at or now)
        others = [other for other in self._consents.of(person) if other.id != consent]
        keep = purposes_in_force(others, now)
        if Purpose.VERIFY not in keep:
            self._end_credential(person, now)
        self._consents.withdraw(ended, keep)
        return ended

    def looks(self, person: PersonId) -> Sequence[AuditEntry]:
        """Who looked at the person's data, when and why: theirs to see."""
        self._people.get(person)
        return self._trail.about(person)

    def _with(self, known: Person, group: str, *instead: Membership) -> Person:
        """``known`` with ``instead`` in the place of their membership of ``group``."""
        others = {one for one in known.memberships if one.group != group}
        changed = replace(known, memberships=frozenset({*others, *instead}))
        self._people.update(changed)
        return changed

    def _end_credential(self, person: PersonId, now: datetime) -> None:
        held = self._credentials.of(person) if self._credentials else None
        if self._credentials and held:
            ended = Revocation(held.id, Cause.CONSENT_WITHDRAWN, now.replace(microsecond=0), held.until)
            self._credentials.revoke(person, ended)

    def _record(self, actor: Actor, action: str, about: PersonId | None) -> None:
        self._trail.record(AuditEntry(actor, action, about, self._clock.now()))
