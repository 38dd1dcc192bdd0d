"""What is inside a frame: a statement in CBOR, signed by the site that people leave, padded.

The statement names move, number and position, and the first of them both sites and the key that it is sealed under:
what was signed for one site or place is taken at no other.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import cbor2

from doorward.adapters.moving.card import SiteCard, encode_card, verified_card
from doorward.adapters.moving.frames import Frame, FrameKind
from doorward.adapters.signing import Signature, Signer, check_signature
from doorward.adapters.stores.face.records import (
    consent_from,
    consent_record,
    enrolment_from,
    enrolment_record,
    person_from,
    person_record,
)
from doorward.errors import CardInvalid, ExportUnusable
from doorward.kernel.ids import ConsentId, MoveId, PersonId, SiteId, TemplateId
from doorward.people.consent import Consent
from doorward.people.enrolment import Enrolment
from doorward.people.person import Person
from doorward.people.person_records import PersonRecords
from doorward.vault.envelope import pad, unpad

USE = "moving frame"
SECRET_LENGTH = 32
TAG_LENGTH = 16

T = TypeVar("T")

_DEEPEST = 12
_MALFORMED = (
    cbor2.CBORError, KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError,
    MemoryError,
)  # fmt: skip
_ALTERED = "This file of people was altered, or put together by somebody else; take nothing from it, and tell the site."


@dataclass(frozen=True, slots=True)
class MoveHeader:
    """Who sends people to whom, why, and who agreed. ``secret``: what receipts name people with, see ``tag_of``."""

    move: MoveId
    card: SiteCard
    to: SiteId
    recipient: bytes
    purpose: str
    legal_basis: str
    asked_by: str
    approved_by: str
    secret: bytes


def tag_of(secret: bytes, person: PersonId) -> str:
    """What a receipt calls a person: 32 hexadecimal digits that only the two sites of the move can tell apart."""
    return hmac.digest(secret, person.encode(), sha256)[:TAG_LENGTH].hex()


def encode_header(header: MoveHeader, frame: Frame, signer: Signer) -> bytes:
    held = {
        "card": encode_card(header.card),
        "to": header.to,
        "recipient": sha256(header.recipient).digest(),
        "purpose": header.purpose,
        "legal_basis": header.legal_basis,
        "asked_by": header.asked_by,
        "approved_by": header.approved_by,
        "secret": header.secret,
    }
    return _signed(header.move, frame, held, signer)


def decode_header(octets: bytes, frame: Frame, move: MoveId, recipients: Sequence[bytes]) -> MoveHeader:
    """What the opened ``octets`` of the first frame say; ``ExportUnusable`` unless the card in it signed them.

    ``recipients``: the public keys of the site that reads it. Whose card it is is for the caller to find out.
    """
    try:
        card = verified_card(cbor2.loads(_parts(octets)[0], max_depth=_DEEPEST)["card"])
        held = _checked(octets, frame, FrameKind.HEADER, move, card.identity)
        return MoveHeader(
            move,
            card,
            SiteId(_id(held["to"])),
            next(one for one in recipients if sha256(one).digest() == held["recipient"]),
            _text(held["purpose"]),
            _text(held["legal_basis"]),
            _text(held["asked_by"]),
            _text(held["approved_by"]),
            _octets(held["secret"], SECRET_LENGTH),
        )
    except (CardInvalid, StopIteration, *_MALFORMED):
        raise ExportUnusable(_ALTERED) from None


def encode_people(people: Sequence[PersonRecords], frame: Frame, move: MoveId, signer: Signer) -> bytes:
    return _signed(move, frame, {"people": [_encoded(one) for one in people]}, signer)


def decode_people(octets: bytes, frame: Frame, header: MoveHeader) -> Sequence[PersonRecords]:
    """Who is in the opened ``octets``; ``ExportUnusable`` unless the site of ``header`` signed them for this place."""
    try:
        held = _checked(octets, frame, FrameKind.PEOPLE, header.move, header.card.identity)
        return [_decoded(one) for one in held["people"]]
    except _MALFORMED:
        raise ExportUnusable(_ALTERED) from None


def encode_end(people: int, frame: Frame, move: MoveId, signer: Signer) -> bytes:
    return _signed(move, frame, {"sent": people}, signer)


def decode_end(octets: bytes, frame: Frame, header: MoveHeader) -> int:
    """How many people the file holds; ``ExportUnusable`` as in ``decode_people``."""
    try:
        return int(_checked(octets, frame, FrameKind.END, header.move, header.card.identity)["sent"])
    except _MALFORMED:
        raise ExportUnusable(_ALTERED) from None


def _signed(move: MoveId, frame: Frame, held: Mapping[str, object], signer: Signer) -> bytes:
    statement = cbor2.dumps({**_place(frame, move), **held}, canonical=True)
    return pad(cbor2.dumps([statement, asdict(signer.sign(USE, statement))], canonical=True))


def _place(frame: Frame, move: MoveId) -> dict[str, object]:
    return {"move": move, "kind": int(frame.kind), "number": frame.number, "position": frame.position}


def _parts(octets: bytes) -> tuple[bytes, Signature]:
    statement, signature = cbor2.loads(unpad(octets), max_depth=_DEEPEST)
    return _octets(statement), Signature(_text(signature["public_key"]), _text(signature["value"]))


def _checked(octets: bytes, frame: Frame, kind: FrameKind, move: MoveId, identity: str) -> dict[str, Any]:
    """The statement in ``octets``; ``ExportUnusable``, or one of ``_MALFORMED``, when it is not signed for there."""
    statement, signature = _parts(octets)
    check_signature(USE, statement, signature, {identity}, ExportUnusable(_ALTERED))
    held: dict[str, Any] = cbor2.loads(statement, max_depth=_DEEPEST, allow_duplicate_keys=False)
    place = _place(frame, move)
    if frame.kind is not kind or {name: held[name] for name in place} != place:
        raise ValueError
    return held


def _encoded(moved: PersonRecords) -> list[object]:
    consents = [[one.id, consent_record(one)] for one in moved.consents]
    references = [[one.id, enrolment_record(one), moved.photos.get(one.id)] for one in moved.enrolments]
    return [moved.person.id, person_record(moved.person), consents, references]


def _decoded(held: Sequence[Any]) -> PersonRecords:
    """Only what this version would write is read: a part that it does not know is not left out in silence."""
    person_id, record, consents, references = held
    person = _person(PersonId(_id(person_id)), record)
    agreed = [_consent(ConsentId(_id(one)), person.id, record) for one, record in consents]
    enrolments = [_enrolment(TemplateId(_id(one)), person.id, record) for one, record, _ in references]
    photos = {TemplateId(_id(one)): _octets(photo) for one, _, photo in references if photo is not None}
    return PersonRecords(person, tuple(agreed), tuple(enrolments), photos)


def _person(of: PersonId, record: bytes) -> Person:
    person = person_from(of, record)
    details, document = person.details, person.details.document
    texts = [details.full_name, details.address, details.employer, details.badge_number, details.reference]
    texts += [document.number] if document else []
    held = person.memberships
    for text in (person.display_name, *(one for one in texts if one is not None), *(one.group for one in held)):
        _text(text)
    _check_moments(moment for one in held for moment in (one.begins, one.ends))
    return _only(person, person_record(person), record)


def _consent(of: ConsentId, person: PersonId, record: bytes) -> Consent:
    consent = consent_from(of, person, record)
    for text in (consent.notice, consent.notice_version, consent.given_how, consent.moved_from or ""):
        _text(text)
    _check_moments((consent.given_at, consent.until, consent.withdrawn_at))
    return _only(consent, consent_record(consent), record)


def _enrolment(of: TemplateId, person: PersonId, record: bytes) -> Enrolment:
    enrolment = enrolment_from(of, person, record)
    for text in asdict(enrolment.template.origin).values():
        _text(text)
    return _only(enrolment, enrolment_record(enrolment), record)


def _only(value: T, again: bytes, record: bytes) -> T:
    if again != record:
        raise ValueError
    return value


def _id(value: object) -> str:
    """A UUID in the one form that ids have here."""
    text = _text(value)
    if str(UUID(text)) != text:
        raise ValueError
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _check_moments(moments: Iterable[datetime | None]) -> None:
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise ValueError


def _octets(value: object, length: int | None = None) -> bytes:
    if not isinstance(value, bytes) or length not in (None, len(value)):
        raise TypeError
    return value
