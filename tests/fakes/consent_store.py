"""``ConsentStore`` in memory."""

from collections.abc import Collection, Mapping, Sequence

from doorward.errors import NotFound, PersonUnknown
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Consent, Purpose
from fakes.memory import Memory


class FakeConsentStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def add(self, consent: Consent) -> None:
        if consent.person not in self._memory.persons:
            raise PersonUnknown("No such person is known here.")
        self._put(consent)

    def update(self, consent: Consent) -> None:
        self.get(consent.person, consent.id)
        self._put(consent)

    def withdraw(self, ended: Consent, keep: Collection[Purpose]) -> None:
        self.update(ended)
        own = [held.id for held in self._memory.enrolments.values() if held.person == ended.person]
        for enrolment in own:
            if Purpose.PHOTO not in keep:
                self._memory.photos.pop(enrolment, None)
            if not {Purpose.VERIFY, Purpose.IDENTIFY} & set(keep):
                del self._memory.enrolments[enrolment]
                self._memory.photos.pop(enrolment, None)
        if Purpose.PASSAGES not in keep:
            self._memory.passages = [held for held in self._memory.passages if held.person != ended.person]

    def of(self, person: PersonId) -> Sequence[Consent]:
        return [consent for consent in self._memory.consents.values() if consent.person == person]

    def of_many(self, people: Collection[PersonId]) -> Mapping[PersonId, Sequence[Consent]]:
        return {person: held for person in people if (held := self.of(person))}

    def get(self, person: PersonId, consent: ConsentId) -> Consent:
        for held in self.of(person):
            if held.id == consent:
                return held
        raise NotFound("This person has no such consent.")

    def _put(self, consent: Consent) -> None:
        self._memory.consents[consent.id] = consent
        self._memory.mark(consent.person)
