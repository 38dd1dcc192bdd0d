"""Sealed records: AES-256-GCM, padded to size classes, bound to their place.

Layout: format (1 byte), key id (16 bytes), nonce (12 bytes), ciphertext and tag.
"""

import struct
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorward.errors import Tampered
from doorward.kernel.clock import Randomness

FORMAT = 1
SCHEMA = 1
NONCE_LENGTH = 12
SMALLEST_CLASS = 256
"""Bytes: every shorter record is padded to this."""

HEADER = struct.Struct(">B16s12s")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Cell:
    """A record's place inside the site: table, column, row and generation, which grows with every rewrite."""

    table: str
    column: str
    row: str
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record belongs. A record opens at no other place, person or generation."""

    site: str
    table: str
    column: str
    row: str
    person: str
    generation: int

    def associated_data(self, key_id: str) -> bytes:
        """Length-prefixed fields, so that no two places share an encoding."""
        fields = (
            self.site,
            self.table,
            self.column,
            self.row,
            self.person,
            key_id,
            str(SCHEMA),
            str(self.generation),
        )
        return b"".join(map(prefixed, fields))


def prefixed(field: str) -> bytes:
    """The field's UTF-8 behind its length in bytes."""
    encoded = field.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def pad(plaintext: bytes) -> bytes:
    """Length prefix and zeros up to the size class.

    Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PoPETs 2019, section 4):
    at most 12% overhead, O(log log n) bits of the length revealed.
    """
    body = _LENGTH.pack(len(plaintext)) + plaintext
    return body.ljust(padded_length(len(body)), b"\0")


def padded_length(length: int) -> int:
    if length <= SMALLEST_CLASS:
        return SMALLEST_CLASS
    exponent = length.bit_length() - 1
    last_bits = exponent - exponent.bit_length()
    mask = (1 << last_bits) - 1
    return (length + mask) & ~mask


def unpad(padded: bytes) -> bytes:
    """What ``pad`` was given; ``ValueError`` for what it does not give."""
    plaintext = padded[_LENGTH.size : _LENGTH.size + int.from_bytes(padded[: _LENGTH.size], "big")]
    if padded != pad(plaintext):
        raise ValueError("padding")
    return plaintext


def seal(key: bytes, key_id: str, place: Place, plaintext: bytes, randomness: Randomness) -> bytes:
    """Seal ``plaintext`` for ``place`` under the 32-byte ``key``."""
    nonce = randomness.octets(NONCE_LENGTH)
    header = HEADER.pack(FORMAT, UUID(key_id).bytes, nonce)
    return header + AESGCM(key).encrypt(nonce, pad(plaintext), place.associated_data(key_id))


def named_key(sealed: bytes) -> str | None:
    """The id of the key that a record says it is sealed under; ``None`` when it is no record."""
    try:
        _, key_id, _ = HEADER.unpack_from(sealed)
    except (struct.error, TypeError):  # a forged cell may hold text or a number too
        return None
    return str(UUID(bytes=key_id))


def open_sealed(key: bytes, key_id: str, place: Place, sealed: bytes) -> bytes:
    """The plaintext; ``Tampered`` when the record was altered, moved, or made with another key."""
    try:
        form, named_key, nonce = HEADER.unpack_from(sealed)
        if form != FORMAT or UUID(bytes=named_key) != UUID(key_id):
            raise InvalidTag
        return unpad(AESGCM(key).decrypt(nonce, sealed[HEADER.size :], place.associated_data(key_id)))
    except (InvalidTag, struct.error, ValueError, TypeError):  # a forged cell may hold text or a number too
        raise Tampered(
            f"A record in table {place.table}, row {place.row}, does not open: it was altered, moved or damaged; "
            "restore it from a backup."
        ) from None
