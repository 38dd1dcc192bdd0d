"""The keys under which other sites seal people for this one: nobody else opens what they seal.

HPKE (RFC 9180) with MLKEM768-X25519, HKDF-SHA-256 and AES-256-GCM. Faces stay the same for life, so whoever keeps a
copy of what was on its way must not open it with a quantum computer either: the key joins X25519 with ML-KEM-768
(draft-ietf-hpke-pq, code point 0x647a), and both would have to be broken.
"""

from contextlib import suppress
from hashlib import shake_256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from doorward.vault.keyring import Keyring
from doorward.vault.ports import KeyKind

_MLKEM_PUBLIC, _X25519_PUBLIC = 1184, 32
PUBLIC_LENGTH = _MLKEM_PUBLIC + _X25519_PUBLIC
"""Bytes of a public key: the ML-KEM half, then the X25519 half."""

_MLKEM_SEED, _X25519_SEED = 64, 32
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class MovingKeys:
    """The newest key is told to others; the one before opens what was sealed before it was renewed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def public_key(self) -> bytes:
        """``PUBLIC_LENGTH`` bytes, to be told to who is to seal for this site."""
        return public_key_of(self._keyring.get_or_create(KeyKind.MOVING).secret)

    def public_keys(self) -> tuple[bytes, ...]:
        """The public halves of all keys that open, the newest first."""
        return tuple(public_key_of(key.secret) for key in self._keyring.versions(KeyKind.MOVING))

    def open(self, sealed: bytes, context: bytes) -> bytes | None:
        """What ``seal_for`` was given with the same context; ``None`` when it was sealed for others, or altered."""
        for key in self._keyring.versions(KeyKind.MOVING):
            with suppress(InvalidTag, ValueError):
                return _SUITE.decrypt(sealed, MLKEM768X25519PrivateKey(*_halves(key.secret)), info=context)
        return None

    def renew(self) -> None:
        """Make the next key. The one before still opens; any earlier one is destroyed."""
        kind = KeyKind.MOVING
        self._keyring.get_or_create(kind)
        if not self._keyring.renewing(kind):
            self._keyring.finish(kind)
        self._keyring.renew(kind)
        self._keyring.finish(kind, keep=True)


def public_key_of(seed: bytes) -> bytes:
    """The public half of the key that 32 bytes give."""
    mlkem, x25519 = _halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal_for(public_key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Sealed so that the site of ``public_key`` alone opens it, with the same ``context``; nothing of it is kept here.

    ``ValueError`` when that is no public key.
    """
    if len(public_key) != PUBLIC_LENGTH:
        raise ValueError("public key")
    halves = (
        MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(public_key[_MLKEM_PUBLIC:]),
    )
    return _SUITE.encrypt(plaintext, MLKEM768X25519PublicKey(*halves), info=context)


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """As draft-connolly-cfrg-xwing-kem, section 5.2, expands the seed."""
    expanded = shake_256(seed).digest(_MLKEM_SEED + _X25519_SEED)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED:]),
    )
