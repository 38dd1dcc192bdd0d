"""People in SQLite: one sealed record a person, unique numbers in the blind index."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.engine import Row

from doorward.adapters.stores.database import truncate_log, upsert, writing
from doorward.adapters.stores.face.bulk_erasure import BATCH, SEEN_OFF, BulkErasure
from doorward.adapters.stores.face.bulk_erasure import intent_cell as intent_cell
from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.adapters.stores.face.ledger_copies import LedgerCopies
from doorward.adapters.stores.face.person_cells import person_cell, read_settled
from doorward.adapters.stores.face.records import beside_person, person_from, person_record
from doorward.adapters.stores.face.row_comparison import write_off
from doorward.adapters.stores.face.row_history import within
from doorward.adapters.stores.face.row_log import rows_of, writing_rows
from doorward.adapters.stores.face.signing_keys import SigningKeys
from doorward.adapters.stores.face.tables import erasures, persons
from doorward.errors import DoorwardError, KeyRemnant, PersonUnknown, Tampered
from doorward.kernel.ids import PersonId
from doorward.people.person import Identifier, Person
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Vault

_HERE = "SELECT id FROM persons WHERE id IN (SELECT value FROM json_each(?))"
_ERASED = "SELECT person FROM erasure_ledger WHERE person IN (SELECT value FROM json_each(?))"
_UNKNOWN = "No such person is known here; `doorward people list` shows who is."


class SqlPersonStore:
    """``PersonStore`` over data.db and, through the vault, keys.db.

    No transaction spans the two files: a person's key comes before their rows, and goes before them.
    ``before_erasure`` removes what only the person's key can find (their passages).
    """

    def __init__(self, engine: Engine, vault: Vault, before_erasure: Sequence[Callable[[PersonId], None]] = ()) -> None:
        self._engine = engine
        self._vault = vault
        self._before_erasure = before_erasure
        self._ledger = SqlErasureLedger(engine, vault.site)
        self._grants = GrantStore(engine, vault)
        self._signing_keys = SigningKeys(self._grants, vault)
        self._ledger_copies = LedgerCopies(self._grants, self._ledger, vault.site)

    def add(self, person: Person) -> None:
        self._vault.admit(person.id)
        is_written = False
        try:
            with writing_rows(self._engine, self._vault) as (connection, changed):
                self._enter_identifiers(connection, person)
                row = {"id": person.id, "generation": 1, "record": self._sealed(person, 1, {})}
                connection.execute(insert(persons).values(row))
                changed.put(RowKind.PERSON, person.id, person.id)
                mark_changed(connection, person.id)
                is_written = True
        except BaseException:
            # A commit that the disk refused can still come to be, when its log is read after a crash: the key stays
            # then, holds nobody's number, and goes when the number is given to somebody.
            if not is_written:
                self._vault.shred(person.id)
            raise

    def update(self, person: Person) -> None:
        with writing_rows(self._engine, self._vault) as (connection, changed):
            held, generation = self._opened(connection, person.id)
            before = person_from(person.id, held)
            try:
                self._enter_identifiers(connection, person)
                record = self._sealed(person, generation + 1, beside_person(held))
                row = {"generation": generation + 1, "record": record}
                connection.execute(update(persons).where(persons.c.id == person.id).values(row))
                changed.put(RowKind.PERSON, person.id, person.id, generation + 1)
                changed.enter()
                mark_changed(connection, person.id)
            except BaseException:
                with suppress(DoorwardError):
                    self._leave_others(before)
                raise
        # Only now, for a number that leaves the index before the commit is lost where that fails. One that a crash
        # leaves there leads to nobody, and goes with the next update or when it is given to somebody.
        with suppress(DoorwardError), writing(self._engine) as connection:
            self._leave_others(self._read(connection, person.id))

    def get(self, person: PersonId) -> Person:
        return read_settled(lambda: self._get(person))

    def find(self, kind: Identifier, number: str) -> PersonId | None:
        found = self._vault.look_up(kind.value, number)
        if found is None:
            return None
        try:
            known = self.get(found)
        except PersonUnknown:
            return None
        return found if known.identifiers().get(kind) == number else None

    def held_among(self, numbers: Collection[tuple[Identifier, str]]) -> frozenset[tuple[Identifier, str]]:
        """Those of ``numbers``, in their comparable form, that somebody here holds."""
        entered = self._vault.look_up_many((kind.value, number) for kind, number in numbers)
        found = ((Identifier(kind), number) for kind, number in entered)
        return frozenset(number for number in found if self.find(*number) is not None)

    def all(self) -> Iterator[Person]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(persons)).all()
        for row in rows:
            with suppress(PersonUnknown):
                yield self._settled(row)

    def count(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(persons)).scalar_one()

    def erase(self, person: PersonId) -> None:
        self._begin(person)
        self._finish(person)

    def erase_many(self, people: Sequence[PersonId], on_progress: Callable[[int], None] = lambda _: None) -> int:
        """``erase`` whoever of ``people`` is here, many in one step; how many it were.

        ``on_progress`` is told how many of ``people`` are seen to. ``KeyRemnant`` when all of it is done, and something
        may be left of the key of one of them.
        """
        erased, remnant = 0, None
        for begin in range(0, len(people), BATCH):
            batch = people[begin : begin + BATCH]
            try:
                erased += len(BulkErasure(self._engine, self._vault, self._before_erasure).erase(batch))
            except KeyRemnant as found:
                erased, remnant = erased + len(batch), found
            on_progress(begin + len(batch))
        if remnant is not None:
            raise remnant
        return erased

    def _among(self, query: str, people: Sequence[PersonId]) -> frozenset[PersonId]:
        with self._engine.connect() as connection:
            return frozenset(connection.exec_driver_sql(query, (json.dumps(list(people)),)).scalars())

    def _begin(self, person: PersonId) -> None:
        signer = self._signing_keys.signer()
        with writing_rows(self._engine, self._vault) as (connection, changed):
            mac = self._vault.authenticate(intent_cell(person), b"erase")
            if not _has_row(connection, person):
                raise PersonUnknown(_UNKNOWN)
            begun = upsert(connection, erasures).values(person=person, mac=mac, done=0)
            is_new = connection.execute(begun.on_conflict_do_nothing()).rowcount  # else one that failed half-way
            if is_new and not self._vault.knows(person):  # nobody can name their rows any more
                write_off(within(connection), self._vault, changed, len(list(rows_of(connection, person))))
            self._ledger.append(connection, person, self._vault.clock.now(), signer)

    def erase_again(self, person: PersonId) -> None:
        """Erase whom the ledger names from a restored backup, where rows, a key, both or neither may be.

        The ledger's copies stay as they are: they belong to the site that lives.
        """
        with self._engine.connect() as connection:
            has_row = _has_row(connection, person)
        if has_row:
            self._begin(person)
            remnant = self._destroy(person)
            self._remove(person)
        else:
            remnant = self._destroy(person) if self._vault.knows(person) else None
        if remnant is not None:
            raise remnant

    def is_seen_off(self, person: PersonId) -> bool:
        """Whether the person was erased and a search confirmed that nothing of their key is left."""
        return self._grants.get(SEEN_OFF, person) is not None

    def ids(self) -> tuple[PersonId, ...]:
        """Whose rows are here, readable or not."""
        with self._engine.connect() as connection:
            return tuple(PersonId(person) for person in connection.execute(select(persons.c.id)).scalars())

    def here_among(self, people: Sequence[PersonId]) -> frozenset[PersonId]:
        """Those of ``people`` whose rows are here, readable or not."""
        return self._among(_HERE, people)

    def erased_among(self, people: Sequence[PersonId]) -> frozenset[PersonId]:
        """Those of ``people`` who were erased here: a restored backup erases their ids again."""
        return self._among(_ERASED, people)

    def without_key(self) -> tuple[PersonId, ...]:
        """Whose rows are here and whose key is not."""
        return tuple(person for person in self.ids() if not self._vault.knows(person))

    def finish_erasures(self) -> None:
        """Finish what a crash interrupted: call it when the site is opened."""
        with self._engine.connect() as connection:
            begun = connection.execute(select(erasures).where(erasures.c.done == 0)).all()
        for intent in begun:
            person = PersonId(intent.person)
            self._vault.check(intent_cell(person), b"erase", intent.mac)
            # Tampered: the log was altered; it waits until that is mended, and nobody else does.
            # KeyRemnant: the receipt says that it was not confirmed.
            with suppress(Tampered, KeyRemnant):
                self._finish(person)

    def index_anew(self, connection: Connection, person: PersonId) -> None:
        """Enter the person's numbers under the newest index key; needs the write lock."""
        for kind, number in self._read(connection, person).identifiers().items():
            self._vault.enter_index(kind.value, number, person)

    def _finish(self, person: PersonId) -> None:
        remnant = self._destroy(person)
        with suppress(
            DoorwardError
        ):  # a folder that is away keeps nobody; the next erasure or backup of keys writes it
            self._ledger_copies.write()
        self._remove(person)
        if remnant is not None:
            raise remnant

    def _destroy(self, person: PersonId) -> KeyRemnant | None:
        if self._vault.knows(person):
            with writing_rows(self._engine, self._vault) as (_, changed):
                changed.everything_gone(person)
            for remove in self._before_erasure:
                remove(person)
        try:
            self._vault.erase(person)
        except KeyRemnant as found:  # told when the rows are gone too
            return found
        self._grants.put(SEEN_OFF, person, {"confirmed": True})
        return None

    def _remove(self, person: PersonId) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(persons).where(persons.c.id == person))
            connection.execute(update(erasures).where(erasures.c.person == person).values(done=1))
            mark_changed(connection, person)
        truncate_log(self._engine)

    def _get(self, person: PersonId) -> Person:
        with self._engine.connect() as connection:
            return self._read(connection, person)

    def _settled(self, row: Row[tuple[object, ...]]) -> Person:
        """The person of a row that may have been written anew since it was read."""
        person = PersonId(row.id)
        try:
            record = self._vault.open_for_person(person_cell(person, row.generation), person, row.record)
        except Tampered:
            return self.get(person)
        return person_from(person, record)

    def _read(self, connection: Connection, person: PersonId) -> Person:
        return person_from(person, self._opened(connection, person)[0])

    def _opened(self, connection: Connection, person: PersonId) -> tuple[bytes, int]:
        """The record and its generation."""
        row = connection.execute(select(persons).where(persons.c.id == person)).first()
        if row is None:
            raise PersonUnknown(_UNKNOWN)
        return self._vault.open_for_person(person_cell(person, row.generation), person, row.record), row.generation

    def _sealed(self, person: Person, generation: int, beside: Mapping[str, object]) -> bytes:
        record = person_record(person, beside)
        return self._vault.seal_for_person(person_cell(person.id, generation), person.id, record)

    def _enter_identifiers(self, connection: Connection, person: Person) -> None:
        """Needs the write lock: what the index has and no row says then was left behind by a crash.

        Its holder has no row (a crash in ``add``), or another number in it (one in ``update``).
        """
        for kind, number in person.identifiers().items():
            holder = self._vault.look_up(kind.value, number)
            if holder is not None and not _has_row(connection, holder):
                self._vault.shred(holder)
            elif holder not in (None, person.id):
                with suppress(Tampered, PersonUnknown):  # nobody can read what they hold: the number stays theirs
                    self._leave_others(self._read(connection, PersonId(holder)))
            self._vault.enter_index(kind.value, number, person.id)

    def _leave_others(self, person: Person) -> None:
        """Have the index hold none of the person's numbers but those of their row; needs the write lock."""
        for kind in Identifier:
            self._vault.leave_index(kind.value, person.id, person.identifiers().get(kind))


def _has_row(connection: Connection, person: PersonId) -> bool:
    return connection.execute(select(persons.c.id).where(persons.c.id == person)).first() is not None
