"""The key hierarchy: who wraps whom, and how a key comes to be, is renewed and ceases to be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from doorward.errors import Conflict, KeyRenewed, PersonUnknown
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.envelope import named_key
from doorward.vault.ports import KEY_LENGTH, IndexEntry, KeyKind, KeyProvider, KeyState, KeyStore, WrappedKey
from doorward.vault.site_keys import SiteKeys, UnlockedSiteKeys

_TRIES = 5
_BATCH = 1_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key in memory: never printed, never stored unwrapped."""

    id: str
    secret: bytes
    version: int = 1


class Keyring:
    """Keys by kind and owner, asked for anew each time: another process may have renewed or destroyed them.

    The provider's key wraps the site key; the newest version of the site key wraps all others.
    """

    def __init__(self, store: KeyStore, site_keys: SiteKeys, clock: Clock, randomness: Randomness) -> None:
        self._store = store
        self._clock = clock
        self._randomness = randomness
        self.site_keys = site_keys

    @staticmethod
    def found(site: SiteId, store: KeyStore, provider: KeyProvider, clock: Clock, randomness: Randomness) -> "Keyring":
        """Make a new site's site key, wrapped by ``provider``; ``Conflict`` when the store has one."""
        UnlockedSiteKeys.found(site, store, provider, clock, randomness)
        return Keyring.unlocked(site, store, provider, clock, randomness)

    @staticmethod
    def unlocked(
        site: SiteId, store: KeyStore, provider: KeyProvider, clock: Clock, randomness: Randomness
    ) -> "Keyring":
        """The site's keys, the site key held by this process; ``WrongKey`` when ``provider`` does not open it."""
        return Keyring(store, UnlockedSiteKeys(site, store, provider, clock, randomness), clock, randomness)

    def create(self, kind: KeyKind, owner: str = "") -> Key:
        """A fresh random key; ``Conflict`` when that owner has one."""
        return self._created(kind, owner, 1, self._store.add)

    def create_many(self, kind: KeyKind, owners: Sequence[str], entries: Sequence[IndexEntry] = ()) -> dict[str, Key]:
        """A fresh key for each owner, stored with the blind index's ``entries`` in one step; ``Conflict`` and none."""
        made: list[WrappedKey] = []

        def store(secrets: Sequence[bytes], site_version: int) -> None:
            wrapper = self.site_keys.wrapper(site_version)
            made[:] = wrapper.wrapped_many(kind, owners, secrets, site_version, self._clock)
            self._store.add_many(made, entries)

        pool = self._randomness.octets(KEY_LENGTH * len(owners))
        secrets = [pool[start : start + KEY_LENGTH] for start in range(0, len(pool), KEY_LENGTH)]
        self._under_newest(lambda site_version: store(secrets, site_version))
        return {key.owner: Key(key.id, secret) for key, secret in zip(made, secrets, strict=True)}

    def of_owners(self, kind: KeyKind, owners: Sequence[str]) -> Iterator[tuple[str, Key]]:
        """Every key that any of ``owners`` has; who has none (any more) is left out."""
        held = iter(self._store.of_owners(kind, owners))
        while batch := list(islice(held, _BATCH)):
            for site_version in {key.wrapped_by for key in batch}:
                keys = [key for key in batch if key.wrapped_by == site_version]
                secrets = self.site_keys.wrapper(site_version).unwrapped_many(keys)
                for key, secret in zip(keys, secrets, strict=True):
                    yield key.owner, Key(key.id, secret, key.version)

    def get(self, kind: KeyKind, owner: str = "") -> Key | None:
        """The owner's newest key, or ``None`` when there is none (any more)."""
        wrapped = self._store.newest(kind, owner)
        return None if wrapped is None else self._opened(wrapped)

    def versions(self, kind: KeyKind, owner: str = "") -> tuple[Key, ...]:
        """Every key of the owner's that still opens something, newest first."""
        return tuple(self._opened(wrapped) for wrapped in self._store.versions(kind, owner))

    def get_or_create(self, kind: KeyKind, owner: str = "") -> Key:
        key = self.get(kind, owner)
        if key is not None:
            return key
        try:
            return self.create(kind, owner)
        except Conflict:  # another process was first
            key = self.get(kind, owner)
            if key is None:
                raise
            return key

    def destroy(self, kind: KeyKind, owner: str) -> Sequence[bytes]:
        """The wraps that were destroyed."""
        return self._store.destroy(kind, owner)

    def destroy_many(self, kinds: Sequence[KeyKind], people: Sequence[PersonId]) -> Sequence[bytes]:
        """Destroy people's keys of those kinds, and their entries in the index; the wraps that were destroyed."""
        return self._store.destroy_many(kinds, people)

    def owners(self, kind: KeyKind) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key.owner for key in self._store.all(kind)))

    def renewing(self, kind: KeyKind) -> tuple[str, ...]:
        """Owners whose renewal has begun and not ended."""
        return tuple(self._store.owners_in(kind, KeyState.RETIRING))

    def renew(self, kind: KeyKind, owner: str = "", beside: tuple[KeyKind, bytes] | None = None) -> Key:
        """The owner's next key; earlier ones open until ``finish``. A renewal cut short is taken up, not begun anew.

        ``beside``: another key of the owner's, stored in the same step unless there is one. ``PersonUnknown`` when
        the owner has no key.
        """
        held = self._store.versions(kind, owner)
        if not held:
            raise PersonUnknown("There is no such key here; `doorward keys status` shows what there is.")
        if any(key.state is KeyState.RETIRING for key in held):
            return self._opened(held[0])

        def store(key: WrappedKey) -> None:
            extra = None
            if beside is not None and self._store.newest(beside[0], owner) is None:
                wrapper = self.site_keys.wrapper(key.wrapped_by)
                extra = wrapper.wrapped(beside[0], owner, 1, beside[1], key.wrapped_by, self._clock)
            self._store.succeed(key, extra)

        return self._created(kind, owner, held[0].version + 1, store)

    def finish(self, kind: KeyKind, owner: str = "", *, keep: bool = False) -> None:
        """End a renewal: earlier keys are destroyed, or with ``keep`` open what they sealed and seal no more."""
        newest = self._store.newest(kind, owner)
        if newest is None:
            return
        if keep:
            self._store.mark_older(newest, KeyState.RETIRED)
        else:
            self._store.destroy_older(newest)

    def _created(self, kind: KeyKind, owner: str, version: int, store: Callable[[WrappedKey], None]) -> Key:
        secret = self._randomness.octets(KEY_LENGTH)

        def wrap_and_store(site_version: int) -> Key:
            wrapper = self.site_keys.wrapper(site_version)
            wrapped = wrapper.wrapped(kind, owner, version, secret, site_version, self._clock)
            store(wrapped)
            return Key(wrapped.id, secret, version)

        return self._under_newest(wrap_and_store)

    def _under_newest(self, act: Callable[[int], _T]) -> _T:
        for _ in range(_TRIES):
            try:
                return act(self.site_keys.newest())
            except KeyRenewed:  # the site key was renewed in between: wrap under the new one
                continue
        raise KeyRenewed("The site key is being renewed at this moment; try again.")

    def _opened(self, wrapped: WrappedKey) -> Key:
        return Key(wrapped.id, self.site_keys.wrapper(wrapped.wrapped_by).unwrap(wrapped), wrapped.version)


def named_among(keys: Sequence[Key], sealed: bytes) -> Key:
    """The key that the record names; the newest when it names none of them, and then it does not open."""
    named = named_key(sealed)
    for key in keys:
        if key.id == named:
            return key
    return keys[0]
