"""Target: the people in an opened frame, as a site could have signed them."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import uuid4

import cbor2

from doorward.adapters.moving.content import USE, MoveHeader, decode_people, encode_people
from doorward.adapters.moving.frames import Frame, FrameKind
from doorward.errors import DoorwardError
from doorward.people.moved_person import arriving
from doorward.people.person import Document
from doorward.people.person_records import PersonRecords
from doorward.vault.envelope import pad, unpad
from fuzz.manifest import SIGNER, SITE
from fuzz.moving_file import MOVE
from fuzz.site_card import CARD, RECIPIENT
from known_people import NOON, consent, enrolment, face, person

FRAME = Frame(FrameKind.PEOPLE, 1, 2)
HEADER = MoveHeader(MOVE, CARD, SITE, RECIPIENT, "purpose", "basis", "Ada", "Grace", bytes(32))


def records(**details: object) -> PersonRecords:
    known = person("Ada", **details)
    reference = enrolment(known.id, face(1))
    return PersonRecords(known, (consent(known.id),), (reference,), {reference.id: b"photo"})


def statement(*people: PersonRecords) -> bytes:
    signed, _ = cbor2.loads(unpad(encode_people(people, FRAME, MOVE, SIGNER)))
    return bytes(signed)


SEEDS = (statement(), statement(records(badge_number="7", document=Document("X 1", NOON.date())), records()))


def decode(data: bytes) -> Sequence[PersonRecords]:
    signed = cbor2.dumps([data, asdict(SIGNER.sign(USE, data))], canonical=True)
    return decode_people(pad(signed), FRAME, HEADER)


def fuzz(data: bytes) -> None:
    """Whoever is read can be written again, and is taken in or refused in words."""
    try:
        for one in decode(data):
            assert decode(statement(one))
            arriving(one, one.person.id, lambda: str(uuid4()), "elsewhere", NOON)
    except DoorwardError:
        return
