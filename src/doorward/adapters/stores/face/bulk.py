"""Many people at once: the same rows as one by one, in batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.database import widen_cache, writing
from doorward.adapters.stores.face.changes import newest_revision
from doorward.adapters.stores.face.records import consent_record, enrolment_record, person_record
from doorward.adapters.stores.face.tables import persons
from doorward.errors import Conflict, ConsentMissing, WrongUse
from doorward.kernel.ids import PersonId
from doorward.people.consent import Consent, Purpose
from doorward.people.enrolment import Enrolment
from doorward.people.person import Person
from doorward.people.person_records import PersonRecords
from doorward.vault.row_names import RowKind

BATCH = 10_000
"""People a transaction: 20 MB of rows, written within a second."""

# The driver's own statements: for many rows the toolkit's cost more than the sealing.
_PERSON = "INSERT INTO persons (id, generation, record) VALUES (?, 1, ?)"
_CONSENT = "INSERT INTO consents (id, person, generation, record) VALUES (?, ?, 1, ?)"
_ENROLMENT = "INSERT INTO enrolments (id, person, generation, record, photo) VALUES (?, ?, 1, ?, ?)"
_CHANGE = "INSERT INTO changes (person, revision) VALUES (?, ?)"


class Sealer(Protocol):
    """Seals the first records of newcomers, and names their rows in the log."""

    def seal(self, table: str, column: str, row: str, person: PersonId, plaintext: bytes) -> bytes: ...

    def row_names(self, person: PersonId, rows: Iterable[tuple[RowKind, str]]) -> Sequence[bytes]: ...


class Log(Protocol):
    """Where the new rows are entered, in the transaction that writes them."""

    def enter(self, connection: Connection, names: Iterable[bytes]) -> None: ...


class Keeper(Protocol):
    """What the import needs of the vault."""

    def admit_many(self, people: Sequence[PersonId], numbers: Sequence[tuple[str, str, PersonId]]) -> Sealer: ...

    def look_up(self, kind: str, value: str) -> PersonId | None: ...

    def knows(self, person: PersonId) -> bool: ...

    def shred(self, person: PersonId) -> object: ...


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A new person with the consent that their reference rests on; ``enrolment`` is ``None`` without a face."""

    person: Person
    consent: Consent
    enrolment: Enrolment | None

    def records(self) -> PersonRecords:
        return PersonRecords(self.person, (self.consent,), (self.enrolment,) if self.enrolment else (), {})


Record = Callable[[Connection, Sequence[PersonId]], None]


class BulkStore:
    """Writes over data.db and, through the vault, keys.db. A batch is stored whole or not at all.

    The keys of a batch are durable before its rows are; what a crash leaves between the two is keys of nobody, and
    the next batch that needs their place removes them. ``record`` leaves, in the transaction of the batch, the entries
    that say who stored them and why.
    """

    def __init__(self, engine: Engine, vault: Keeper, log: Log, record: Record = lambda _connection, _people: None):
        self._engine = engine
        self._vault = vault
        self._log = log
        self._record = record

    def add(
        self, people: Iterable[Newcomer | PersonRecords], on_progress: Callable[[int], None] = lambda _: None
    ) -> int:
        """Store everybody; ``on_progress`` is told how many are durable. Returns how many there were.

        ``Conflict`` when somebody is known already or somebody else holds their number, ``ConsentMissing`` or
        ``WrongUse`` when a consent does not cover its reference: batches before that one stay.
        """
        done = 0
        source = map(_checked, people)
        while batch := list(islice(source, BATCH)):
            self._add(batch)
            done += len(batch)
            on_progress(done)
        return done

    def _add(self, batch: Sequence[PersonRecords]) -> None:
        with writing(self._engine) as connection:
            widen_cache(connection)
            sealer = self._admit(connection, batch)
            try:
                for statement, rows in _rows(sealer, batch, newest_revision(connection)):
                    if rows:
                        connection.exec_driver_sql(statement, rows)
                self._record(connection, [newcomer.person.id for newcomer in batch])
                self._log.enter(connection, _names(sealer, batch))
            except BaseException as error:
                for newcomer in batch:
                    self._vault.shred(newcomer.person.id)
                if isinstance(error, IntegrityError):
                    raise Conflict("One of those people, consents or references is known already.") from None
                raise

    def _admit(self, connection: Connection, batch: Sequence[PersonRecords]) -> Sealer:
        people = [newcomer.person.id for newcomer in batch]
        numbers = [
            (kind.value, number, newcomer.person.id)
            for newcomer in batch
            for kind, number in newcomer.person.identifiers().items()
        ]
        try:
            return self._vault.admit_many(people, numbers)
        except Conflict:
            holders = (self._vault.look_up(kind, number) for kind, number, _ in numbers)
            self._shred_remnants(connection, {*people, *(holder for holder in holders if holder is not None)})
            return self._vault.admit_many(people, numbers)

    def _shred_remnants(self, connection: Connection, suspects: Iterable[PersonId]) -> None:
        """Needs the write lock: whoever has a key and no row then was left behind by a crash."""
        for person in suspects:
            has_row = connection.execute(select(persons.c.id).where(persons.c.id == person)).first() is not None
            if not has_row and self._vault.knows(person):
                self._vault.shred(person)


def _checked(newcomer: Newcomer | PersonRecords) -> PersonRecords:
    records = newcomer.records() if isinstance(newcomer, Newcomer) else newcomer
    person = records.person.id
    owners = {one.person for one in records.consents} | {one.person for one in records.enrolments}
    if owners - {person}:
        raise WrongUse("A newcomer's consents and references must be their own.")
    if not records.photos.keys() <= {one.id for one in records.enrolments}:
        raise WrongUse("A newcomer's photos must belong to their references.")
    purposes = {purpose for consent in records.consents for purpose in consent.purposes}
    if records.enrolments and not purposes & {Purpose.VERIFY, Purpose.IDENTIFY}:
        raise ConsentMissing("A consent in the import covers neither verification nor identification; see to it first.")
    return records


def _names(sealer: Sealer, batch: Sequence[PersonRecords]) -> Iterator[bytes]:
    for one in batch:
        rows: list[tuple[RowKind, str]] = [(RowKind.PERSON, one.person.id)]
        rows += [(RowKind.CONSENT, consent.id) for consent in one.consents]
        for held in one.enrolments:
            rows.append((RowKind.ENROLMENT, held.id))
            if held.id in one.photos:
                rows.append((RowKind.PHOTO, held.id))
        yield from sealer.row_names(one.person.id, rows)


def _rows(
    sealer: Sealer, batch: Sequence[PersonRecords], revision: int
) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    ids = [one.person.id for one in batch]
    yield (
        _PERSON,
        [
            (one.person.id, sealer.seal("persons", "record", one.person.id, one.person.id, person_record(one.person)))
            for one in batch
        ],
    )
    yield (
        _CONSENT,
        [
            (held.id, held.person, sealer.seal("consents", "record", held.id, held.person, consent_record(held)))
            for one in batch
            for held in one.consents
        ],
    )
    yield _ENROLMENT, [_enrolment(sealer, held, one.photos.get(held.id)) for one in batch for held in one.enrolments]
    yield _CHANGE, list(zip(ids, range(revision + 1, revision + 1 + len(ids)), strict=True))


def _enrolment(sealer: Sealer, held: Enrolment, photo: bytes | None) -> tuple[object, ...]:
    record = sealer.seal("enrolments", "record", held.id, held.person, enrolment_record(held))
    sealed = None if photo is None else sealer.seal("enrolments", "photo", held.id, held.person, photo)
    return held.id, held.person, record, sealed
