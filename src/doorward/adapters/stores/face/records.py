"""Domain objects as the bytes that are sealed: canonical JSON, times in ISO 8601."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import CheckpointId, ConsentId, PassageId, PersonId, TemplateId
from doorward.passages.passage import Passage
from doorward.people.consent import Consent, Purpose
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.membership import Membership, in_order, lasting
from doorward.people.person import Details, Document, Person

_TEMPLATE_STEP = 512
"""Bytes: blanks behind the JSON, so that a record's size tells neither its runtime nor whether it is pending."""

_PERSON_STEP = 508
"""Bytes, which with their length fill the size class of 512: short and long details of most people look alike."""


def encode(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


BESIDE_PERSON = ("lookalikes", "pin")
"""What lies in a person's record and is not theirs to change: it has stores of its own."""


def person_record(person: Person, beside: Mapping[str, object] = MappingProxyType({})) -> bytes:
    """``beside``: what of ``BESIDE_PERSON`` lies in the record too."""
    details, document = person.details, person.details.document
    terms = in_order(one for one in person.memberships if one.begins or one.ends)
    reference = {} if details.reference is None else {"reference": details.reference}
    record = encode(
        {
            **reference,
            **beside,
            "display_name": person.display_name,
            "full_name": details.full_name,
            "document": document
            and {"number": document.number, "issued": _day(document.issued), "expires": _day(document.expires)},
            "birth_date": _day(details.birth_date),
            "address": details.address,
            "employer": details.employer,
            "badge_number": details.badge_number,
            "groups": sorted(one.group for one in person.memberships if one not in terms),
            **({"terms": [[one.group, _moment(one.begins), _moment(one.ends)] for one in terms]} if terms else {}),
            "created_at": person.created_at.isoformat(),
        }
    )
    return _stepped(record, _PERSON_STEP)


def person_from(person: PersonId, record: bytes) -> Person:
    held = json.loads(record)
    document = held["document"]
    details = Details(
        held["full_name"],
        document and Document(document["number"], _to_day(document["issued"]), _to_day(document["expires"])),
        _to_day(held["birth_date"]),
        held["address"],
        held["employer"],
        held["badge_number"],
        held.get("reference"),
    )
    return Person(person, held["display_name"], details, _memberships(held), _to_moment(held["created_at"]))


def beside_person(record: bytes) -> dict[str, Any]:
    """What of ``BESIDE_PERSON`` lies in a person's record."""
    held = json.loads(record)
    return {name: held[name] for name in BESIDE_PERSON if name in held}


def with_beside(record: bytes, beside: Mapping[str, object]) -> bytes:
    """A person's record with ``beside`` in the place of what it held of that."""
    held = {name: value for name, value in json.loads(record).items() if name not in BESIDE_PERSON}
    return _stepped(encode({**held, **beside}), _PERSON_STEP)


def memberships_from(record: bytes) -> frozenset[Membership]:
    """The memberships in a person's record, and nothing else of it."""
    return _memberships(json.loads(record))


def _memberships(held: Mapping[str, Any]) -> frozenset[Membership]:
    """``groups`` lists those without a term; who reads no ``terms`` lets nobody pass by them."""
    terms = (
        Membership(group, _to_moment_or_none(begins), _to_moment_or_none(ends))
        for group, begins, ends in held.get("terms", ())
    )
    return lasting(held["groups"]) | frozenset(terms)


def consent_record(consent: Consent) -> bytes:
    moved = {} if consent.moved_from is None else {"moved_from": consent.moved_from}
    return encode(
        {
            **moved,
            "notice": consent.notice,
            "notice_version": consent.notice_version,
            "purposes": sorted(consent.purposes),
            "given_at": consent.given_at.isoformat(),
            "given_how": consent.given_how,
            "until": _moment(consent.until),
            "withdrawn_at": _moment(consent.withdrawn_at),
        }
    )


def consent_from(consent: ConsentId, person: PersonId, record: bytes) -> Consent:
    held = json.loads(record)
    return Consent(
        consent,
        person,
        held["notice"],
        held["notice_version"],
        frozenset(Purpose(purpose) for purpose in held["purposes"]),
        _to_moment(held["given_at"]),
        held["given_how"],
        _to_moment_or_none(held["until"]),
        _to_moment_or_none(held["withdrawn_at"]),
        held.get("moved_from"),
    )


def enrolment_record(enrolment: Enrolment) -> bytes:
    origin = enrolment.template.origin
    record = encode(
        {
            "vector": b64encode(enrolment.template.vector.astype("<f4").tobytes()).decode(),
            "origin": [origin.model, origin.runtime, origin.precision],
            "captured_from": enrolment.captured_from.value,
            "enrolled_at": enrolment.enrolled_at.isoformat(),
            "confirmed_at": _moment(enrolment.confirmed_at),
        }
    )
    return _stepped(record, _TEMPLATE_STEP)


def enrolment_from(enrolment: TemplateId, person: PersonId, record: bytes) -> Enrolment:
    held = json.loads(record)
    vector = np.frombuffer(b64decode(held["vector"]), dtype="<f4").astype(np.float32)
    return Enrolment(
        enrolment,
        person,
        Template(vector, TemplateOrigin(*held["origin"])),
        CapturedFrom(held["captured_from"]),
        _to_moment(held["enrolled_at"]),
        _to_moment_or_none(held["confirmed_at"]),
    )


def passage_record(passage: Passage) -> bytes:
    # Written as ``encode`` would, which costs as much as the sealing.
    return b'{"at":"%b","checkpoint":%b}' % (passage.at.isoformat().encode(), _in_json(passage.checkpoint))


@lru_cache(maxsize=4096)
def _in_json(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()


def passage_from(passage: PassageId, person: PersonId, record: bytes) -> Passage:
    held = json.loads(record)
    return Passage(passage, person, CheckpointId(held["checkpoint"]), _to_moment(held["at"]))


def event_record(entry: AuditEntry) -> bytes:
    return encode(
        {
            "actor": entry.actor.name,
            "purpose": entry.actor.purpose,
            "action": entry.action,
            "at": entry.at.isoformat(),
        }
    )


def entry_from(event: bytes, about: PersonId | None) -> AuditEntry:
    held = json.loads(event)
    return AuditEntry(Actor(held["actor"], held["purpose"]), held["action"], about, _to_moment(held["at"]))


def _stepped(record: bytes, step: int) -> bytes:
    return record.ljust(-(-len(record) // step) * step)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _to_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _to_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _to_moment_or_none(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
