"""Whether everybody who is held may still be held. Opens every record; takes as long as there are people."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from doorward.adapters.stores.face.tables import persons
from doorward.errors import PersonUnknown, Tampered
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.site import Site

LONGEST_PENDING = timedelta(days=30)

_BIOMETRIC = {Purpose.VERIFY, Purpose.IDENTIFY}
_MOST_NAMED = 3


def ids_of(site: Site) -> list[PersonId]:
    with site.stores.data.connect() as connection:
        return [PersonId(row) for row in connection.execute(select(persons.c.id)).scalars()]


def check_people(site: Site, now: datetime) -> Iterator[Finding]:
    """Templates whose consent has ended, photos without one, and enrolments that were never confirmed."""
    unconsented: list[PersonId] = []
    photos: list[PersonId] = []
    pending: list[PersonId] = []
    damaged: list[PersonId] = []
    for person in ids_of(site):
        try:
            enrolments = site.stores.enrolments.of(person)
            purposes = purposes_in_force(site.stores.consents.of(person), now)
            has_photo = any(site.stores.enrolments.photo(person, one.id) for one in enrolments)
        except (Tampered, PersonUnknown):
            damaged.append(person)
            continue
        if enrolments and not purposes & _BIOMETRIC:
            unconsented.append(person)
        if has_photo and Purpose.PHOTO not in purposes:
            photos.append(person)
        if any(one.is_pending and now - one.enrolled_at > LONGEST_PENDING for one in enrolments):
            pending.append(person)
    if unconsented:
        yield Finding(
            "templates-without-consent",
            Severity.WARNING,
            f"Templates are kept of {_counted(unconsented)} without a consent in force.",
            "They are used for nothing, and what is not kept cannot be stolen (GDPR Art. 5(1)(e) and 9(2)(a)).",
            "Ask the person again, or erase: doorward people erase ID",
        )
    if photos:
        yield Finding(
            "photos-without-consent",
            Severity.WARNING,
            f"Photos are kept of {_counted(photos)} without a consent in force to that.",
            "Photos lay beside the document numbers in the case that Doorward is built against.",
            "Ask the person again, or erase and enrol them anew.",
        )
    if pending:
        yield Finding(
            "pending-too-long",
            Severity.WARNING,
            f"Enrolments of {_counted(pending)} have waited for over {LONGEST_PENDING.days} days to be confirmed.",
            "Who never confirmed may never have agreed.",
            "doorward people confirm ID, or doorward people erase ID",
        )
    if damaged:
        yield Finding(
            "record-unreadable",
            Severity.CRITICAL,
            f"Records of {_counted(damaged)} do not open.",
            "They were altered, moved or damaged: somebody may be writing the database past Doorward.",
            "doorward doctor --deep names each row; restore them from a backup.",
        )


def _counted(people: Sequence[PersonId]) -> str:
    named = ", ".join(people[:_MOST_NAMED]) + (", …" if len(people) > _MOST_NAMED else "")
    return f"{len(people)} {'person' if len(people) == 1 else 'people'} ({named})"
