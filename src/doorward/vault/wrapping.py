"""Wrapping: one key sealed under another, bound to what it is for (AES-256-GCM-SIV, RFC 8452)."""

from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from doorward.errors import Tampered
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import SiteId
from doorward.vault.ports import KeyKind, WrappedKey

_NONCE_LENGTH = 12


class Wrapper:
    """Wraps and unwraps the keys of one site under one 32-byte key."""

    def __init__(self, site: SiteId, key: bytes, randomness: Randomness) -> None:
        self._site = site
        self._cipher = AESGCMSIV(key)
        self._randomness = randomness

    def wrap(self, key_id: str, kind: KeyKind, owner: str, version: int, secret: bytes) -> bytes:
        nonce = self._randomness.octets(_NONCE_LENGTH)
        return nonce + self._cipher.encrypt(nonce, secret, _binding(self._site, kind, owner, key_id, version))

    def wrapped(
        self, kind: KeyKind, owner: str, version: int, secret: bytes, wrapped_by: int, clock: Clock
    ) -> WrappedKey:
        """``secret`` as a new key of that kind, owner and version."""
        key_id = self._randomness.uuid()
        wrapped = self.wrap(key_id, kind, owner, version, secret)
        return WrappedKey(key_id, kind, owner, version, _hour(clock.now()), wrapped, wrapped_by=wrapped_by)

    def wrapped_many(
        self, kind: KeyKind, owners: Sequence[str], secrets: Sequence[bytes], wrapped_by: int, clock: Clock
    ) -> list[WrappedKey]:
        """Each secret as the first key of its owner."""
        hour = _hour(clock.now())
        made = []
        for owner, secret in zip(owners, secrets, strict=True):
            key_id = self._randomness.uuid()
            wrapped = self.wrap(key_id, kind, owner, 1, secret)
            made.append(WrappedKey(key_id, kind, owner, 1, hour, wrapped, wrapped_by=wrapped_by))
        return made

    def unwrap(self, key: WrappedKey) -> bytes:
        """``Tampered`` when the key was altered, moved, or wrapped under another."""
        try:
            nonce, body = key.wrapped[:_NONCE_LENGTH], key.wrapped[_NONCE_LENGTH:]
            return self._cipher.decrypt(nonce, body, _binding(self._site, key.kind, key.owner, key.id, key.version))
        except (InvalidTag, ValueError, TypeError):  # shorter than a nonce, or no bytes at all
            raise Tampered("A key in keys.db does not open: it was altered or moved; restore keys.db.") from None


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _binding(site: SiteId, kind: KeyKind, owner: str, key_id: str, version: int) -> bytes:
    return "\0".join((site, kind, owner, key_id, str(version))).encode()
