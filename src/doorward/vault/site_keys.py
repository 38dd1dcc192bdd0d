"""The site key: unlocked by the provider's key, renewed, and handed from one provider to another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from doorward.errors import Conflict, KeyRenewed, Sealed, Tampered, WrongKey
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import SiteId
from doorward.vault.memory import LockedSecret
from doorward.vault.ports import KEY_LENGTH, UNWRAPPED_BY_SITE, KeyKind, KeyProvider, KeyState, KeyStore, WrappedKey
from doorward.vault.wrapping import LocalCipher, Wrapper, WrappingCipher

INCOMING = "incoming"
"""Owner of the site keys as wrapped by a provider that is just coming in."""

_SITE_KEY_REFUSED = "The passphrase or key file does not belong to this site; check which site and key you named."
_MISSING = "This site has no site key; its keys.db is missing or damaged: restore it from a backup."


class SiteKeys(Protocol):
    """The versions of one site's key, held by this process or by the site's key keeper."""

    def close(self) -> None:
        """Nothing is wrapped or unwrapped through this any more."""
        ...

    def newest(self) -> int:
        """The version that wraps new keys."""
        ...

    def wrapper(self, version: int) -> Wrapper:
        """``KeyRenewed`` when that version was made after the provider's key, as its holder has it, was changed.

        ``Tampered`` when there is no such version.
        """
        ...

    def renew(self) -> int:
        """Make the next site key, unless a renewal was cut short and goes on; the version that wraps from now on."""
        ...

    def to_rewrap(self) -> int:
        """How many keys an older site key still wraps."""
        ...

    def rewrap(self, limit: int) -> int:
        """Wrap up to ``limit`` keys anew under the newest site key; how many it were. Call it until it is 0."""
        ...

    def retire(self) -> None:
        """Destroy site keys that wrap nothing any more; ``Conflict`` while one of them does."""
        ...

    def stage(self, provider: KeyProvider) -> LockedSecret:
        """Wrap the site key for a provider that is coming in, beside the wrap of the present one; its key."""
        ...

    def adopt(self, incoming: LockedSecret) -> None:
        """From here on only the provider that gives ``incoming``, staged before, opens the site."""
        ...


def newest_version(store: KeyStore) -> int:
    """The version of the site key that wraps new keys; ``WrongKey`` when the store has none."""
    newest = store.newest(KeyKind.SITE, "")
    if newest is None:
        raise WrongKey(_MISSING)
    return newest.version


class UnlockedSiteKeys:
    """``SiteKeys`` in the memory of this process.

    The provider's key is kept beside them, so that this process follows when another one renews the site key.
    ``WrongKey`` when the provider's key does not open them.
    """

    def __init__(
        self, site: SiteId, store: KeyStore, provider: KeyProvider, clock: Clock, randomness: Randomness
    ) -> None:
        self._site = site
        self._store = store
        self._clock = clock
        self._randomness = randomness
        self._provider_key = LockedSecret(provider.wrapping_key())
        self._secrets: dict[int, LockedSecret] = {}
        try:
            self._unlock()
        except BaseException:
            self.close()
            raise

    @staticmethod
    def found(site: SiteId, store: KeyStore, provider: KeyProvider, clock: Clock, randomness: Randomness) -> None:
        """Make a new site's key, wrapped by ``provider``; ``Conflict`` when the store has one."""
        if store.newest(KeyKind.SITE, "") is not None:
            raise Conflict("This site already has a site key.")
        wrapper = Wrapper(site, LocalCipher(provider.wrapping_key()), randomness)
        secret = randomness.octets(KEY_LENGTH)
        store.add(wrapper.wrapped(KeyKind.SITE, "", 1, secret, UNWRAPPED_BY_SITE, clock))

    def close(self) -> None:
        """Wipe what is held; nothing is wrapped or unwrapped any more."""
        for secret in (self._provider_key, *self._secrets.values()):
            secret.wipe()
        self._secrets.clear()

    def newest(self) -> int:
        return newest_version(self._store)

    def wrapper(self, version: int) -> Wrapper:
        return Wrapper(self._site, self.cipher(version), self._randomness)

    def cipher(self, version: int) -> WrappingCipher:
        """What ``wrapper`` wraps with; ``KeyRenewed`` and ``Tampered`` as there."""
        if version not in self._secrets:
            try:
                self._take_in(self._store.versions(KeyKind.SITE, ""), self._provider_wrapper())
            except Tampered:
                raise KeyRenewed(
                    "The site's key provider and its key were changed since this process began; start it again."
                ) from None
        if version not in self._secrets:
            raise Tampered("A key in keys.db names a site key that is not here; restore keys.db.")
        return LocalCipher(self._secrets[version].octets())

    def provider_key(self) -> bytes:
        """The provider's key, for a process that is to hold it instead of this one. ``Sealed`` after ``close``."""
        if self._provider_key.is_wiped:
            raise Sealed("The site is closed; open it again.")
        return self._provider_key.octets()

    def renew(self) -> int:
        held = self._store.versions(KeyKind.SITE, "")
        if not any(key.state is KeyState.RETIRING for key in held):
            secret, version = self._randomness.octets(KEY_LENGTH), held[0].version + 1
            wrapper = self._provider_wrapper()
            wrapper.unwrap(held[0])  # wrapped by another provider by now: nobody could open what this one wraps
            self._store.succeed(wrapper.wrapped(KeyKind.SITE, "", version, secret, UNWRAPPED_BY_SITE, self._clock))
        return self.newest()

    def to_rewrap(self) -> int:
        return self._store.count_wrapped_before(self.newest())

    def rewrap(self, limit: int) -> int:
        newest = self.newest()
        wrapper = self.wrapper(newest)
        older = {version: self.wrapper(version) for version in tuple(self._secrets) if version < newest}
        batch = self._store.wrapped_before(newest, limit)
        secrets = [older[key.wrapped_by].unwrap(key) for key in batch]
        self._store.rewrap(wrapper.rewrapped(batch, secrets, newest))
        return len(batch)

    def retire(self) -> None:
        newest = self._store.newest(KeyKind.SITE, "")
        if newest is not None:
            self._store.destroy_older(newest)
            for version in [version for version in self._secrets if version < newest.version]:
                self._secrets.pop(version).wipe()

    def stage(self, provider: KeyProvider) -> LockedSecret:
        incoming = LockedSecret(provider.wrapping_key())
        self._store.replace(KeyKind.SITE, INCOMING, self._wrapped_for(incoming, INCOMING))
        return incoming

    def adopt(self, incoming: LockedSecret) -> None:
        self._store.replace(KeyKind.SITE, "", self._wrapped_for(incoming, ""))
        self._store.destroy(KeyKind.SITE, INCOMING)
        if incoming is not self._provider_key:
            self._provider_key.wipe()
            self._provider_key = incoming

    def _unlock(self) -> None:
        versions = self._store.versions(KeyKind.SITE, "")
        if not versions:
            raise WrongKey(_MISSING)
        wrapper = self._provider_wrapper()
        try:
            self._take_in(versions, wrapper)
        except Tampered:
            self._settle(wrapper)

    def _settle(self, wrapper: Wrapper) -> None:
        """Finish a change of provider that was cut short after the settings named the new one."""
        staged = self._store.versions(KeyKind.SITE, INCOMING)
        try:
            self._take_in(staged, wrapper)
        except Tampered:
            raise WrongKey(_SITE_KEY_REFUSED) from None
        if not staged:
            raise WrongKey(_SITE_KEY_REFUSED)
        self.adopt(self._provider_key)

    def _wrapped_for(self, provider_key: LockedSecret, owner: str) -> list[WrappedKey]:
        wrapper = Wrapper(self._site, LocalCipher(provider_key.octets()), self._randomness)
        wrapped = []
        for key in self._store.versions(KeyKind.SITE, ""):
            secret = self._secrets[key.version].octets()
            fresh = wrapper.wrapped(KeyKind.SITE, owner, key.version, secret, UNWRAPPED_BY_SITE, self._clock)
            wrapped.append(replace(fresh, created_at=key.created_at, state=key.state))
        return wrapped

    def _provider_wrapper(self) -> Wrapper:
        return Wrapper(self._site, LocalCipher(self.provider_key()), self._randomness)

    def _take_in(self, versions: Sequence[WrappedKey], wrapper: Wrapper) -> None:
        for key in versions:
            if key.version not in self._secrets:
                self._secrets[key.version] = LockedSecret(wrapper.unwrap(key))
