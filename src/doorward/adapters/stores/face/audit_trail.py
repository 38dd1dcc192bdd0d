"""The audit trail in SQLite: who, when, what and why under the audit key; about whom under the person's."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection, Engine, func, insert, select

from doorward.adapters.stores.face.records import entry_from, event_record
from doorward.adapters.stores.face.tables import audit_entries
from doorward.adapters.stores.sqlite import writing
from doorward.kernel.audit import AuditEntry
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId
from doorward.vault.envelope import NONCE_LENGTH, SMALLEST_CLASS
from doorward.vault.vault import Cell, Vault

_SUBJECT_LENGTH = 1 + 16 + NONCE_LENGTH + SMALLEST_CLASS + 16
_TAG_LENGTH = 32


class SqliteAuditTrail:
    """``AuditTrail`` over data.db. Erasing a person hides whom an entry is about, never who looked."""

    def __init__(self, engine: Engine, vault: Vault, randomness: Randomness) -> None:
        self._engine = engine
        self._vault = vault
        self._randomness = randomness
        self._next: dict[PersonId, int] = {}

    def record(self, entry: AuditEntry) -> None:
        entry_id = self._randomness.uuid()
        event = self._vault.seal_for_audit(Cell("audit_entries", "event", entry_id), event_record(entry))
        subject = self._subject(entry_id, entry.about)
        leaf = sha256(b"\0" + event + subject).digest()
        with writing(self._engine) as connection:
            tag = self._free_tag(connection, entry.about)
            connection.execute(
                insert(audit_entries).values(id=entry_id, leaf=leaf, tag=tag, event=event, subject=subject)
            )

    def about(self, person: PersonId) -> Sequence[AuditEntry]:
        if not self._vault.knows(person):
            return []
        found: list[AuditEntry] = []
        number = 0
        with self._engine.connect() as connection:
            while True:
                tag = self._vault.audit_tag(person, number)
                row = connection.execute(select(audit_entries).where(audit_entries.c.tag == tag)).first()
                if row is None:
                    return found
                event = self._vault.open_for_audit(Cell("audit_entries", "event", row.id), row.event)
                found.append(entry_from(event, person))
                number += 1

    def count(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(audit_entries)).scalar_one()

    def _free_tag(self, connection: Connection, about: PersonId | None) -> bytes:
        """The next tag of the person's; needs the write lock. Their entries are numbered without gaps."""
        if about is None:
            return self._randomness.octets(_TAG_LENGTH)
        free = self._next.get(about, 0)
        taken, step = free - 1, 1
        while self._is_taken(connection, self._vault.audit_tag(about, free)):
            taken, free, step = free, free + step, step * 2
        while free - taken > 1:
            middle = (taken + free) // 2
            if self._is_taken(connection, self._vault.audit_tag(about, middle)):
                taken = middle
            else:
                free = middle
        self._next[about] = free
        return self._vault.audit_tag(about, free)

    def _is_taken(self, connection: Connection, tag: bytes) -> bool:
        return connection.execute(select(audit_entries.c.id).where(audit_entries.c.tag == tag)).first() is not None

    def _subject(self, entry_id: str, about: PersonId | None) -> bytes:
        if about is None:  # as long and as random as a sealed subject
            return self._randomness.octets(_SUBJECT_LENGTH)
        return self._vault.seal_for_person(Cell("audit_entries", "subject", entry_id), about, about.encode())
