"""A person who is moved: what of them leaves a site, and as what it arrives at another."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from doorward.errors import ConsentMissing, WrongUse
from doorward.face.template import Template
from doorward.kernel.ids import ConsentId, PersonId, TemplateId
from doorward.people.consent import FOR_FACES, Consent, Purpose, purposes_in_force
from doorward.people.enroller import MOST_TEMPLATES
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.person import Person, checked, is_plain
from doorward.people.person_records import PersonRecords

_FEWEST, _MOST = 64, 1024
"""Numbers of a template."""
_OFF_UNIT = 1e-3


def leaving(
    person: Person,
    consents: Sequence[Consent],
    enrolments: Sequence[Enrolment],
    photo_of: Callable[[TemplateId], bytes | None],
    now: datetime,
) -> PersonRecords:
    """What of a person may leave; ``ConsentMissing`` when no consent of theirs is in force.

    References go under a consent to verification or identification, photos under one to photos. Passages, attempts,
    credentials that are carried, invitations and log entries stay behind.
    """
    allowed = purposes_in_force(consents, now)
    if not allowed:
        raise ConsentMissing("No consent of this person is in force.")
    references = tuple(enrolments) if allowed & FOR_FACES else ()
    photos = {one.id: photo_of(one.id) for one in references} if Purpose.PHOTO in allowed else {}
    kept = {reference: photo for reference, photo in photos.items() if photo is not None}
    return PersonRecords(person, tuple(consents), references, kept)


def arriving(
    moved: PersonRecords, person: PersonId, new_id: Callable[[], str], moved_from: str, now: datetime
) -> PersonRecords:
    """The person as they are stored where they arrive, under the id ``person``: every reference is pending.

    ``ConsentMissing`` when no consent is in force, or none that covers the references; ``WrongUse`` when something of
    it cannot be right. No message repeats what is known of them.
    """
    known = checked(replace(moved.person, id=person, created_at=now), now.date())
    allowed = purposes_in_force(moved.consents, now)
    if not allowed:
        raise ConsentMissing("No consent of this person is in force.")
    if moved.enrolments and not allowed & FOR_FACES:
        raise ConsentMissing("There are references, and no consent in force covers verification or identification.")
    if len(moved.enrolments) > MOST_TEMPLATES:
        raise WrongUse(f"There are more than {MOST_TEMPLATES} references of this person.")
    texts = [text for one in moved.consents for text in (one.notice, one.notice_version, one.given_how)]
    if not all(map(is_plain, texts)):
        raise WrongUse("A field of a consent is too long or holds control characters.")
    consents = tuple(
        replace(one, id=ConsentId(new_id()), person=person, moved_from=one.moved_from or moved_from)
        for one in moved.consents
    )
    renamed = {one.id: TemplateId(new_id()) for one in moved.enrolments}
    enrolments = tuple(
        Enrolment(renamed[one.id], person, sound_template(one.template), CapturedFrom.FILE, now, None)
        for one in moved.enrolments
    )
    photos = moved.photos if Purpose.PHOTO in allowed else {}
    return PersonRecords(known, consents, enrolments, {renamed[one]: photo for one, photo in photos.items()})


def sound_template(template: Template) -> Template:
    """``template`` itself; ``WrongUse`` when its numbers are none that a model gives."""
    vector = template.vector
    if not _FEWEST <= vector.size <= _MOST or not bool(np.isfinite(vector).all()):
        raise WrongUse("A reference is no template: it has too few or too many numbers, or some that are not finite.")
    if abs(float(np.linalg.norm(vector.astype(np.float64))) - 1.0) > _OFF_UNIT:
        raise WrongUse("A reference is no template: it is not of unit length.")
    return template
