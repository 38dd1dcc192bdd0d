"""The audit trail in SQLite: who, when, what and why under the audit key; about whom under the person's."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.engine import Row

from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.audit_entries import (
    TAG_LENGTH,
    NewEntry,
    append_entries,
    append_entry,
    event_cell,
    is_of_form,
)
from doorward.adapters.stores.face.audit_tree import DAMAGED, AuditTree
from doorward.adapters.stores.face.numbering import first_free, first_free_of_many
from doorward.adapters.stores.face.records import entry_from, event_record
from doorward.adapters.stores.face.tables import audit_checkpoints, audit_entries
from doorward.audit.leaf import ROWS, SALT_LENGTH, SALTED, Opening, nobodys_salt, place_of, subject_commitment
from doorward.audit.log_keys import check_under
from doorward.errors import AuditInvalid, NotFound, PersonUnknown, Tampered
from doorward.kernel.audit import AuditEntry, EntryProof, LoggedEntry
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId
from doorward.vault.envelope import NONCE_LENGTH, SMALLEST_CLASS
from doorward.vault.trails import Trail
from doorward.vault.vault import Cell, Vault

_SUBJECT_LENGTH = 1 + 16 + NONCE_LENGTH + SMALLEST_CLASS + 16
_IS_ACT = audit_entries.c.commitments.is_(None) | ~is_of_form(ROWS)


def subject_cell(entry_id: str) -> Cell:
    return Cell("audit_log", "subject", entry_id)


class SqlAuditTrail:
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
        trail = None if entry.about is None else self._vault.trail(entry.about)
        if trail is None or entry.about is None:
            new = self._new(entry, None, self._randomness.octets(TAG_LENGTH))
        else:
            guess = self._next.get(entry.about, 0)
            free = first_free(lambda number: bool(_taken(connection, [trail.tag(number)])), guess)
            self._next[entry.about] = free
            new = self._new(entry, trail, trail.tag(free))
        append_entry(connection, self._vault, new, self._vault.seal_for_audit)

    def record_all(self, entries: Sequence[AuditEntry]) -> None:
        """``record`` of many entries in one step."""
        with writing(self._engine) as connection:
            self.record_many(connection, entries)

    def record_many(self, connection: Connection, entries: Sequence[AuditEntry]) -> None:
        """``record_within`` of many entries, no two about one person; ``PersonUnknown`` when one was erased."""
        about = [entry.about for entry in entries if entry.about is not None]
        trails = self._vault.trails(about)
        if len(trails) < len(about):
            raise PersonUnknown("Somebody among those is not known here; `doorward people list` shows who is.")

        def taken(asked: Mapping[PersonId, int]) -> list[PersonId]:
            tags = {trails[person].tag(number): person for person, number in asked.items()}
            return [tags[tag] for tag in _taken(connection, list(tags))]

        tags = {person: trails[person].tag(number) for person, number in first_free_of_many(taken, trails).items()}
        new = [
            self._new(entry, None, self._randomness.octets(TAG_LENGTH))
            if entry.about is None
            else self._new(entry, trails[entry.about], tags[entry.about])
            for entry in entries
        ]
        if new:
            append_entries(connection, self._vault, new, self._vault.sealer_for_audit())

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
        try:
            trail = self._vault.trail(person)
        except PersonUnknown:
            return []
        found: list[LoggedEntry] = []
        with self._engine.connect() as connection:
            while True:
                tag = trail.tag(len(found))
                row = connection.execute(select(audit_entries).where(audit_entries.c.tag == tag)).first()
                if row is None:
                    return found
                found.append(self._logged(row, person))
                _check_subject(row, person, trail)

    def _logged(self, row: Row[Any], about: PersonId | None) -> LoggedEntry:
        opening = self._opening(row)
        nobody = subject_commitment(nobodys_salt(opening.salt), "")
        return LoggedEntry(row.number, entry_from(opening.event, about), not row.commitments.endswith(nobody))

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

    def _new(self, entry: AuditEntry, trail: Trail | None, tag: bytes) -> NewEntry:
        """The entry as it is appended; ``trail``: the part of the log of whom it is about."""
        entry_id, salt = self._randomness.uuid(), self._randomness.octets(SALT_LENGTH)
        if trail is None or entry.about is None:  # as long and as random as a sealed subject
            subject = self._randomness.octets(_SUBJECT_LENGTH)
            commitment = subject_commitment(nobodys_salt(salt), "")
        else:
            own = self._randomness.octets(SALT_LENGTH)
            subject = trail.seal(subject_cell(entry_id), own + entry.about.encode(), self._randomness)
            commitment = subject_commitment(own, entry.about)
        return NewEntry(entry_id, SALTED, salt, event_record(entry), tag, subject, commitment)


def _check_subject(row: Row[Any], person: PersonId, trail: Trail) -> None:
    if row.commitments[:1] != bytes((SALTED,)):  # of the first format: what it commits to is the sealed cell
        return
    subject = trail.open(subject_cell(row.id), row.subject)
    salt, named = subject[:SALT_LENGTH], subject[SALT_LENGTH:].decode()
    if named != person or not row.commitments.endswith(subject_commitment(salt, named)):
        raise Tampered(DAMAGED)


def _taken(connection: Connection, tags: Sequence[bytes]) -> Sequence[bytes]:
    """Those of ``tags`` that an entry has."""
    query = select(audit_entries.c.tag).where(audit_entries.c.tag.in_(tags))
    return connection.execute(query).scalars().all()
