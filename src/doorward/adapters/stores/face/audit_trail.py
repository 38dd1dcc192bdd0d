"""The audit trail in SQLite: who, when, what and why under the audit key; about whom under the person's."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

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
        while True:
            number = self._next.get(entry.about, 0) if entry.about else 0
            tag = self._vault.audit_tag(entry.about, number) if entry.about else self._randomness.octets(_TAG_LENGTH)
            try:
                with writing(self._engine) as connection:
                    connection.execute(
                        insert(audit_entries).values(id=entry_id, leaf=leaf, tag=tag, event=event, subject=subject)
                    )
            except IntegrityError:  # that number was taken before this process began, or by another
                taken = True
            else:
                taken = False
            if entry.about:
                self._next[entry.about] = number + 1
            if not taken:
                return

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

    def _subject(self, entry_id: str, about: PersonId | None) -> bytes:
        if about is None:  # as long and as random as a sealed subject
            return self._randomness.octets(_SUBJECT_LENGTH)
        return self._vault.seal_for_person(Cell("audit_entries", "subject", entry_id), about, about.encode())
