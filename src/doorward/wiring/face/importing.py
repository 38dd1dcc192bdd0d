"""Importing a list of people: row by row judged, batch by batch stored, and taken up again where it was cut short."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

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

T = TypeVar("T")
R = TypeVar("R")

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
        self._claimed: set[tuple[Identifier, str]] = set()

    def run(self, on_progress: Told) -> ImportReport:
        rows = rows_in(self._path, COLUMNS, REQUIRED)
        first = next(rows, None)  # the list as a whole is judged before anything is recorded
        self._site.stores.trail.record(self._entry("import of people begun", None))
        source = rows if first is None else chain((first,), rows)
        while batch := list(islice(source, BATCH)):
            self._take(batch)
            on_progress(batch[-1].end, self._report)
        self._report.refused.sort(key=lambda one: one.number)
        return self._report

    def _take(self, rows: Sequence[Row]) -> None:
        """Numbers are looked up for all of ``rows`` at once; a photo is opened last, once there is a consent."""
        people = self._site.stores.people
        named = self._each([(row.number, row) for row in rows], self._reference)
        known = people.held_among({reference for _, (_, reference) in named})
        self._report.already_in += sum(reference in known for _, (_, reference) in named)
        new = [(number, row) for number, (row, reference) in named if reference not in known]
        listed = self._each(new, self._listed)
        held = people.held_among({number for _, one in listed for number in one.person.identifiers().items()})
        self._store_batch(self._each(listed, lambda one: self._newcomer(one, held)))

    def _each(self, numbered: Iterable[tuple[int, T]], judge: Callable[[T], R]) -> list[tuple[int, R]]:
        """What ``judge`` makes of each; what it refuses is told with the number."""
        judged = []
        for number, one in numbered:
            try:
                judged.append((number, judge(one)))
            except (WrongUse, Forbidden, PhotoError, Conflict) as error:
                self._refuse(number, error)
        return judged

    def _reference(self, row: Row) -> tuple[Row, tuple[Identifier, str]]:
        if row.fields is None:
            raise WrongUse(row.fault or "")
        reference = (Identifier.REFERENCE, reference_in(row.fields))
        if reference in self._claimed:
            raise Conflict("An earlier row of the list has the same reference.")
        self._claimed.add(reference)
        return row, reference

    def _listed(self, row: Row) -> ListedPerson:
        stores = self._site.stores
        ids = PersonId(stores.randomness.uuid()), ConsentId(stores.randomness.uuid())
        return listed_person(row.fields or {}, *ids, stores.vault.clock.now())

    def _newcomer(self, listed: ListedPerson, held: Collection[tuple[Identifier, str]]) -> Newcomer:
        identifiers = listed.person.identifiers().items()
        numbers = {number for number in identifiers if number[0] is not Identifier.REFERENCE}
        if any(number in held or number in self._claimed for number in numbers):
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

    def _store_batch(self, batch: Sequence[tuple[int, Newcomer]]) -> None:
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
        entries = [self._entry("person imported from a list", person) for person in people]
        self._site.stores.trail.record_many(connection, entries)

    def _entry(self, action: str, about: PersonId | None) -> AuditEntry:
        return AuditEntry(self._actor, action, about, self._site.stores.vault.clock.now())
