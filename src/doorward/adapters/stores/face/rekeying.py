"""A person's key renewed: what stays is sealed anew, what may not stay is gone, the old key is destroyed last."""

from collections.abc import Collection
from contextlib import suppress

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, select, update

from doorward.adapters.stores.database import truncate_log
from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.records import consent_record
from doorward.adapters.stores.face.row_log import RowChanges, writing_rows
from doorward.adapters.stores.face.tables import consents, enrolments, passages, persons
from doorward.audit.rows import GONE
from doorward.errors import NotFound, PersonUnknown, Tampered
from doorward.kernel.ids import PersonId
from doorward.people.consent import Consent, Purpose
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Cell, Vault


class Rekeying:
    """Renews people's keys over data.db and, through the vault, keys.db.

    No transaction spans the two: the new key comes first, the old one goes last, and both open in between. What a
    crash cut short, ``finish`` ends. The audit trail stays as it is: it lies under a key of its own.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def renew(self, person: PersonId) -> None:
        """``PersonUnknown`` when there is no such person."""
        self._vault.renew_person(person)
        self.end(person)

    def end(self, person: PersonId) -> None:
        """End a renewal that was begun: seal what there is under the new key, and destroy the old one."""
        self._seal_anew(person)
        self._forget(person)

    def withdraw(self, ended: Consent, keep: Collection[Purpose]) -> None:
        """Store the ended consent and drop what none of the purposes ``keep`` covers, in the renewal's one step."""
        with self._engine.connect() as connection:
            _generation(connection, ended)
        self._vault.renew_person(ended.person)
        self._seal_anew(ended.person, ended, keep)
        self._forget(ended.person)

    def drop_references(self, person: PersonId) -> None:
        """Drop the person's references and photos, in the renewal's one step; nothing opens what is left of them.

        ``PersonUnknown`` when there is no such person.
        """
        self._vault.renew_person(person)
        self._seal_anew(person, keep=(Purpose.PASSAGES,))
        self._forget(person)

    def finish(self) -> None:
        """End renewals that a crash cut short: call it when the site is opened.

        A damaged record keeps its person's renewal open and nobody else from their work: both keys go on opening.
        """
        for person in self._vault.renewing():
            with suppress(Tampered, PersonUnknown):
                self.end(person)

    def _seal_anew(
        self, person: PersonId, ended: Consent | None = None, keep: Collection[Purpose] = tuple(Purpose)
    ) -> None:
        with writing_rows(self._engine, self._vault) as (connection, changed):
            self._drop(connection, changed, person, keep)
            self._seal_rows(connection, persons, persons.c.id == person, person)
            for table in (consents, enrolments):
                self._seal_rows(connection, table, table.c.person == person, person)
            self._seal_photos(connection, person)
            self._seal_passages(connection, person)
            if ended is not None:
                self._end(connection, changed, ended)
            mark_changed(connection, person)

    def _forget(self, person: PersonId) -> None:
        truncate_log(self._engine)
        self._vault.forget_old_key(person)

    def _drop(self, connection: Connection, changed: RowChanges, person: PersonId, keep: Collection[Purpose]) -> None:
        own = enrolments.c.person == person
        with_photo = select(enrolments.c.id).where(own & enrolments.c.photo.is_not(None))
        may_not_stay = Purpose.VERIFY not in keep and Purpose.IDENTIFY not in keep
        if Purpose.PHOTO not in keep or may_not_stay:
            for row in connection.execute(with_photo).scalars().all():
                changed.gone(RowKind.PHOTO, row, person)
            connection.execute(update(enrolments).where(own).values(photo=None))
        if may_not_stay:
            for row in connection.execute(select(enrolments.c.id).where(own)).scalars().all():
                changed.gone(RowKind.ENROLMENT, row, person)
            connection.execute(delete(enrolments).where(own))
        if Purpose.PASSAGES not in keep:
            for passage, epoch in self._passages(connection, person).items():
                changed.passage(passage, epoch, person, GONE)
                connection.execute(delete(passages).where(passages.c.id == passage))

    def _seal_rows(self, connection: Connection, table: Table, which: ColumnElement[bool], person: PersonId) -> None:
        for row in connection.execute(select(table.c.id, table.c.generation, table.c.record).where(which)).all():
            cell = Cell(table.name, "record", row.id, row.generation)
            record = self._vault.renew_record(cell, person, row.record)
            connection.execute(update(table).where(table.c.id == row.id).values(record=record))

    def _seal_photos(self, connection: Connection, person: PersonId) -> None:
        which = (enrolments.c.person == person) & enrolments.c.photo.is_not(None)
        for row in connection.execute(select(enrolments.c.id, enrolments.c.photo).where(which)).all():
            photo = self._vault.renew_record(Cell("enrolments", "photo", row.id), person, row.photo)
            connection.execute(update(enrolments).where(enrolments.c.id == row.id).values(photo=photo))

    def _seal_passages(self, connection: Connection, person: PersonId) -> None:
        for passage, epoch in self._passages(connection, person).items():
            row = passages.c.id == passage
            cell = Cell("passages", "record", passage)
            sealed = connection.execute(select(passages.c.record).where(row)).scalar_one()
            record = self._vault.open_for_epoch(cell, epoch, person, sealed)
            if record is not None:
                anew = self._vault.seal_for_epoch(cell, epoch, person, record)
                connection.execute(update(passages).where(row).values(record=anew))

    def _passages(self, connection: Connection, person: PersonId) -> dict[str, str]:
        """Ids and hours of the person's passages."""
        found = {}
        for epoch in self._vault.epochs():
            number = 0
            while True:
                tag = self._vault.epoch_tag(epoch, person, number)
                row = connection.execute(select(passages.c.id).where(passages.c.tag == tag)).first()
                if row is None:
                    break
                found[row.id] = epoch
                number += 1
        return found

    def _end(self, connection: Connection, changed: RowChanges, ended: Consent) -> None:
        generation = _generation(connection, ended) + 1
        cell = Cell("consents", "record", ended.id, generation)
        record = self._vault.seal_for_person(cell, ended.person, consent_record(ended))
        connection.execute(update(consents).where(_row(ended)).values(generation=generation, record=record))
        changed.put(RowKind.CONSENT, ended.id, ended.person, generation)


def _row(consent: Consent) -> ColumnElement[bool]:
    return (consents.c.id == consent.id) & (consents.c.person == consent.person)


def _generation(connection: Connection, consent: Consent) -> int:
    generation = connection.execute(select(consents.c.generation).where(_row(consent))).scalar()
    if generation is None:
        raise NotFound("This person has no such consent; `doorward people show` lists theirs.")
    return int(generation)
