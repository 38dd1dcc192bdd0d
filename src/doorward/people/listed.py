"""A row of a list of people to import: who it is, what they agreed to, and where their photo lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from doorward.errors import ConsentMissing, WrongUse
from doorward.kernel.ids import ConsentId, PersonId
from doorward.kernel.moments import parse_moment
from doorward.people.consent import Consent, Purpose
from doorward.people.membership import Membership
from doorward.people.person import Details, Document, Person, checked, is_plain

REQUIRED = ("reference", "display_name")
CONSENT = ("notice", "notice_version", "purposes", "given_how", "given_at")
"""Without all of these a row has no consent record."""

COLUMNS = (
    *REQUIRED, "full_name", "document_number", "document_issued", "document_expires", "birth_date", "address",
    "employer", "badge_number", "groups", "groups_from", "groups_until", "photo", *CONSENT, "until",
)  # fmt: skip
"""Every column that a list may have. ``groups`` and ``purposes`` hold several values with ``;`` between them;
``groups_from`` and ``groups_until`` are of all groups of the row."""

_FORMULA = ("=", "+", "-", "@")
_NO_CONSENT = f"The row has no whole consent record; it needs {', '.join(CONSENT[:-1])} and {CONSENT[-1]}."


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """What a row says, checked. ``photo``: a path as the row names it, ``None`` when there is none."""

    person: Person
    consent: Consent
    photo: str | None


def reference_in(row: Mapping[str, str]) -> str:
    """What the list calls the person; ``WrongUse`` when the row does not say it."""
    reference = row.get("reference", "").strip()
    if not reference:
        raise WrongUse("The row has no reference, by which it is known when the list is imported again.")
    return reference


def listed_person(row: Mapping[str, str], person: PersonId, consent: ConsentId, now: datetime) -> ListedPerson:
    """The person and consent of ``row`` (column to text), with the ids given.

    ``ConsentMissing`` when the row has no whole consent record, or none in force at ``now``, or a photo and no consent
    to verification or identification; ``WrongUse`` when a field cannot be right. No message repeats what a row holds.
    """
    held = {name: text.strip() for name, text in row.items() if text.strip()}
    if any(text.startswith(_FORMULA) for text in held.values()):
        raise WrongUse("A field begins with =, +, - or @, as a spreadsheet's formula does; correct it.")
    agreed = _consent(held, person, consent, now)
    if "photo" in held and not agreed.purposes & {Purpose.VERIFY, Purpose.IDENTIFY}:
        raise ConsentMissing("The row has a photo, and its consent covers neither verification nor identification.")
    details = Details(
        held.get("full_name"),
        _document(held),
        _day(held, "birth_date"),
        held.get("address"),
        held.get("employer"),
        held.get("badge_number"),
        reference_in(held),
    )
    known = Person(person, held.get("display_name", ""), details, _memberships(held, now), now)
    return ListedPerson(checked(known, now.date()), agreed, held.get("photo"))


def _consent(held: Mapping[str, str], person: PersonId, consent: ConsentId, now: datetime) -> Consent:
    if not all(name in held for name in CONSENT):
        raise ConsentMissing(_NO_CONSENT)
    try:
        purposes = frozenset(Purpose(purpose) for purpose in _several(held["purposes"]))
    except ValueError:
        known = ", ".join(purpose.value for purpose in Purpose)
        raise WrongUse(f"The purposes of a consent are among {known}, with ; between them.") from None
    if not purposes:
        raise ConsentMissing(_NO_CONSENT)
    texts = held["notice"], held["notice_version"], held["given_how"]
    if not all(map(is_plain, texts)):
        raise WrongUse("A field of the consent is too long or holds control characters.")
    given_at, until = parse_moment(held["given_at"]), _moment(held, "until")
    agreed = Consent(consent, person, texts[0], texts[1], purposes, given_at, texts[2], until)
    if not agreed.in_force(now):
        raise ConsentMissing("The consent in the row is not in force: it was given later than now, or has ended.")
    return agreed


def _document(held: Mapping[str, str]) -> Document | None:
    issued, expires = _day(held, "document_issued"), _day(held, "document_expires")
    if "document_number" in held:
        return Document(held["document_number"], issued, expires)
    if issued or expires:
        raise WrongUse("A document's dates need its number.")
    return None


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _day(held: Mapping[str, str], name: str) -> date | None:
    if name not in held:
        return None
    try:
        return date.fromisoformat(held[name])
    except ValueError:
        raise WrongUse(f"The field {name} is no day written YYYY-MM-DD.") from None


def _moment(held: Mapping[str, str], name: str) -> datetime | None:
    return parse_moment(held[name]) if name in held else None


def _memberships(held: Mapping[str, str], now: datetime) -> frozenset[Membership]:
    begins, ends = _moment(held, "groups_from"), _moment(held, "groups_until")
    groups = _several(held.get("groups", ""))
    if not groups and (begins or ends):
        raise WrongUse("The fields groups_from and groups_until need groups.")
    if ends is not None and ends <= now:
        raise WrongUse("The memberships in the row have ended already.")
    return frozenset(Membership(group, begins, ends) for group in groups)
