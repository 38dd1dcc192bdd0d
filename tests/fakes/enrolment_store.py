"""``EnrolmentStore`` in memory."""

from collections.abc import Sequence

from doorward.errors import NotFound, PersonUnknown
from doorward.kernel.ids import PersonId, TemplateId
from doorward.people.enrolment import Enrolment
from fakes.memory import Memory


class FakeEnrolmentStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def add(self, enrolment: Enrolment, photo: bytes | None = None) -> None:
        if enrolment.person not in self._memory.persons:
            raise PersonUnknown("No such person is known here.")
        self._memory.enrolments[enrolment.id] = enrolment
        if photo is not None:
            self._memory.photos[enrolment.id] = photo
        self._memory.mark(enrolment.person)

    def confirm(self, enrolment: Enrolment) -> None:
        if not self._is_of(enrolment.person, enrolment.id):
            raise NotFound("This person has no such enrolment.")
        self._memory.enrolments[enrolment.id] = enrolment
        self._memory.mark(enrolment.person)

    def of(self, person: PersonId) -> Sequence[Enrolment]:
        return [held for held in self._memory.enrolments.values() if held.person == person]

    def photo(self, person: PersonId, enrolment: TemplateId) -> bytes | None:
        return self._memory.photos.get(enrolment) if self._is_of(person, enrolment) else None

    def remove(self, person: PersonId, enrolment: TemplateId) -> None:
        if self._is_of(person, enrolment):
            del self._memory.enrolments[enrolment]
            self._memory.photos.pop(enrolment, None)
            self._memory.mark(person)

    def _is_of(self, person: PersonId, enrolment: TemplateId) -> bool:
        held = self._memory.enrolments.get(enrolment)
        return held is not None and held.person == person
