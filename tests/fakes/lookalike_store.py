"""``LookalikeStore`` in memory."""

from collections.abc import Sequence
from datetime import datetime

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.lookalikes import Lookalike
from fakes.memory import Memory


class FakeLookalikeStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def pair(self, one: PersonId, other: PersonId, at: datetime) -> None:
        if not {one, other} <= self._memory.persons.keys():
            raise PersonUnknown("No such person is known here.")
        self._memory.pairs[frozenset({one, other})] = at.replace(microsecond=0)
        self._memory.mark(one)
        self._memory.mark(other)

    def of(self, person: PersonId) -> Sequence[Lookalike]:
        found = [(at, pair) for pair, at in self._memory.pairs.items() if person in pair]
        ordered = sorted(found, key=lambda one: one[0])
        return [Lookalike(whom, at) for at, pair in ordered for whom in pair if whom != person]
