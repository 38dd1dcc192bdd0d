"""``PinStore`` in memory."""

from collections.abc import Collection

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from fakes.memory import Memory


class FakePinStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, person: PersonId, digits: str) -> None:
        if person not in self._memory.persons:
            raise PersonUnknown("No such person is known here.")
        self._memory.pins[person] = digits

    def remove(self, person: PersonId) -> None:
        self._memory.pins.pop(person, None)

    def has(self, person: PersonId) -> bool:
        return person in self._memory.pins

    def holders(self, people: Collection[PersonId], digits: str) -> frozenset[PersonId]:
        return frozenset(person for person in people if self._memory.pins.get(person) == digits)
