"""``AuditTrail`` in memory, and one that cannot write."""

from collections.abc import Sequence
from dataclasses import replace

from doorward.errors import PersonUnknown, StorageError
from doorward.kernel.audit import AuditEntry, LoggedEntry
from doorward.kernel.ids import PersonId
from fakes.memory import Memory


class FakeAuditTrail:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def record(self, entry: AuditEntry) -> None:
        if entry.about is not None and entry.about not in self._memory.persons:
            raise PersonUnknown("No such person is known here.")
        self._memory.entries.append(entry)

    def about(self, person: PersonId) -> Sequence[AuditEntry]:
        if person not in self._memory.persons:
            return []
        return [entry for entry in self._memory.entries if entry.about == person]

    def count(self) -> int:
        return len(self._memory.entries)

    def listed(self, limit: int, about: PersonId | None = None) -> Sequence[LoggedEntry]:
        told = [
            LoggedEntry(number, replace(entry, about=about), entry.about is not None)
            for number, entry in enumerate(self._memory.entries, start=1)
            if about is None or (entry.about == about and about in self._memory.persons)
        ]
        return told[-limit:]


class BrokenAuditTrail:
    """Every write fails, as on a full disk."""

    def record(self, entry: AuditEntry) -> None:
        raise StorageError("The disk is full; free some space and try again.")

    def about(self, person: PersonId) -> Sequence[AuditEntry]:
        return []

    def count(self) -> int:
        return 0

    def listed(self, limit: int, about: PersonId | None = None) -> Sequence[LoggedEntry]:
        return []
