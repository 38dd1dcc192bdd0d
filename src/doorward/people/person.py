"""A person as the site knows them. Only the display name is required."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from unicodedata import category, normalize

from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId
from doorward.people.membership import Membership, groups_at

EVERYONE = "everyone"
"""The group that every person belongs to."""

LONGEST_TEXT = 200
"""Characters in any one field."""

_REFUSED = frozenset({"Cc", "Cn", "Co", "Cs", "Zl", "Zp"})
_REORDERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Identifier(StrEnum):
    """Numbers that belong to one person only, found through the blind index."""

    DOCUMENT = "document"
    BADGE = "badge"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document: its number, and the days it was issued and expires."""

    number: str
    issued: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What a site may keep on a person besides the display name. Nothing else has a place.

    ``reference``: what the list that they were imported from calls them; compared as it is written.
    """

    full_name: str | None = None
    document: Document | None = None
    birth_date: date | None = None
    address: str | None = None
    employer: str | None = None
    badge_number: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known to the site; ``memberships`` say which checkpoints they may pass, one at most for each group."""

    id: PersonId
    display_name: str
    details: Details
    memberships: frozenset[Membership]
    created_at: datetime

    def groups_at(self, now: datetime) -> frozenset[str]:
        """Where they may pass at ``now``."""
        return groups_at(self.memberships, now)

    def identifiers(self) -> dict[Identifier, str]:
        """The person's unique numbers in the form they are compared in."""
        found = {}
        if self.details.document:
            found[Identifier.DOCUMENT] = comparable(self.details.document.number)
        if self.details.badge_number:
            found[Identifier.BADGE] = comparable(self.details.badge_number)
        if self.details.reference:
            found[Identifier.REFERENCE] = self.details.reference
        return found


def comparable(number: str) -> str:
    """A document or badge number without spaces, dashes, case and differences of width (Unicode's NFKC form)."""
    plain = normalize("NFKC", normalize("NFKC", number).upper())
    return "".join(character for character in plain if character.isalnum())


def is_plain(text: str) -> bool:
    """At most ``LONGEST_TEXT`` characters of any script, and none that breaks a line or reverses its order.

    Joiners (U+200C, U+200D) are part of names in Persian and in Indic scripts, and stay.
    """
    refused = any(category(character) in _REFUSED or character in _REORDERING for character in text)
    return len(text) <= LONGEST_TEXT and not refused


def checked(person: Person, today: date) -> Person:
    """``person`` with surrounding blanks removed; ``WrongUse`` when a field cannot be right."""
    name = person.display_name.strip()
    if not name:
        raise WrongUse("A person needs a display name.")
    details = person.details
    groups = [one.group for one in person.memberships]
    texts = (name, details.full_name, details.address, details.employer, details.badge_number, details.reference)
    if not all(text is None or is_plain(text) for text in (*texts, *groups)):
        raise WrongUse(f"A field is longer than {LONGEST_TEXT} characters or holds control characters.")
    _check_memberships(person.memberships)
    if details.birth_date and details.birth_date > today:
        raise WrongUse("The birth date lies in the future.")
    document = details.document
    if document:
        _check_document(document)
    if details.badge_number is not None and not comparable(details.badge_number):
        raise WrongUse("A badge number needs at least one letter or digit.")
    others = {one for one in person.memberships if one.group != EVERYONE}
    return replace(person, display_name=name, memberships=frozenset({*others, Membership(EVERYONE)}))


def check_membership(membership: Membership) -> Membership:
    """``WrongUse`` when its group can have no such name, or it ends before it begins or is of everyone for a time."""
    name, begins, ends = membership.group, membership.begins, membership.ends
    if not name.strip() or not is_plain(name):
        raise WrongUse("A group has a name without control characters.")
    if begins is not None and ends is not None and ends <= begins:
        raise WrongUse("A membership ends after it begins; give other moments.")
    if name == EVERYONE and (begins is not None or ends is not None):
        raise WrongUse(f"Everybody is in the group {EVERYONE} always; use another group for a time.")
    return membership


def _check_memberships(memberships: frozenset[Membership]) -> None:
    for one in memberships:
        check_membership(one)
    if len({one.group for one in memberships}) < len(memberships):
        raise WrongUse("A person has one membership of a group, from one moment to another; name each group once.")


def _check_document(document: Document) -> None:
    if not comparable(document.number) or not is_plain(document.number):
        raise WrongUse(f"A document number has 1 to {LONGEST_TEXT} letters or digits and no control characters.")
    if document.issued and document.expires and document.expires < document.issued:
        raise WrongUse("The document expires before it was issued.")
