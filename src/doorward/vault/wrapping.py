"""Wrapping: one key sealed under another, bound to what it is for (AES-256-GCM-SIV, RFC 8452)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from doorward.errors import Tampered
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import SiteId
from doorward.kernel.moments import whole_hour
from doorward.vault.ports import KeyKind, WrappedKey

_NONCE_LENGTH = 12

Bound = tuple[bytes, bytes, bytes]
"""Nonce (12 bytes), plaintext or ciphertext, associated data."""


class WrappingCipher(Protocol):
    """AES-256-GCM-SIV under a key that need not be in this process."""

    def encrypt(self, messages: Sequence[Bound]) -> Sequence[bytes]:
        """The ciphertexts, in order."""
        ...

    def decrypt(self, messages: Sequence[Bound]) -> Sequence[bytes]:
        """The plaintexts, in order; ``Tampered`` when one does not open."""
        ...


class LocalCipher:
    """``WrappingCipher`` under a 32-byte key in this process."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCMSIV(key)

    def encrypt(self, messages: Sequence[Bound]) -> list[bytes]:
        return [self._cipher.encrypt(nonce, text, binding) for nonce, text, binding in messages]

    def decrypt(self, messages: Sequence[Bound]) -> list[bytes]:
        try:
            return [self._cipher.decrypt(nonce, text, binding) for nonce, text, binding in messages]
        except (InvalidTag, ValueError, TypeError):  # shorter than a nonce or a tag, or no bytes at all
            raise Tampered("A key in keys.db does not open: it was altered or moved; restore keys.db.") from None


class Wrapper:
    """Wraps and unwraps the keys of one site under one key."""

    def __init__(self, site: SiteId, cipher: WrappingCipher, randomness: Randomness) -> None:
        self._site = site
        self._cipher = cipher
        self._randomness = randomness

    def wrap(self, key_id: str, kind: KeyKind, owner: str, version: int, secret: bytes) -> bytes:
        return self._wrap([(secret, _binding(self._site, kind, owner, key_id, version))])[0]

    def wrapped(
        self, kind: KeyKind, owner: str, version: int, secret: bytes, wrapped_by: int, clock: Clock
    ) -> WrappedKey:
        """``secret`` as a new key of that kind, owner and version."""
        key_id = self._randomness.uuid()
        wrapped = self.wrap(key_id, kind, owner, version, secret)
        return WrappedKey(key_id, kind, owner, version, whole_hour(clock.now()), wrapped, wrapped_by=wrapped_by)

    def wrapped_many(
        self, kind: KeyKind, owners: Sequence[str], secrets: Sequence[bytes], wrapped_by: int, clock: Clock
    ) -> list[WrappedKey]:
        """Each secret as the first key of its owner."""
        hour = whole_hour(clock.now())
        ids = [self._randomness.uuid() for _ in owners]
        bound = (
            (secret, _binding(self._site, kind, owner, key_id, 1))
            for owner, secret, key_id in zip(owners, secrets, ids, strict=True)
        )
        return [
            WrappedKey(key_id, kind, owner, 1, hour, wrapped, wrapped_by=wrapped_by)
            for owner, key_id, wrapped in zip(owners, ids, self._wrap(bound), strict=True)
        ]

    def rewrapped(self, keys: Sequence[WrappedKey], secrets: Sequence[bytes], wrapped_by: int) -> list[WrappedKey]:
        """The same keys, wrapped by this one."""
        bound = ((secret, self._bound_to(key)) for key, secret in zip(keys, secrets, strict=True))
        return [
            replace(key, wrapped=wrapped, wrapped_by=wrapped_by)
            for key, wrapped in zip(keys, self._wrap(bound), strict=True)
        ]

    def unwrap(self, key: WrappedKey) -> bytes:
        """``Tampered`` when the key was altered, moved, or wrapped under another."""
        return self.unwrapped_many([key])[0]

    def unwrapped_many(self, keys: Sequence[WrappedKey]) -> Sequence[bytes]:
        """In order; ``Tampered`` as in ``unwrap`` when one of them does not open."""
        return self._cipher.decrypt([(*_parted(key.wrapped), self._bound_to(key)) for key in keys])

    def _wrap(self, secrets: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        messages = [(self._randomness.octets(_NONCE_LENGTH), secret, binding) for secret, binding in secrets]
        sealed = self._cipher.encrypt(messages)
        return [nonce + text for (nonce, _, _), text in zip(messages, sealed, strict=True)]

    def _bound_to(self, key: WrappedKey) -> bytes:
        return _binding(self._site, key.kind, key.owner, key.id, key.version)


def _parted(wrapped: object) -> tuple[bytes, bytes]:
    octets = wrapped if isinstance(wrapped, bytes) else b""  # whoever writes the file may have put anything there
    return octets[:_NONCE_LENGTH], octets[_NONCE_LENGTH:]


def _binding(site: SiteId, kind: KeyKind, owner: str, key_id: str, version: int) -> bytes:
    return "\0".join((site, kind, owner, key_id, str(version))).encode()
