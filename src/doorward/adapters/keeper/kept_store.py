"""The key store of a site whose keys lie on another machine: each question is put to the keeper there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from doorward.adapters.keeper.calls import Call
from doorward.adapters.keeper.client import Keeper
from doorward.adapters.keeper.store_calls import decoded, encoded
from doorward.adapters.unix_socket.messages import MessageInvalid
from doorward.errors import Sealed
from doorward.kernel.ids import PersonId
from doorward.vault.ports import IndexEntry, KeyCount, KeyKind, KeyState, WrappedKey


class KeptKeyStore:
    """``KeyStore`` beyond a keeper's socket. ``Sealed`` while that cannot be reached."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def revision(self) -> str:
        return str(self._asked("revision"))

    def add(self, key: WrappedKey) -> None:
        self._asked("add", key)

    def add_many(self, keys: Sequence[WrappedKey], entries: Sequence[IndexEntry] = ()) -> None:
        self._asked("add_many", keys, entries)

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None:
        found: WrappedKey | None = self._asked("newest", kind, owner)
        return found

    def versions(self, kind: KeyKind, owner: str) -> Sequence[WrappedKey]:
        return self._keys("versions", kind, owner)

    def of_owners(self, kind: KeyKind, owners: Sequence[str]) -> Iterable[WrappedKey]:
        return self._keys("of_owners", kind, owners)

    def all(self, kind: KeyKind) -> Iterable[WrappedKey]:
        return self._keys("all", kind)

    def succeed(self, key: WrappedKey, beside: WrappedKey | None = None) -> None:
        self._asked("succeed", key, beside)

    def mark_older(self, newest: WrappedKey, state: KeyState) -> None:
        self._asked("mark_older", newest, state)

    def destroy_older(self, newest: WrappedKey) -> None:
        self._asked("destroy_older", newest)

    def owners_in(self, kind: KeyKind, state: KeyState) -> Sequence[str]:
        owners: list[str] = self._asked("owners_in", kind, state)
        return owners

    def wrapped_before(self, version: int, limit: int) -> Sequence[WrappedKey]:
        return self._keys("wrapped_before", version, limit)

    def count_wrapped_before(self, version: int) -> int:
        return int(self._asked("count_wrapped_before", version))

    def rewrap(self, keys: Sequence[WrappedKey]) -> None:
        self._asked("rewrap", keys)

    def replace(self, kind: KeyKind, owner: str, keys: Sequence[WrappedKey]) -> None:
        self._asked("replace", kind, owner, keys)

    def destroy(self, kind: KeyKind, owner: str) -> Sequence[bytes]:
        wraps: list[bytes] = self._asked("destroy", kind, owner)
        return wraps

    def destroy_many(self, kinds: Sequence[KeyKind], people: Sequence[PersonId]) -> Sequence[bytes]:
        wraps: list[bytes] = self._asked("destroy_many", kinds, people)
        return wraps

    def confirm_gone(self, wraps: Sequence[bytes]) -> None:
        self._asked("confirm_gone", wraps)

    def inventory(self) -> Sequence[KeyCount]:
        counts: list[KeyCount] = self._asked("inventory")
        return counts

    def index(self, kind: str, tag: bytes, person: PersonId, version: int = 1) -> None:
        self._asked("index", kind, tag, person, version)

    def find(self, kind: str, tag: bytes) -> PersonId | None:
        found: PersonId | None = self._asked("find", kind, tag)
        return found

    def find_many(self, kind: str, tags: Sequence[bytes]) -> Mapping[bytes, PersonId]:
        found: dict[bytes, PersonId] = self._asked("find_many", kind, tags)
        return found

    def unindex(self, person: PersonId, kind: str | None = None, but: Sequence[bytes] = ()) -> None:
        self._asked("unindex", person, kind, but)

    def unindex_before(self, version: int) -> None:
        self._asked("unindex_before", version)

    def _keys(self, name: str, *arguments: object) -> Sequence[WrappedKey]:
        keys: list[WrappedKey] = self._asked(name, *arguments)
        return keys

    def _asked(self, name: str, *arguments: object) -> Any:
        answer = self._keeper.ask_at_length(Call.STORE, encoded([name, list(arguments)]), Call.MORE)
        try:
            return decoded(answer)
        except MessageInvalid:
            raise Sealed("The key keeper speaks another language; give both machines one version.") from None
