"""What a credential says, in CBOR and padded to one length, sealed and signed by the vault."""

import struct
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import cbor2

from doorward.face.quantisation import MOST_OCTETS, bits_for
from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.credential import MODEL_MARK_LENGTH, Credential, Refusal
from doorward.vault.cose import item
from doorward.vault.credentials import CredentialKeys, Unopened

PLAINTEXT_LENGTH = 336
"""Bytes of every plaintext: what the longest reference needs, so that a code's size tells nothing of the model."""

_LENGTH = struct.Struct(">H")
_UNTIL, _ISSUED_AT, _ID = 4, 6, 7
"""`exp`, `iat` and `cti` of RFC 8392; the others are ours."""
_PERSON, _MODEL, _DIMENSION, _REFERENCE = -1, -2, -3, -4

_REFUSALS = {
    Unopened.UNREADABLE: Refusal.UNREADABLE,
    Unopened.FOREIGN: Refusal.FOREIGN,
    Unopened.ALTERED: Refusal.ALTERED,
}


class VaultCredentialSealer:
    """``CredentialSealer`` under the site's credential keys."""

    def __init__(self, keys: CredentialKeys) -> None:
        self._keys = keys

    def seal(self, credential: Credential) -> bytes:
        return self._keys.seal(encoded(credential))

    def open(self, octets: bytes) -> Credential | Refusal:
        opened = self._keys.open(octets)
        if isinstance(opened, Unopened):
            return _REFUSALS[opened]
        return decoded(opened) or Refusal.UNREADABLE


def encoded(credential: Credential) -> bytes:
    """``PLAINTEXT_LENGTH`` bytes: the length of the CBOR, the CBOR, zeros."""
    said = {
        _UNTIL: round(credential.until.timestamp()),
        _ISSUED_AT: round(credential.issued_at.timestamp()),
        _ID: UUID(credential.id).bytes,
        _PERSON: UUID(credential.person).bytes,
        _MODEL: credential.model_mark,
        _DIMENSION: credential.dimension,
        _REFERENCE: credential.reference,
    }
    body = cbor2.dumps(said, canonical=True)
    return (_LENGTH.pack(len(body)) + body).ljust(PLAINTEXT_LENGTH, b"\0")


def decoded(plaintext: bytes) -> Credential | None:
    """``None`` for what ``encoded`` never gives, as from a later version of Doorward."""
    (length,) = _LENGTH.unpack_from(plaintext.ljust(_LENGTH.size, b"\0"))
    said = item(plaintext[_LENGTH.size : _LENGTH.size + length])
    fields = (_UNTIL, _ISSUED_AT, _ID, _PERSON, _MODEL, _DIMENSION, _REFERENCE)
    if not isinstance(said, dict) or set(said) != set(fields):
        return None
    match [said[field] for field in fields]:
        case [
            int(until),
            int(issued_at),
            bytes(own),
            bytes(person),
            bytes(model),
            int(dimension),
            bytes(reference),
        ] if _fits(own, person, model, dimension, reference):
            moments = _moment(issued_at), _moment(until)
        case _:
            return None
    if moments[0] is None or moments[1] is None:
        return None
    ids = CredentialId(str(UUID(bytes=own))), PersonId(str(UUID(bytes=person)))
    return Credential(*ids, moments[0], moments[1], model, dimension, reference)


def _fits(own: bytes, person: bytes, model: bytes, dimension: int, reference: bytes) -> bool:
    if (len(own), len(person), len(model)) != (16, 16, MODEL_MARK_LENGTH) or not 0 < dimension <= 2 * MOST_OCTETS:
        return False
    return len(reference) == (dimension * bits_for(dimension) + 7) // 8


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
