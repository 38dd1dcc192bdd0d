"""Enrolment by the identity document that a person brings. Of the scan and its portrait nothing is kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from doorward.documents.enrolment import completed
from doorward.errors import Conflict, InternalError
from doorward.face.capture import Capture
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.people.consent import require_use_of_face
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.lookalikes import Distinction
from doorward.people.officer import named_officer
from doorward.people.person import Identifier
from doorward.wiring.face.document_verification import read_document
from doorward.wiring.face.enrolling import Photo
from doorward.wiring.face.live_capture import Tell
from doorward.wiring.face.site import Site


def enrol_by_document(
    site: Site,
    person: PersonId,
    scan: Photo,
    actor: Actor | None = None,
    *,
    photo: Photo | None = None,
    source: str | None = None,
    name_checked_by: str | None = None,
    unsafe_recorded: bool = False,
    tell: Tell = lambda _: None,
    distinct: Distinction | None = None,
    may_see_duplicate: bool = True,
) -> Enrolment:
    """Enrol ``person`` as whom the document on ``scan`` shows, and add what it says of them to their record.

    Who stands before the camera ``source``, or the face in ``photo``, has to match the portrait; without either the
    portrait itself is enrolled. Only a live capture counts at once. ``name_checked_by``: the officer who read the name,
    needed where the page does not print it. The others are those of ``Site.enrol_photo`` and ``Site.enrol_live``.

    ``ConsentMissing`` before anything is read; ``DocumentRefused`` for a document that proves nothing, ``Conflict`` for
    somebody else's, ``NotConfirmed`` for another face: then nothing is stored.
    """
    stores = site.stores
    known = stores.people.get(person)
    require_use_of_face(stores.consents.of(person), stores.vault.clock.now())
    by = actor or site.actor
    if name_checked_by is not None:
        by = Actor(f"{by.name}, officer {named_officer(name_checked_by)}", by.purpose)
    reading = read_document(site, scan)
    changed = completed(known, reading, name_checked=name_checked_by is not None)
    if not isinstance(reading.portrait, Capture):
        raise InternalError("A document without a portrait was believed.")
    if site.register.find(Identifier.DOCUMENT, changed.identifiers()[Identifier.DOCUMENT]) not in (None, person):
        raise Conflict("Another person holds that document number; check it, or find their record.")
    portrait = reading.portrait.template
    if source is not None:
        enrolment = site.enrol_live(
            person, source, by, unsafe_recorded=unsafe_recorded, tell=tell, portrait=portrait, distinct=distinct
        )
    elif photo is not None:
        enrolment = site.enrol_photo(
            person, photo, by, portrait=portrait, distinct=distinct, may_see_duplicate=may_see_duplicate
        )
    else:
        enrolment = site.enroller.enrol(
            by, person, portrait, CapturedFrom.FILE, distinct=distinct, may_see_duplicate=may_see_duplicate
        )
    with _or_removed(site, enrolment):
        site.register.complete(by, changed)
    return enrolment


@contextmanager
def _or_removed(site: Site, enrolment: Enrolment) -> Iterator[None]:
    try:
        yield
    except BaseException:
        site.stores.enrolments.remove(enrolment.person, enrolment.id)
        raise
