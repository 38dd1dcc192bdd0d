"""``KeyStore`` in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from doorward.errors import Conflict, KeyRenewed
from doorward.kernel.ids import PersonId
from doorward.vault.ports import IndexEntry, KeyCount, KeyKind, KeyState, WrappedKey


class FakeKeyStore:
    def __init__(self) -> None:
        self._keys: dict[tuple[KeyKind, str, int], WrappedKey] = {}
        self._index: dict[tuple[str, bytes], tuple[PersonId, int]] = {}

    def revision(self) -> str:
        return str(hash((frozenset(self._keys.values()), frozenset(self._index.items()))))

    def add(self, key: WrappedKey) -> None:
        place = (key.kind, key.owner, key.version)
        if place in self._keys:
            raise Conflict("That key exists already.")
        site = self.newest(KeyKind.SITE, "")
        if key.kind is not KeyKind.SITE and site is not None and site.version != key.wrapped_by:
            raise KeyRenewed("The site key was renewed in the meantime.")
        self._keys[place] = key

    def add_many(self, many: Sequence[WrappedKey], entries: Sequence[IndexEntry] = ()) -> None:
        before = dict(self._keys)
        try:
            for key in many:
                self.add(key)
            if any(self.find(entry.kind, entry.tag) for entry in entries):
                raise Conflict("One of those numbers is known already.")
        except (Conflict, KeyRenewed):
            self._keys = before
            raise
        for entry in entries:
            self.index(entry.kind, entry.tag, entry.person, entry.version)

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None:
        return next(iter(self.versions(kind, owner)), None)

    def versions(self, kind: KeyKind, owner: str) -> Sequence[WrappedKey]:
        held = [key for key in self.all(kind) if key.owner == owner]
        return sorted(held, key=lambda key: -key.version)

    def of_owners(self, kind: KeyKind, owners: Sequence[str]) -> Iterable[WrappedKey]:
        return [key for key in self.all(kind) if key.owner in owners]

    def all(self, kind: KeyKind) -> Iterable[WrappedKey]:
        return [key for key in self._keys.values() if key.kind is kind]

    def succeed(self, key: WrappedKey, beside: WrappedKey | None = None) -> None:
        newest = self.newest(key.kind, key.owner)
        if newest is None or newest.version != key.version - 1:
            raise Conflict("That key was renewed or destroyed.")
        self.add(key)
        if beside is not None:
            self.add(beside)
        self.mark_older(key, KeyState.RETIRING)

    def mark_older(self, newest: WrappedKey, state: KeyState) -> None:
        for place, key in self._older(newest).items():
            self._keys[place] = replace(key, state=state)

    def destroy_older(self, newest: WrappedKey) -> None:
        if newest.kind is KeyKind.SITE and self.count_wrapped_before(newest.version):
            raise Conflict("An older site key still wraps keys.")
        for place in self._older(newest):
            del self._keys[place]

    def owners_in(self, kind: KeyKind, state: KeyState) -> Sequence[str]:
        return sorted({key.owner for key in self.all(kind) if key.state is state})

    def wrapped_before(self, version: int, limit: int) -> Sequence[WrappedKey]:
        held = [key for key in self._keys.values() if key.kind is not KeyKind.SITE and key.wrapped_by < version]
        return held[:limit]

    def count_wrapped_before(self, version: int) -> int:
        return len(self.wrapped_before(version, len(self._keys)))

    def rewrap(self, batch: Sequence[WrappedKey]) -> None:
        renewed = {key.id: key for key in batch}
        for place, key in self._keys.items():
            if key.id in renewed:
                self._keys[place] = replace(key, wrapped=renewed[key.id].wrapped, wrapped_by=renewed[key.id].wrapped_by)

    def replace(self, kind: KeyKind, owner: str, replacements: Sequence[WrappedKey]) -> None:
        self.destroy(kind, owner)
        for key in replacements:
            self.add(key)

    def destroy(self, kind: KeyKind, owner: str) -> Sequence[bytes]:
        wraps = [key.wrapped for key in self.versions(kind, owner)]
        self._keys = {place: key for place, key in self._keys.items() if place[:2] != (kind, owner)}
        return wraps

    def destroy_many(self, kinds: Sequence[KeyKind], people: Sequence[PersonId]) -> Sequence[bytes]:
        wraps = [wrap for kind in kinds for person in people for wrap in self.destroy(kind, person)]
        for person in people:
            self.unindex(person)
        return wraps

    def confirm_gone(self, wraps: Sequence[bytes]) -> None:
        """Nothing is left where nothing is written."""

    def inventory(self) -> Sequence[KeyCount]:
        groups = Counter((key.kind, key.version, key.state, key.wrapped_by) for key in self._keys.values())
        return [
            KeyCount(*group, held, min(key.created_at for key in self._keys.values() if _group(key) == group))
            for group, held in sorted(groups.items())
        ]

    def index(self, kind: str, tag: bytes, person: PersonId, version: int = 1) -> None:
        if self._index.setdefault((kind, tag), (person, version))[0] != person:
            raise Conflict(f"Another person holds that {kind} number.")

    def find(self, kind: str, tag: bytes) -> PersonId | None:
        held = self._index.get((kind, tag))
        return held[0] if held else None

    def find_many(self, kind: str, tags: Sequence[bytes]) -> Mapping[bytes, PersonId]:
        found = {tag: self.find(kind, tag) for tag in tags}
        return {tag: person for tag, person in found.items() if person is not None}

    def unindex(self, person: PersonId, kind: str | None = None, but: Sequence[bytes] = ()) -> None:
        self._index = {
            place: held
            for place, held in self._index.items()
            if held[0] != person or kind not in (None, place[0]) or place[1] in but
        }

    def unindex_before(self, version: int) -> None:
        self._index = {place: held for place, held in self._index.items() if held[1] >= version}

    def _older(self, newest: WrappedKey) -> dict[tuple[KeyKind, str, int], WrappedKey]:
        return {
            place: key
            for place, key in self._keys.items()
            if place[:2] == (newest.kind, newest.owner) and key.version < newest.version
        }


def _group(key: WrappedKey) -> tuple[KeyKind, int, KeyState, int]:
    return key.kind, key.version, key.state, key.wrapped_by
