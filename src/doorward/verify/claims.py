"""Claims made of what was shown. Each asks the stores the same, whether or not anybody can meet it."""

from collections.abc import Sequence
from hashlib import sha256

from doorward.face.decision import Reason
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.credential_desk import Carried, CredentialDesk
from doorward.people.enrolment import references_by
from doorward.people.person import comparable
from doorward.people.ports import ConsentStore, EnrolmentStore, PersonStore
from doorward.verify.attempts import Counted, Subject
from doorward.verify.claim import Claim, Number, Shown


class Claims:
    """Makes claims for probes of one origin, and of a former one where nothing of the first is there."""

    def __init__(
        self,
        people: PersonStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        desk: CredentialDesk,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._desk = desk
        self._clock = clock
        self._randomness = randomness

    def of(self, shown: Shown, origin: TemplateOrigin, former: TemplateOrigin | None = None) -> Claim:
        """What ``shown`` comes to. Unknown ids, numbers and credentials make claims too, that nobody can meet."""
        origins = (origin,) if former is None else (origin, former)
        if shown.credential is not None:
            return claim_of_carried(self._desk.resolve(shown.credential, origins), shown.credential)
        models = [one.model for one in origins]
        if shown.number is not None:
            return self._of_number(shown.number, models)
        return self._of_person(shown.person, shown.person or "", models)

    def _of_number(self, number: Number, models: Sequence[str]) -> Claim:
        plain = comparable(number.text)
        holder = self._people.find(number.kind, plain)
        return self._of_person(holder, holder or f"{number.kind} {plain}", models)

    def _of_person(self, person: PersonId | None, counted: str, models: Sequence[str]) -> Claim:
        references = self._usable(person or PersonId(self._randomness.uuid()), models)
        # A claim that nobody can meet leaves an entry about nobody, else its missing write would tell it apart.
        about = person if references else None
        return Claim(person, about, references, (Subject(Counted.PERSON, counted),))

    def _usable(self, claimed: PersonId, models: Sequence[str]) -> Sequence[Template]:
        consents, enrolments = self._consents.of(claimed), self._enrolments.of(claimed)
        if Purpose.VERIFY not in purposes_in_force(consents, self._clock.now()):
            return ()
        return references_by(enrolments, models)


def claim_of_carried(carried: Carried, octets: bytes) -> Claim:
    """The claim of an examined credential; what does not open counts against what was shown."""
    shown = sha256(octets).hexdigest()
    return Claim(
        carried.person,
        carried.person,
        (carried.reference,) if carried.reference is not None else (),
        (Subject(Counted.PERSON, carried.person or shown), Subject(Counted.CREDENTIAL, carried.credential or shown)),
        Reason.CREDENTIAL_REFUSED,
        "credential",
        carried.refusal,
    )
