"""``HoldStore`` in memory."""

from collections.abc import Iterable, Sequence

from doorward.errors import Conflict, NotFound, PersonUnknown
from doorward.kernel.ids import HoldId
from doorward.passages.legal_hold import LegalHold
from doorward.passages.passage import Passage
from fakes.memory import Memory


class FakeHoldStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._holds: dict[HoldId, LegalHold] = {}
        self._held: dict[HoldId, set[Passage]] = {}

    def add(self, hold: LegalHold) -> None:
        self._holds[hold.id], self._held[hold.id] = hold, set()

    def get(self, hold: HoldId) -> LegalHold:
        if hold not in self._holds:
            raise NotFound("no such hold")
        return self._holds[hold]

    def all(self) -> Sequence[LegalHold]:
        return sorted(self._holds.values(), key=lambda one: (one.asked_at, one.id))

    def approve(self, approved: LegalHold, passages: Iterable[Passage]) -> None:
        before = self._holds.get(approved.id)
        if before is None or before.is_approved:
            raise Conflict("no such request")
        self._holds[approved.id], self._held[approved.id] = approved, set(passages)

    def take_in(self, hold: HoldId, passages: Iterable[Passage]) -> None:
        if hold in self._held:
            self._held[hold] |= set(passages)

    def passages(self, hold: HoldId) -> Sequence[Passage]:
        if self.get(hold).person not in self._memory.persons:
            raise PersonUnknown("erased")
        return sorted(self._held[hold], key=lambda one: one.at)

    def end(self, hold: LegalHold) -> None:
        if self._holds.get(hold.id, hold) != hold:
            raise Conflict("approved meanwhile")
        self._holds.pop(hold.id, None)
        self._held.pop(hold.id, None)
