"""The audit trail in SQLite: who, when, what and why under the audit key; about whom under the person's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.engine import Row

from doorward.adapters.stores.face.audit_entries import TAG_LENGTH, NewEntry, append_entry, event_cell, is_of_form
from doorward.adapters.stores.face.audit_tree import DAMAGED, AuditTree
from doorward.adapters.stores.face.numbering import first_free
from doorward.adapters.stores.face.records import entry_from, event_record
from doorward.adapters.stores.face.tables import audit_checkpoints, audit_entries
from doorward.adapters.stores.sqlite import writing
from doorward.audit.leaf import ROWS, SALT_LENGTH, SALTED, Opening, nobodys_salt, place_of, subject_commitment
from doorward.audit.log_keys import check_under
from doorward.errors import AuditInvalid, NotFound, Tampered
from doorward.kernel.audit import AuditEntry, EntryProof, LoggedEntry
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId
from doorward.vault.envelope import NONCE_LENGTH, SMALLEST_CLASS
from doorward.vault.vault import Cell, Vault

_SUBJECT_LENGTH = 1 + 16 + NONCE_LENGTH + SMALLEST_CLASS + 16
_TAKEN = "SELECT id FROM audit_entries WHERE tag = ?"
_IS_ACT = audit_entries.c.commitments.is_(None) | ~is_of_form(ROWS)


def subject_cell(entry_id: str) -> Cell:
    return Cell("audit_log", "subject", entry_id)


@dataclass(frozen=True, slots=True)
class _Subject:
    sealed: bytes
    commitment: bytes


class SqliteAuditTrail:
    """``AuditTrail`` over data.db. Erasing a person hides whom an entry is about, never who looked."""

    def __init__(self, engine: Engine, vault: Vault, randomness: Randomness) -> None:
        self._engine = engine
        self._vault = vault
        self._randomness = randomness
        self._next: dict[PersonId, int] = {}

    def record(self, entry: AuditEntry) -> None:
        with writing(self._engine) as connection:
            self.record_within(connection, entry)

    def record_within(self, connection: Connection, entry: AuditEntry) -> None:
        """``record`` in the caller's transaction, whose end makes the entry durable; needs the write lock."""
        entry_id, salt = self._randomness.uuid(), self._randomness.octets(SALT_LENGTH)
        subject = self._subject(entry_id, entry.about, salt)
        tag = self._free_tag(connection, entry.about)
        new = NewEntry(entry_id, SALTED, salt, event_record(entry), tag, subject.sealed, subject.commitment)
        append_entry(connection, self._vault, new, self._vault.seal_for_audit)

    def about(self, person: PersonId) -> Sequence[AuditEntry]:
        return [logged.entry for logged in self._all_about(person)]

    def count(self) -> int:
        """How many acts there are; entries that only say which rows changed are none."""
        query = select(func.count()).select_from(audit_entries).where(_IS_ACT)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def listed(self, limit: int, about: PersonId | None = None, *, rows: bool = False) -> Sequence[LoggedEntry]:
        """As ``AuditTrail``; ``rows``: with the entries, nobody's acts, that say which rows changed."""
        if about is not None:
            return self._all_about(about)[-limit:]
        query = select(audit_entries).order_by(audit_entries.c.number.desc()).limit(limit)
        with self._engine.connect() as connection:
            held = connection.execute(query if rows else query.where(_IS_ACT)).all()
        return [self._logged(row, None) for row in reversed(held)]

    def checkpoint(self) -> str | None:
        """The signed note over everything recorded so far; ``None`` of an empty log. ``Tampered`` when altered."""
        with writing(self._engine) as connection:
            tree = AuditTree(connection, self._vault)
            head = tree.head()
            return None if head is None else tree.checkpoint(head)

    def verifier_key(self) -> tuple[str, int]:
        """What outsiders check this log's checkpoints with, and the entry (from 1) from which on it holds."""
        with self._engine.connect() as connection:
            keys = AuditTree(connection, self._vault).keys
        return keys.spans[-1].key, keys.since

    def check_signed(self) -> None:
        """``Tampered`` unless this site's keys signed the newest checkpoint, and can sign the next."""
        with self._engine.connect() as connection:
            AuditTree(connection, self._vault).check_signed()

    def prove(self, number: int) -> EntryProof:
        """The proof of an entry under a checkpoint over the log as it is now; ``NotFound`` when there is none."""
        with writing(self._engine) as connection:
            row = connection.execute(select(audit_entries).where(audit_entries.c.number == number)).first()
            tree = AuditTree(connection, self._vault)
            head = tree.head()
            if row is None or head is None:
                raise NotFound(f"The audit log has no entry {number}; `doorward audit show` lists them.")
            opening = self._opening(row)
            note = tree.checkpoint(head)
            keys = tree.keys
            handovers = tree.handovers(keys)
            if len(handovers) < len(keys.spans) - 1:
                raise Tampered(DAMAGED)
            earlier = next((other for other in tree.notes(newest=2) if other != note), None)
            old = check_under(earlier, keys.spans).size if earlier else 0
            return EntryProof(
                number,
                row.commitments,
                opening.salt,
                opening.event,
                head.size,
                tree.inclusion(number - 1, head.size),
                note,
                earlier,
                tree.consistency(old, head.size),
                keys.spans[-1].key,
                tuple(handovers.values()),
            )

    def not_handed_over(self) -> Sequence[tuple[int, str]]:
        """Size and note of every checkpoint that no witness has taken yet, oldest first."""
        held = audit_checkpoints
        query = select(held.c.size, held.c.note).where(held.c.handed_over == 0).order_by(held.c.size)
        with self._engine.connect() as connection:
            return [(row.size, row.note) for row in connection.execute(query)]

    def handed_over(self, size: int) -> None:
        with writing(self._engine) as connection:
            of_size = audit_checkpoints.c.size == size
            connection.execute(audit_checkpoints.update().where(of_size).values(handed_over=1))

    def _all_about(self, person: PersonId) -> list[LoggedEntry]:
        if not self._vault.knows(person):
            return []
        found: list[LoggedEntry] = []
        tag_of = self._vault.audit_tags(person)
        with self._engine.connect() as connection:
            while True:
                tag = tag_of(len(found))
                row = connection.execute(select(audit_entries).where(audit_entries.c.tag == tag)).first()
                if row is None:
                    return found
                found.append(self._logged(row, person))
                self._check_subject(row, person)

    def _logged(self, row: Row[Any], about: PersonId | None) -> LoggedEntry:
        opening = self._opening(row)
        nobody = subject_commitment(nobodys_salt(opening.salt), "")
        return LoggedEntry(row.number, entry_from(opening.event, about), not row.commitments.endswith(nobody))

    def _check_subject(self, row: Row[Any], person: PersonId) -> None:
        if row.commitments[:1] != bytes((SALTED,)):  # of the first format: what it commits to is the sealed cell
            return
        subject = self._vault.open_for_trail(subject_cell(row.id), person, row.subject)
        salt, named = subject[:SALT_LENGTH], subject[SALT_LENGTH:].decode()
        if named != person or not row.commitments.endswith(subject_commitment(salt, named)):
            raise Tampered(DAMAGED)

    def _opening(self, row: Row[Any]) -> Opening:
        try:
            opening = Opening.decoded(self._vault.open_for_audit(event_cell(row.id), row.event))
        except AuditInvalid:
            raise Tampered(DAMAGED) from None
        beside = (row.commitments, row.tag, row.subject)
        if not all(isinstance(cell, bytes) for cell in beside) or opening.number != row.number:
            raise Tampered(DAMAGED)
        if opening.place != place_of(row.tag, row.subject):
            raise Tampered(DAMAGED)
        return opening

    def _free_tag(self, connection: Connection, about: PersonId | None) -> bytes:
        """The next tag of the person's; needs the write lock. Their entries are numbered without gaps."""
        if about is None:
            return self._randomness.octets(TAG_LENGTH)
        tag_of = self._vault.audit_tags(about)
        free = first_free(lambda number: self._is_taken(connection, tag_of(number)), self._next.get(about, 0))
        self._next[about] = free
        return tag_of(free)

    def _is_taken(self, connection: Connection, tag: bytes) -> bool:
        return connection.exec_driver_sql(_TAKEN, (tag,)).first() is not None

    def _subject(self, entry_id: str, about: PersonId | None, event_salt: bytes) -> _Subject:
        if about is None:  # as long and as random as a sealed subject
            commitment = subject_commitment(nobodys_salt(event_salt), "")
            return _Subject(self._randomness.octets(_SUBJECT_LENGTH), commitment)
        salt = self._randomness.octets(SALT_LENGTH)
        sealed = self._vault.seal_for_trail(subject_cell(entry_id), about, salt + about.encode())
        return _Subject(sealed, subject_commitment(salt, about))
