"""``Changes`` in memory."""

from collections.abc import Sequence

from doorward.kernel.ids import PersonId
from fakes.memory import Memory


class FakeChanges:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def since(self, revision: int) -> tuple[int, Sequence[PersonId]]:
        newest = max(self._memory.changed.values(), default=0)
        return max(newest, revision), self._memory.changed_since(revision)
