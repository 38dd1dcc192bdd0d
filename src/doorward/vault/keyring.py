"""The key hierarchy: who wraps whom, and how a key comes to be and ceases to be."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from doorward.errors import Conflict, Tampered, WrongKey
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import SiteId
from doorward.vault.ports import KEY_LENGTH, KeyKind, KeyProvider, KeyStore, WrappedKey

_NONCE_LENGTH = 12
_DESTROYED = (KeyKind.PERSON, KeyKind.EPOCH)
"""Asked for anew each time: another process may have destroyed them, and no copy may outlive that."""

_SITE_KEY_REFUSED = "The passphrase or key file does not belong to this site; check which site and key you named."


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key in memory: never printed, never stored unwrapped."""

    id: str
    secret: bytes


class Keyring:
    """Keys by kind and owner, unwrapped when first asked for.

    The provider's key wraps the site key; the site key wraps all others (AES-256-GCM-SIV, RFC 8452).
    """

    def __init__(
        self, site: SiteId, store: KeyStore, provider: KeyProvider, clock: Clock, randomness: Randomness
    ) -> None:
        self._site = site
        self._store = store
        self._clock = clock
        self._randomness = randomness
        self._kept: dict[tuple[KeyKind, str], Key] = {}
        self._site_key = self._unlock(provider)

    def _unlock(self, provider: KeyProvider) -> bytes:
        wrapped = self._store.newest(KeyKind.SITE, "")
        if wrapped is None:
            raise WrongKey("This site has no site key; its keys.db is missing or damaged: restore it from a backup.")
        try:
            return self._unwrap(provider.wrapping_key(), wrapped)
        except Tampered:
            raise WrongKey(_SITE_KEY_REFUSED) from None

    @staticmethod
    def found(site: SiteId, store: KeyStore, provider: KeyProvider, clock: Clock, randomness: Randomness) -> "Keyring":
        """Make a new site's site key, wrapped by ``provider``; ``Conflict`` when the store has one."""
        if store.newest(KeyKind.SITE, "") is not None:
            raise Conflict("This site already has a site key.")
        store.add(
            _wrap(site, provider.wrapping_key(), KeyKind.SITE, "", randomness.octets(KEY_LENGTH), clock, randomness)
        )
        return Keyring(site, store, provider, clock, randomness)

    def create(self, kind: KeyKind, owner: str = "") -> Key:
        """A fresh random key; ``Conflict`` when that owner has one."""
        secret = self._randomness.octets(KEY_LENGTH)
        wrapped = _wrap(self._site, self._site_key, kind, owner, secret, self._clock, self._randomness)
        self._store.add(wrapped)
        return self._keep(kind, owner, Key(wrapped.id, secret))

    def get(self, kind: KeyKind, owner: str = "") -> Key | None:
        """The owner's key, or ``None`` when there is none (any more)."""
        kept = self._kept.get((kind, owner))
        if kept is not None:
            return kept
        wrapped = self._store.newest(kind, owner)
        if wrapped is None:
            return None
        return self._keep(kind, owner, Key(wrapped.id, self._unwrap(self._site_key, wrapped)))

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

    def destroy(self, kind: KeyKind, owner: str) -> None:
        self._kept.pop((kind, owner), None)
        self._store.destroy(kind, owner)

    def owners(self, kind: KeyKind) -> tuple[str, ...]:
        return tuple(key.owner for key in self._store.all(kind))

    def _keep(self, kind: KeyKind, owner: str, key: Key) -> Key:
        if kind not in _DESTROYED:
            self._kept[(kind, owner)] = key
        return key

    def _unwrap(self, wrapping_key: bytes, key: WrappedKey) -> bytes:
        try:
            nonce, body = key.wrapped[:_NONCE_LENGTH], key.wrapped[_NONCE_LENGTH:]
            return AESGCMSIV(wrapping_key).decrypt(nonce, body, _binding(self._site, key.kind, key.owner, key.id))
        except (InvalidTag, ValueError, TypeError):  # shorter than a nonce, or no bytes at all
            raise Tampered("A key in keys.db does not open: it was altered or moved; restore keys.db.") from None


def _wrap(
    site: SiteId,
    wrapping_key: bytes,
    kind: KeyKind,
    owner: str,
    secret: bytes,
    clock: Clock,
    randomness: Randomness,
) -> WrappedKey:
    key_id, nonce = randomness.uuid(), randomness.octets(_NONCE_LENGTH)
    wrapped = nonce + AESGCMSIV(wrapping_key).encrypt(nonce, secret, _binding(site, kind, owner, key_id))
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return WrappedKey(key_id, kind, owner, 1, hour, wrapped)


def _binding(site: SiteId, kind: KeyKind, owner: str, key_id: str) -> bytes:
    return "\0".join((site, kind, owner, key_id, "1")).encode()
