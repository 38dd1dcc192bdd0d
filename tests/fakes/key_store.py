"""``KeyStore`` in memory."""

from collections.abc import Iterable

from doorward.errors import Conflict
from doorward.kernel.ids import PersonId
from doorward.vault.ports import KeyKind, WrappedKey


class FakeKeyStore:
    def __init__(self) -> None:
        self._keys: dict[tuple[KeyKind, str, int], WrappedKey] = {}
        self._index: dict[tuple[str, bytes], PersonId] = {}

    def add(self, key: WrappedKey) -> None:
        place = (key.kind, key.owner, key.version)
        if place in self._keys:
            raise Conflict("That key exists already.")
        self._keys[place] = key

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None:
        versions = [key for key in self.all(kind) if key.owner == owner]
        return max(versions, key=lambda key: key.version, default=None)

    def all(self, kind: KeyKind) -> Iterable[WrappedKey]:
        return [key for key in self._keys.values() if key.kind is kind]

    def destroy(self, kind: KeyKind, owner: str) -> None:
        self._keys = {place: key for place, key in self._keys.items() if place[:2] != (kind, owner)}

    def index(self, kind: str, tag: bytes, person: PersonId) -> None:
        if self._index.setdefault((kind, tag), person) != person:
            raise Conflict(f"Another person holds that {kind} number.")

    def find(self, kind: str, tag: bytes) -> PersonId | None:
        return self._index.get((kind, tag))

    def unindex(self, person: PersonId, kind: str | None = None) -> None:
        self._index = {
            place: held for place, held in self._index.items() if held != person or kind not in (None, place[0])
        }
