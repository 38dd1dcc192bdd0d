"""``CredentialStore`` in memory."""

from collections.abc import Iterator

from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.credential import Issued, Revocation
from fakes.memory import Memory


class FakeCredentialStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def issue(self, issued: Issued, ended: Revocation | None) -> None:
        if ended is not None:
            self._memory.ended[ended.id] = ended
        self._memory.credentials[issued.person] = issued

    def revoke(self, person: PersonId, revocation: Revocation) -> None:
        self._memory.ended[revocation.id] = revocation
        self._memory.credentials.pop(person, None)

    def of(self, person: PersonId) -> Issued | None:
        held = self._memory.credentials.get(person)
        return None if held is None or held.id in self._memory.ended else held

    def revocation(self, credential: CredentialId) -> Revocation | None:
        return self._memory.ended.get(credential)

    def all(self) -> Iterator[Issued]:
        return iter([held for held in self._memory.credentials.values() if held.id not in self._memory.ended])

    def revocations(self) -> Iterator[Revocation]:
        return iter(list(self._memory.ended.values()))

    def forget(self, credential: CredentialId) -> None:
        self._memory.ended.pop(credential, None)
