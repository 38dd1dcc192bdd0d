"""The vault: seals and opens records for store adapters, which never see a key."""

import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doorward.errors import PersonUnknown, Tampered
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.envelope import Place, open_sealed, seal
from doorward.vault.keyring import Key, Keyring
from doorward.vault.ports import KEY_LENGTH, KeyKind, KeyStore

UNNAMED_KEY = "00000000-0000-0000-0000-000000000000"
"""Stands where naming the key would link a passage to a person."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A record's place inside the site: table, column, row and generation (counts rewrites from 1)."""

    table: str
    column: str
    row: str
    generation: int = 1


def epoch_of(moment: datetime) -> str:
    """The hour that ``moment`` (aware) lies in, in UTC: ``2026-11-23T06``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"


class Vault:
    """Seals under person, epoch and site-wide keys; authenticates rows; makes blind tags."""

    def __init__(self, site: SiteId, keyring: Keyring, keys: KeyStore, clock: Clock, randomness: Randomness) -> None:
        self.site = site
        self.clock = clock
        self._keyring = keyring
        self._keys = keys
        self._randomness = randomness

    def admit(self, person: PersonId) -> None:
        """Make the person's key. It comes before the first row about them."""
        self._keyring.create(KeyKind.PERSON, person)

    def shred(self, person: PersonId) -> None:
        """Destroy the person's key and blind index entries: what was sealed for them is noise from here on."""
        self._keyring.destroy(KeyKind.PERSON, person)
        self._keys.unindex(person)

    def knows(self, person: PersonId) -> bool:
        return self._keyring.get(KeyKind.PERSON, person) is not None

    def seal_for_person(self, cell: Cell, person: PersonId, plaintext: bytes) -> bytes:
        key = self._person_key(person)
        return seal(key.secret, key.id, self._place(cell, person), plaintext, self._randomness)

    def open_for_person(self, cell: Cell, person: PersonId, sealed: bytes) -> bytes:
        """The plaintext; ``PersonUnknown`` when the person's key is gone, ``Tampered`` when it does not open."""
        key = self._person_key(person)
        return open_sealed(key.secret, key.id, self._place(cell, person), sealed)

    def seal_for_epoch(self, cell: Cell, epoch: str, person: PersonId, plaintext: bytes) -> bytes:
        """Sealed under epoch key and person key joined: dropping either erases it."""
        joined = self._epoch_and_person(self._keyring.get_or_create(KeyKind.EPOCH, epoch), person)
        return seal(joined, UNNAMED_KEY, self._place(cell, person), plaintext, self._randomness)

    def open_for_epoch(self, cell: Cell, epoch: str, person: PersonId, sealed: bytes) -> bytes | None:
        """The plaintext, or ``None`` when the epoch's key was dropped."""
        key = self._keyring.get(KeyKind.EPOCH, epoch)
        if key is None:
            return None
        return open_sealed(self._epoch_and_person(key, person), UNNAMED_KEY, self._place(cell, person), sealed)

    def epoch_tag(self, epoch: str, person: PersonId, number: int) -> bytes | None:
        """The blind tag of the person's ``number``-th passage of an epoch; ``None`` when the epoch was dropped."""
        key = self._keyring.get(KeyKind.EPOCH, epoch)
        return None if key is None else _mac(_derive(key.secret, b"tag"), person.encode(), _count(number))

    def open_epoch(self, epoch: str) -> None:
        self._keyring.get_or_create(KeyKind.EPOCH, epoch)

    def epochs(self) -> tuple[str, ...]:
        return self._keyring.owners(KeyKind.EPOCH)

    def drop_epoch(self, epoch: str) -> None:
        self._keyring.destroy(KeyKind.EPOCH, epoch)

    def seal_for_audit(self, cell: Cell, plaintext: bytes) -> bytes:
        key = self._keyring.get_or_create(KeyKind.AUDIT)
        return seal(key.secret, key.id, self._place(cell, PersonId("")), plaintext, self._randomness)

    def open_for_audit(self, cell: Cell, sealed: bytes) -> bytes:
        key = self._keyring.get_or_create(KeyKind.AUDIT)
        return open_sealed(key.secret, key.id, self._place(cell, PersonId("")), sealed)

    def audit_tag(self, person: PersonId, number: int) -> bytes:
        """The blind tag of the ``number``-th audit entry about a person, under a key of the person's own."""
        return _mac(_derive(self._person_key(person).secret, b"audit tag"), person.encode(), _count(number))

    def sign_for_audit(self, message: bytes) -> bytes:
        """Ed25519 (RFC 8032): the 64-byte signature of ``message`` under the audit signing key."""
        return self._audit_signing_key().sign(message)

    def audit_public_key(self) -> bytes:
        """The 32 bytes with which anybody checks what ``sign_for_audit`` signed."""
        return self._audit_signing_key().public_key().public_bytes_raw()

    def enter_index(self, kind: str, value: str, person: PersonId) -> None:
        """Enter a unique value (a document or badge number); ``Conflict`` when somebody else holds it."""
        self._keys.index(kind, self._blind_tag(kind, value), person)

    def look_up(self, kind: str, value: str) -> PersonId | None:
        return self._keys.find(kind, self._blind_tag(kind, value))

    def leave_index(self, kind: str, person: PersonId) -> None:
        self._keys.unindex(person, kind)

    def authenticate(self, cell: Cell, payload: bytes) -> bytes:
        """HMAC-SHA-256 over a row that grants something, so that writing the database grants nothing."""
        key = self._keyring.get_or_create(KeyKind.GRANTS)
        return _mac(key.secret, self._place(cell, PersonId("")).associated_data(key.id), payload)

    def check(self, cell: Cell, payload: bytes, mac: bytes) -> bytes:
        """``payload`` itself; ``Tampered`` when its code does not fit."""
        if not isinstance(mac, bytes) or not hmac.compare_digest(self.authenticate(cell, payload), mac):
            raise Tampered(
                f"A row of table {cell.table} was not written by this site; remove it or restore the database."
            )
        return payload

    def secret_for(self, use: str) -> bytes:
        """A 32-byte secret for a use inside the site (the TLS key's password)."""
        return _derive(self._keyring.get_or_create(KeyKind.TLS).secret, use.encode())

    def _person_key(self, person: PersonId) -> Key:
        key = self._keyring.get(KeyKind.PERSON, person)
        if key is None:
            raise PersonUnknown("No such person is known here; `doorward people list` shows who is.")
        return key

    def _audit_signing_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._keyring.get_or_create(KeyKind.AUDIT_SIGNING).secret)

    def _epoch_and_person(self, epoch_key: Key, person: PersonId) -> bytes:
        return _derive(epoch_key.secret + self._person_key(person).secret, b"passage")

    def _blind_tag(self, kind: str, value: str) -> bytes:
        return _mac(self._keyring.get_or_create(KeyKind.INDEX).secret, kind.encode(), value.encode())

    def _place(self, cell: Cell, person: PersonId) -> Place:
        return Place(self.site, cell.table, cell.column, cell.row, person, cell.generation)


def _derive(secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"doorward " + info).derive(secret)


def _mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, b"".join(struct.pack(">I", len(part)) + part for part in parts), sha256)


def _count(number: int) -> bytes:
    return struct.pack(">Q", number)
