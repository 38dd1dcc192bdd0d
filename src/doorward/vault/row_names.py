"""Names of rows in the audit log: the same row has the same name each time, and without its person's key it is noise.

A name is AES-256-GCM-SIV (RFC 8452) with the nonce zero over the row's kind and id: deterministic, which that mode
allows, and opened by who has the key. The key comes from the secret of the person's trail, which a renewal of their
key carries over; that of a passage from the key of its hour too, so that dropping either makes noise of it.
"""

import hmac
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doorward.kernel.ids import SiteId
from doorward.vault.ports import KEY_LENGTH

NAME_LENGTH = 1 + 16 + 16
"""Bytes: kind, id, and the mode's tag."""

_NONCE = bytes(12)
_LABEL = b"doorward row name"


class RowKind(IntEnum):
    """What a row is. A photo, which may go before its enrolment does, counts as a row of its own."""

    PERSON = 1
    CONSENT = 2
    ENROLMENT = 3
    PHOTO = 4
    PASSAGE = 5


class RowNames:
    """Names one person's rows, and tells what a name of theirs stands for."""

    def __init__(self, site: SiteId, secret: bytes) -> None:
        self._site = site
        self._secret = secret
        self._bound = site.encode()
        self._cipher = AESGCMSIV(hmac.digest(secret, _LABEL, "sha256"))

    def name(self, kind: RowKind, row: str) -> bytes:
        """``NAME_LENGTH`` bytes. ``ValueError`` when ``row`` is no UUID."""
        return self._cipher.encrypt(_NONCE, bytes((kind,)) + _octets(row), self._bound)

    def opened(self, name: bytes) -> tuple[RowKind, str] | None:
        """Kind and id; ``None`` when it is not the name of a row of this person's."""
        try:
            plain = self._cipher.decrypt(_NONCE, name, self._bound)
        except InvalidTag:
            return None
        digits = plain[1:].hex()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return RowKind(plain[0]), "-".join(parts)

    def of_epoch(self, secret: bytes) -> "RowNames":
        """Names the same person's passages of the hour whose key is ``secret``."""
        return RowNames(self._site, hmac.digest(secret + self._secret, _LABEL, "sha256"))


def trail_secret(person_key: bytes) -> bytes:
    """The secret of a person's trail, out of the first key they had."""
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"doorward audit tag").derive(person_key)


def _octets(row: str) -> bytes:
    octets = bytes.fromhex(row.replace("-", ""))
    if len(octets) != 16:
        raise ValueError(row)
    return octets
