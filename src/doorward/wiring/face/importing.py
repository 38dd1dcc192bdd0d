"""Importing a list of people: row by row judged, batch by batch stored, and taken up again where it was cut short."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from doorward.adapters.people_list import Row, photo_beside, rows_in
from doorward.adapters.stores.face.bulk import BulkStore, Newcomer
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import AlreadyEnrolled, Conflict, DoorwardError, Forbidden, PhotoError, WrongUse
from doorward.face.capture import Capture
from doorward.face.template import Template
from doorward.identify.neighbours import Neighbours
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import ConsentId, PersonId, TemplateId
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.listed import COLUMNS, REQUIRED, ListedPerson, listed_person, reference_in
from doorward.people.person import Identifier
from doorward.wiring.face.neighbours import NoSearch
from doorward.wiring.face.site import Site

BATCH = 50
"""People a transaction: what is done again at most after a crash."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Row ``number`` of the list was not imported. ``code`` and ``reason`` hold nothing of it."""

    number: int
    code: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """``pending``: of those imported, who has a reference that waits for their confirmation."""

    imported: int = 0
    pending: int = 0
    already_in: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.imported + self.already_in + len(self.refused)


Told = Callable[[int, ImportReport], None]


def import_people(site: Site, actor: Actor, path: Path, on_progress: Told = lambda _end, _report: None) -> ImportReport:
    """Import the list at ``path``. Who is in by their reference already is passed over, and stays as they are.

    Each person has an entry with ``actor``'s purpose, in the transaction that stores them. Templates from photos are
    pending, and no photo is kept. ``on_progress``: bytes of the file that are done, and the report so far.
    ``NotFound`` or ``WrongUse`` when the list as a whole cannot be taken.
    """
    return _Import(site, actor, path).run(on_progress)


class _Import:
    def __init__(self, site: Site, actor: Actor, path: Path) -> None:
        stores = site.stores
        self._site = site
        self._actor = actor
        self._path = path
        self._report = ImportReport()
        self._neighbours: Neighbours | NoSearch = site.neighbours if site.profiles.current().identifies else NoSearch()
        self._store = BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault), self._record)
        self._batch: list[tuple[int, Newcomer]] = []
        self._claimed: set[tuple[Identifier, str]] = set()

    def run(self, on_progress: Told) -> ImportReport:
        rows = rows_in(self._path, COLUMNS, REQUIRED)
        first = next(rows, None)  # the list as a whole is judged before anything is recorded
        self._site.stores.trail.record(self._entry("import of people begun", None))
        if first is not None:
            self._take(first)
        for row in rows:
            self._take(row)
            if len(self._batch) >= BATCH:
                self._store_batch()
                on_progress(row.end, self._report)
        self._store_batch()
        return self._report

    def _take(self, row: Row) -> None:
        try:
            newcomer = self._judged(row)
        except (WrongUse, Forbidden, PhotoError, Conflict) as error:
            self._refuse(row.number, error)
        else:
            if newcomer is None:
                self._report.already_in += 1
            else:
                self._batch.append((row.number, newcomer))

    def _judged(self, row: Row) -> Newcomer | None:
        """``None`` when they are in already. The photo is opened last, once there is a consent."""
        if row.fields is None:
            raise WrongUse(row.fault or "")
        people, randomness = self._site.stores.people, self._site.stores.randomness
        reference = (Identifier.REFERENCE, reference_in(row.fields))
        if reference in self._claimed:
            raise Conflict("An earlier row of the list has the same reference.")
        self._claimed.add(reference)
        if people.find(*reference) is not None:
            return None
        now = self._site.stores.vault.clock.now()
        listed = listed_person(row.fields, PersonId(randomness.uuid()), ConsentId(randomness.uuid()), now)
        numbers = set(listed.person.identifiers().items()) - {reference}
        if numbers & self._claimed or any(people.find(*number) is not None for number in numbers):
            raise Conflict("Another person holds that document or badge number.")
        newcomer = Newcomer(listed.person, listed.consent, self._enrolment(listed))
        self._claimed |= numbers
        return newcomer

    def _enrolment(self, listed: ListedPerson) -> Enrolment | None:
        if listed.photo is None:
            return None
        capture: Capture = self._site.capture(photo_beside(self._path.parent, listed.photo))
        template: Template = capture.template
        faces = (template,) if capture.former is None else (template, capture.former)
        if self._neighbours.neighbours(faces, listed.person.id):
            raise AlreadyEnrolled(
                "This face is already enrolled as another person; if they are two, enrol this one by hand."
            )
        enrolled_at = listed.person.created_at
        enrolment_id = TemplateId(self._site.stores.randomness.uuid())
        return Enrolment(enrolment_id, listed.person.id, template, CapturedFrom.FILE, enrolled_at, None)

    def _store_batch(self) -> None:
        batch, self._batch = self._batch, []
        try:
            self._add(batch)
        except Conflict:  # somebody came in between by another hand: each by themselves
            for number, newcomer in batch:
                try:
                    self._add([(number, newcomer)])
                except Conflict as error:
                    self._refuse(number, error)

    def _add(self, batch: Sequence[tuple[int, Newcomer]]) -> None:
        self._store.add([newcomer for _, newcomer in batch])
        self._report.imported += len(batch)
        self._report.pending += sum(newcomer.enrolment is not None for _, newcomer in batch)

    def _refuse(self, number: int, error: DoorwardError) -> None:
        self._report.refused.append(Refusal(number, error.code, error.message))

    def _record(self, connection: Connection, people: Sequence[PersonId]) -> None:
        for person in people:
            self._site.stores.trail.record_within(connection, self._entry("person imported from a list", person))

    def _entry(self, action: str, about: PersonId | None) -> AuditEntry:
        return AuditEntry(self._actor, action, about, self._site.stores.vault.clock.now())
