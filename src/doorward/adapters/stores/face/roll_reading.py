"""The roll of everybody, read from the rows in batches."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from doorward.adapters.galleries.face.rounded import GatheredReferences
from doorward.adapters.stores.face.changes import newest_revision
from doorward.adapters.stores.face.records import consent_from, enrolment_from, memberships_from
from doorward.face.thresholds import SFACE_LFW
from doorward.identify.deadlines import Deadlines
from doorward.identify.next_look import next_look
from doorward.identify.ports import Roll
from doorward.kernel.ids import ConsentId, PersonId, TemplateId
from doorward.people.consent import Consent, Purpose, purposes_in_force
from doorward.people.enrolment import Enrolment, in_gallery
from doorward.people.membership import groups_at

BATCH = 5_000
"""People a transaction: short, so that an erasure meanwhile need not wait for its end."""

_PERSONS = "SELECT rowid, id, generation, record FROM persons WHERE rowid > ? ORDER BY rowid LIMIT ?"
_OF_PEOPLE = {
    table: f"SELECT person, id, generation, record FROM {table} "  # noqa: S608 - nothing from outside
    'WHERE person IN (SELECT value FROM json_each(?)) ORDER BY "order"'
    for table in ("consents", "enrolments")
}

_Row = tuple[Any, ...]


class Opener(Protocol):
    """Opens the records of some people; ``None`` where one does not open."""

    def knows(self, person: PersonId) -> bool: ...

    def open(
        self, table: str, column: str, row: str, person: PersonId, generation: int, sealed: object
    ) -> bytes | None: ...


class Openers(Protocol):
    """What reading needs of the vault."""

    def opener(self, people: Sequence[PersonId]) -> Opener: ...


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows as stored: of people, and by person of their consents and enrolments."""

    persons: Sequence[_Row]
    consents: dict[str, list[_Row]]
    enrolments: dict[str, list[_Row]]


@dataclass(slots=True)
class _Gathering:
    """``people``, ``groups`` and ``vectors``: one for each reference of a batch."""

    people: list[PersonId] = field(default_factory=list)
    groups: list[frozenset[str]] = field(default_factory=list)
    vectors: list[NDArray[np.float32]] = field(default_factory=list)
    deadlines: dict[PersonId, datetime] = field(default_factory=dict)
    unsettled: list[PersonId] = field(default_factory=list)


class RollReader:
    """Reads everybody over data.db. Who changes meanwhile is followed afterwards, by their revision.

    Only templates of ``model`` are read: those of another do not compare; and none of whoever has some of its
    ``successor``.
    """

    def __init__(
        self, engine: Engine, vault: Openers, model: str = SFACE_LFW.model, successor: str | None = None
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._model = model
        self._successor = successor

    def read(self, now: datetime) -> Roll:
        """The roll at ``now``. Who does not open, be it damaged or just renewed, is among its unsettled."""
        with self._engine.connect() as connection:
            revision = newest_revision(connection)
            expected = connection.exec_driver_sql("SELECT count(*) FROM enrolments").scalar_one()
        gathered, deadlines, unsettled = GatheredReferences(expected), list[Deadlines](), list[PersonId]()
        for batch in self._batches():
            # Keys after rows: who was erased in between has no key, who was renewed is asked for again.
            opener = self._vault.opener([row[1] for row in batch.persons])
            found = _Gathering()
            for row in batch.persons:
                _gather(found, row, batch, opener, now, (self._model, self._successor))
            if found.vectors:
                gathered.add(found.people, found.groups, np.stack(found.vectors))
            deadlines.append(Deadlines.of(found.deadlines))
            unsettled += found.unsettled
        return Roll(revision, gathered.all(), Deadlines.joined_all(deadlines), unsettled)

    def _batches(self) -> Iterator[_Batch]:
        last = -1
        while True:
            with self._engine.connect() as connection:
                persons = _fetched(connection, _PERSONS, (last, BATCH))
                if not persons:
                    return
                ids = (json.dumps([row[1] for row in persons]),)
                own = [_by_person(_fetched(connection, query, ids)) for query in _OF_PEOPLE.values()]
            yield _Batch(persons, *own)
            last = persons[-1][0]


def _fetched(connection: Connection, query: str, parameters: tuple[Any, ...]) -> list[_Row]:
    cursor = connection.exec_driver_sql(query, parameters).cursor
    return list(cursor.fetchall()) if cursor else []


def _by_person(rows: Sequence[_Row]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def _gather(
    gathered: _Gathering, row: _Row, batch: _Batch, opener: Opener, now: datetime, models: tuple[str, str | None]
) -> None:
    _, text, generation, sealed = row
    person = PersonId(text)
    if not opener.knows(person):
        return
    record = opener.open("persons", "record", person, person, generation, sealed)
    consents = _consents(batch.consents.get(person, ()), person, opener)
    if record is None or consents is None:
        gathered.unsettled.append(person)
        return
    vectors: list[NDArray[np.float32]] = []
    if Purpose.IDENTIFY in purposes_in_force(consents, now):
        enrolments = _enrolments(batch.enrolments.get(person, ()), person, opener)
        if enrolments is None:
            gathered.unsettled.append(person)
            return
        vectors = [template.vector for template in in_gallery(enrolments, *models)]
    memberships = memberships_from(record)
    turn = next_look(consents, memberships, now)
    if turn is not None:
        gathered.deadlines[person] = turn
    gathered.people += [person] * len(vectors)
    gathered.groups += [groups_at(memberships, now)] * len(vectors)
    gathered.vectors += vectors


def _consents(rows: Sequence[_Row], person: PersonId, opener: Opener) -> list[Consent] | None:
    found = []
    for _, row, generation, sealed in rows:
        record = opener.open("consents", "record", row, person, generation, sealed)
        if record is None:
            return None
        found.append(consent_from(ConsentId(row), person, record))
    return found


def _enrolments(rows: Sequence[_Row], person: PersonId, opener: Opener) -> list[Enrolment] | None:
    found = []
    for _, row, generation, sealed in rows:
        record = opener.open("enrolments", "record", row, person, generation, sealed)
        if record is None:
            return None
        found.append(enrolment_from(TemplateId(row), person, record))
    return found
