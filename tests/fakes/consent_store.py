"""``ConsentStore`` in memory."""

from collections.abc import Sequence

from doorward.errors import NotFound, PersonUnknown
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Consent
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

    def of(self, person: PersonId) -> Sequence[Consent]:
        return [consent for consent in self._memory.consents.values() if consent.person == person]

    def get(self, person: PersonId, consent: ConsentId) -> Consent:
        for held in self.of(person):
            if held.id == consent:
                return held
        raise NotFound("This person has no such consent.")

    def _put(self, consent: Consent) -> None:
        self._memory.consents[consent.id] = consent
        self._memory.mark(consent.person)
