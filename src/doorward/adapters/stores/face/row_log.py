"""Which rows a transaction changed, entered in the audit log before it ends: both are durable, or neither."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select

from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.audit_entries import TAG_LENGTH, NewEntry, append_entry
from doorward.adapters.stores.face.audit_tree import EMPTY, AuditTree
from doorward.adapters.stores.face.records import encode
from doorward.adapters.stores.face.tables import consents, enrolments, persons
from doorward.audit.leaf import ROWS, SALT_LENGTH, nobodys_salt, subject_commitment
from doorward.audit.rows import GONE, ChangesInWriting, changes_digest
from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.vault.row_names import RowKind, RowNames
from doorward.vault.vault import Cell, Vault

FIRST = 1
"""The generation of a row that was just made, and of what is never rewritten."""

_BEING_ERASED = "SELECT person FROM erasures WHERE person = ? AND done = 0"
_ACTOR, _PURPOSE = "doorward", "so that a row put back or deleted is found"


def rows_cell(entry_id: str) -> Cell:
    return Cell("audit_log", "rows", entry_id)


class RowChanges:
    """The changes of one transaction. Tell each, and ``enter`` them before it ends."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._names: dict[PersonId, RowNames] = {}
        self._changes = ChangesInWriting()
        self._written: set[PersonId] = set()

    def put(self, kind: RowKind, row: str, person: PersonId, generation: int = FIRST) -> None:
        """A row of the person's was written."""
        self._written.add(person)
        self._changes.person(self._of(person).name(kind, row), generation)

    def gone(self, kind: RowKind, row: str, person: PersonId) -> None:
        """A row of the person's was deleted."""
        self._changes.person(self._of(person).name(kind, row), GONE)

    def standing(self, name: bytes | None, generation: int, epoch: str | None = None) -> None:
        """A row that is named already; of a passage with the id of its hour's key. Without a name nothing is told."""
        if name is not None and epoch is None:
            self._changes.person(name, generation)
        elif name is not None and epoch is not None:
            self._changes.passage(epoch, name, generation)

    def named_gone(self, names: Iterable[bytes]) -> None:
        """Rows whose names are known, and no longer what they stand for."""
        for name in names:
            self._changes.person(name, GONE)

    def passage(self, row: str, epoch: str, person: PersonId, generation: int = FIRST) -> None:
        """A passage was written, or with the generation ``GONE`` deleted. Of a dropped hour nothing is told."""
        named = self._vault.passage_names(epoch)
        if named is not None:
            if generation != GONE:
                self._written.add(person)
            key, of_epoch = named
            self._changes.passage(key, of_epoch(self._of(person)).name(RowKind.PASSAGE, row), generation)

    def grant(self, kind: str, name: str, generation: int) -> None:
        """A granting row was written, or with the generation ``GONE`` deleted."""
        self._changes.grant(kind, name, generation)

    def next_number(self) -> int:
        """The number of the entry that these changes will be; larger than that of every entry there is."""
        head = AuditTree(self._connection, self._vault).head() or EMPTY
        return head.size + 1

    def know(self, names: Mapping[PersonId, RowNames]) -> None:
        """What names these people's rows, so that nobody's key has to be asked for by itself."""
        self._names.update(names)

    def everything_gone(self, person: PersonId) -> None:
        """Everything of the person's but their passages, which their key must find, is about to be deleted."""
        for row in rows_of(self._connection, person):
            self.gone(*row, person)

    def enter(self, tag: bytes | None = None) -> None:
        """Append the entry, if anything changed; ``tag`` marks the first that a log has.

        ``PersonUnknown`` when the erasure of somebody for whom a row was written has begun.
        """
        if not self._changes and tag is None:
            return
        self._refuse_erased()
        entered, self._changes = self._changes, ChangesInWriting()
        vault, changes, seal = self._vault, entered.encoded(), self._vault.sealer_for_audit()
        entry_id, salt = vault.randomness.uuid(), vault.randomness.octets(SALT_LENGTH)
        append_entry(
            self._connection,
            vault,
            NewEntry(
                entry_id,
                ROWS,
                salt,
                _event(vault, entered.count, changes),
                tag or vault.randomness.octets(TAG_LENGTH),
                seal(rows_cell(entry_id), changes),
                subject_commitment(nobodys_salt(salt), ""),
            ),
            seal,
        )

    def _refuse_erased(self) -> None:
        for person in self._written:
            if self._connection.exec_driver_sql(_BEING_ERASED, (person,)).first() is not None:
                raise PersonUnknown("This person is being erased; nothing more is kept of them.")

    def _of(self, person: PersonId) -> RowNames:
        names = self._names.get(person)
        if names is None:
            names = self._names[person] = self._vault.row_names(person)
        return names


class NewcomersLog:
    """Enters the rows of newcomers, which their sealer has named."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def enter(self, connection: Connection, names: Iterable[bytes]) -> None:
        changes = RowChanges(connection, self._vault)
        for name in names:
            changes.standing(name, FIRST)
        changes.enter()


@contextmanager
def writing_rows(engine: Engine, vault: Vault) -> Iterator[tuple[Connection, RowChanges]]:
    """``writing``, whose changes are entered in the log before it ends. ``Tampered`` when the log was altered."""
    with writing(engine) as connection:
        changed = RowChanges(connection, vault)
        yield connection, changed
        changed.enter()


def _event(vault: Vault, count: int, changes: bytes) -> bytes:
    return encode(
        {
            "actor": _ACTOR,
            "purpose": _PURPOSE,
            "action": f"rows changed: {count}",
            "at": vault.clock.now().isoformat(),
            "changes": changes_digest(changes),
        }
    )


def rows_of(connection: Connection, person: PersonId) -> Iterator[tuple[RowKind, str]]:
    """Kind and id of each row of a person's that their id alone finds."""
    for row in connection.execute(select(persons.c.id).where(persons.c.id == person)).scalars():
        yield RowKind.PERSON, row
    for row in connection.execute(select(consents.c.id).where(consents.c.person == person)).scalars():
        yield RowKind.CONSENT, row
    own = select(enrolments.c.id, enrolments.c.photo.is_not(None).label("photo")).where(enrolments.c.person == person)
    for enrolment in connection.execute(own):
        yield RowKind.ENROLMENT, enrolment.id
        if enrolment.photo:
            yield RowKind.PHOTO, enrolment.id
