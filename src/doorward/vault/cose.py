"""COSE (RFC 9052): an Ed25519 signature around an AES-256-GCM ciphertext, in the one CBOR encoding that they have.

COSE_Sign1 (tag 18): [{alg: Ed25519}, {}, COSE_Encrypt0, signature]
COSE_Encrypt0:       [{alg: A256GCM, kid}, {IV}, ciphertext and tag]

Encoded deterministically (RFC 8949, section 4.2.1), and decoded only from that encoding. What is signed and sealed
names its context and its site in the associated data, so that neither serves anywhere else.
"""

from dataclasses import dataclass
from typing import Any

import cbor2

LARGEST = 500
"""Bytes of an encoded message at most."""

_SIGN1_TAG = b"\xd2"
_DEEPEST = 3
_ALGORITHM, _KEY_ID, _NONCE = 1, 4, 5
_ED25519, _A256GCM = -19, 3
"""-19: Ed25519 by its own number (RFC 9864); -8, EdDSA, leaves the curve open."""

KEY_ID_LENGTH = 8
NONCE_LENGTH = 12
SIGNATURE_LENGTH = 64

_SIGNED_HEADER: bytes = cbor2.dumps({_ALGORITHM: _ED25519}, canonical=True)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A COSE_Encrypt0: ``key_id`` and ``nonce`` in the clear, ``ciphertext`` with its tag."""

    key_id: bytes
    nonce: bytes
    ciphertext: bytes

    @property
    def header(self) -> bytes:
        """The protected header, encoded."""
        return _encoded({_ALGORITHM: _A256GCM, _KEY_ID: self.key_id})

    def associated_data(self, context: bytes) -> bytes:
        """The Enc_structure (section 5.3) that AES-GCM authenticates; ``context`` is its external part."""
        return _encoded(["Encrypt0", self.header, context])

    def encoded(self) -> bytes:
        return _encoded([self.header, {_NONCE: self.nonce}, self.ciphertext])


@dataclass(frozen=True, slots=True)
class Signed:
    """A COSE_Sign1 around ``sealed``."""

    sealed: Sealed
    signature: bytes

    def encoded(self) -> bytes:
        return _SIGN1_TAG + _encoded([_SIGNED_HEADER, {}, self.sealed.encoded(), self.signature])


def to_be_signed(sealed: Sealed, context: bytes) -> bytes:
    """The Sig_structure (section 4.4)."""
    return _encoded(["Signature1", _SIGNED_HEADER, context, sealed.encoded()])


def decoded(octets: bytes) -> Signed | None:
    """The message in ``octets``; ``None`` unless they are, to the bit, what ``Signed.encoded`` gives."""
    if len(octets) > LARGEST or not octets.startswith(_SIGN1_TAG):
        return None
    match _item(octets[len(_SIGN1_TAG) :]):
        case [bytes(), {**none}, bytes(inner), bytes(signature)] if not none and len(signature) == SIGNATURE_LENGTH:
            sealed = _sealed(inner)
        case _:
            return None
    if sealed is None:
        return None
    signed = Signed(sealed, signature)
    return signed if signed.encoded() == octets else None


def item(octets: bytes) -> Any:
    """The CBOR item in ``octets``; ``None`` unless they are its one deterministic encoding."""
    value = _item(octets)
    try:
        return value if _encoded(value) == octets else None
    except (cbor2.CBORError, ValueError, TypeError, OverflowError):
        return None


def _sealed(octets: bytes) -> Sealed | None:
    match _item(octets):
        case [bytes(header), {5: bytes(nonce)}, bytes(ciphertext)] if len(nonce) == NONCE_LENGTH:
            named = _item(header)
        case _:
            return None
    match named:
        case {1: 3, 4: bytes(key_id)} if len(key_id) == KEY_ID_LENGTH:
            return Sealed(key_id, nonce, ciphertext)
    return None


def _item(octets: bytes) -> Any:
    try:
        return cbor2.loads(octets, max_depth=_DEEPEST, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        return None


def _encoded(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)
