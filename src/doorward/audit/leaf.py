"""What a leaf of the log is: two salted commitments, each with an opening that is kept apart.

The event (who, when, what, why) is opened by the site's audit key, the subject (about whom) by the person's key alone.
A commitment is SHA-256 over a label, a random salt of 32 bytes and the value: binding, and hiding as long as the salt
is unknown. The tree hashes commitments only, so destroying a person's key changes no hash.
"""

import struct
from dataclasses import dataclass
from hashlib import sha256

from doorward.errors import AuditInvalid

SALT_LENGTH = 32
LEAF_LENGTH = 1 + 32 + 32

UPGRADED = 1
"""Form of an entry that an earlier version wrote: the subject's commitment is the hash of its sealed cell."""
SALTED = 2
ROWS = 3
"""Form of an entry that says which rows a transaction changed: it is nobody's act, and concerns nobody."""

_OPENING = struct.Struct(f">{SALT_LENGTH}sQ32s")


@dataclass(frozen=True, slots=True)
class Opening:
    """What the event's sealed cell holds.

    ``number`` and ``place`` say where the entry stands and what lies beside it; they are authenticated by the
    sealing and not committed to, because a person's new key seals the subject anew.
    """

    salt: bytes
    number: int
    place: bytes
    event: bytes

    def encoded(self) -> bytes:
        return _OPENING.pack(self.salt, self.number, self.place) + self.event

    @staticmethod
    def decoded(octets: bytes) -> "Opening":
        if len(octets) < _OPENING.size:
            raise AuditInvalid("An entry's event is shorter than its salt; restore the audit log from a backup.")
        salt, number, place = _OPENING.unpack_from(octets)
        return Opening(salt, number, place, octets[_OPENING.size :])


def place_of(tag: bytes, subject: bytes) -> bytes:
    """A hash over what lies beside the event in the same row."""
    return sha256(b"doorward audit place" + struct.pack(">I", len(tag)) + tag + subject).digest()


def event_commitment(salt: bytes, event: bytes) -> bytes:
    return sha256(b"doorward audit event" + salt + event).digest()


def subject_commitment(salt: bytes, person: str) -> bytes:
    return sha256(b"doorward audit subject" + salt + person.encode()).digest()


def nobodys_salt(event_salt: bytes) -> bytes:
    """The salt of a subject that is nobody: whoever opens the event can see that it concerns no person."""
    return sha256(b"doorward audit nobody" + event_salt).digest()


def leaf(form: int, event: bytes, subject: bytes) -> bytes:
    """A leaf's data (``LEAF_LENGTH`` bytes) from the commitments to event and subject."""
    return bytes((form,)) + event + subject
