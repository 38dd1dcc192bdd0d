"""A person as the site knows them. Only the display name is required."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId

EVERYONE = "everyone"
"""The group that every person belongs to."""

LONGEST_TEXT = 200
"""Characters in any one field."""


class Identifier(StrEnum):
    """Numbers that belong to one person only, found through the blind index."""

    DOCUMENT = "document"
    BADGE = "badge"


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document: its number, and the days it was issued and expires."""

    number: str
    issued: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What a site may keep on a person besides the display name. Nothing else has a place."""

    full_name: str | None = None
    document: Document | None = None
    birth_date: date | None = None
    address: str | None = None
    employer: str | None = None
    badge_number: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known to the site; ``groups`` say which checkpoints they may pass."""

    id: PersonId
    display_name: str
    details: Details
    groups: frozenset[str]
    created_at: datetime

    def identifiers(self) -> dict[Identifier, str]:
        """The person's unique numbers in the form they are compared in."""
        found = {}
        if self.details.document:
            found[Identifier.DOCUMENT] = comparable(self.details.document.number)
        if self.details.badge_number:
            found[Identifier.BADGE] = comparable(self.details.badge_number)
        return found


def comparable(number: str) -> str:
    """A document or badge number without spaces, dashes and case."""
    return "".join(character for character in number.upper() if character.isalnum())


def checked(person: Person, today: date) -> Person:
    """``person`` with surrounding blanks removed; ``WrongUse`` when a field cannot be right."""
    name = person.display_name.strip()
    if not name:
        raise WrongUse("A person needs a display name.")
    details = person.details
    texts = (name, details.full_name, details.address, details.employer, details.badge_number)
    if any(text is not None and (len(text) > LONGEST_TEXT or not text.isprintable()) for text in texts):
        raise WrongUse(f"A field is longer than {LONGEST_TEXT} characters or holds control characters.")
    if details.birth_date and details.birth_date > today:
        raise WrongUse("The birth date lies in the future.")
    document = details.document
    if document:
        _check_document(document)
    if details.badge_number is not None and not comparable(details.badge_number):
        raise WrongUse("A badge number needs at least one letter or digit.")
    return replace(person, display_name=name, groups=person.groups | {EVERYONE})


def _check_document(document: Document) -> None:
    if not comparable(document.number) or len(document.number) > LONGEST_TEXT:
        raise WrongUse("A document number needs letters or digits.")
    if document.issued and document.expires and document.expires < document.issued:
        raise WrongUse("The document expires before it was issued.")
