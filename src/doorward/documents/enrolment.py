"""What a document adds to the record of whom it enrols: its number and end, the full name and the day of birth."""

from dataclasses import replace

from doorward.documents.reading import DocumentReading
from doorward.documents.verification import refusal_of
from doorward.documents.zone import MachineReadableZone
from doorward.errors import Conflict, DocumentRefused
from doorward.face.decision import Reason
from doorward.people.person import Document, Person, comparable


def completed(person: Person, reading: DocumentReading, *, name_checked: bool) -> Person:
    """The record of ``person`` with what the document says; a name and a birth that it has already stay.

    ``name_checked``: an officer has held the zone's name against the page and the record, for no check digit covers it.
    Without their word the page has to print it, and a full name in the record has to be the same.

    ``DocumentRefused`` for a document that proves nothing, ``Conflict`` for one that is not this person's.
    """
    zone = _believed(reading)
    if not (reading.name_confirmed or name_checked):
        raise DocumentRefused(
            "The page was not read to print the name of its zone; read both, and say who did (--name-checked-by)."
        )
    known = person.details
    if known.birth_date and zone.birth_date and known.birth_date != zone.birth_date:
        raise Conflict("The record has another birth date than the document; it may be somebody else's.")
    if known.full_name and not (name_checked or zone.name.is_printed_in([known.full_name])):
        raise Conflict("The record has another full name than the document; compare them (--name-checked-by).")
    full_name = known.full_name or f"{zone.name.secondary} {zone.name.primary}".strip()
    birth_date = known.birth_date or zone.birth_date
    details = replace(known, full_name=full_name, birth_date=birth_date, document=_document(person, zone))
    return replace(person, details=details)


def _believed(reading: DocumentReading) -> MachineReadableZone:
    reason = refusal_of(reading)
    if reading.zone is None or reason is not Reason.DOCUMENT_NOT_MATCHED:
        raise DocumentRefused(reason.sentence, reason.value)
    return reading.zone


def _document(person: Person, zone: MachineReadableZone) -> Document:
    """The number as the zone writes it; the day of issue, which no zone tells, of the same document as before."""
    before = person.details.document
    is_same = before is not None and comparable(before.number) == comparable(zone.number)
    return Document(zone.number, before.issued if before and is_same else None, zone.expiry_date)
