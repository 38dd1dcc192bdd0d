"""``PersonStore`` in memory."""

from collections.abc import Iterator

from doorward.errors import Conflict, PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.credential import Cause, Revocation
from doorward.people.person import Identifier, Person
from fakes.memory import Memory


class FakePersonStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def add(self, person: Person) -> None:
        if person.id in self._memory.persons:
            raise Conflict("That person is here already.")
        self._put(person)

    def update(self, person: Person) -> None:
        self.get(person.id)
        self._put(person)

    def get(self, person: PersonId) -> Person:
        try:
            return self._memory.persons[person]
        except KeyError:
            raise PersonUnknown("No such person is known here.") from None

    def find(self, kind: Identifier, number: str) -> PersonId | None:
        holders = (one.id for one in self._memory.persons.values() if one.identifiers().get(kind) == number)
        return next(holders, None)

    def all(self) -> Iterator[Person]:
        return iter(list(self._memory.persons.values()))

    def count(self) -> int:
        return len(self._memory.persons)

    def erase(self, person: PersonId) -> None:
        self.get(person)
        memory = self._memory
        del memory.persons[person]
        memory.consents = {key: held for key, held in memory.consents.items() if held.person != person}
        gone = {key for key, held in memory.enrolments.items() if held.person == person}
        for key in gone:
            del memory.enrolments[key]
            memory.photos.pop(key, None)
        memory.passages = [passage for passage in memory.passages if passage.person != person]
        memory.pins.pop(person, None)
        memory.pairs = {pair: at for pair, at in memory.pairs.items() if person not in pair}
        carried = memory.credentials.pop(person, None)
        if carried is not None:
            memory.ended[carried.id] = Revocation(carried.id, Cause.ERASED, carried.issued_at, carried.until)
        memory.mark(person)

    def _put(self, person: Person) -> None:
        for kind, number in person.identifiers().items():
            if self.find(kind, number) not in (None, person.id):
                raise Conflict(f"Another person holds that {kind} number.")
        self._memory.persons[person.id] = person
        self._memory.mark(person.id)
