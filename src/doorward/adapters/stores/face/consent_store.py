"""Consents in SQLite, sealed under the person's key."""

import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.person_cells import read_settled
from doorward.adapters.stores.face.records import consent_from, consent_record
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.adapters.stores.face.tables import consents
from doorward.errors import NotFound, PersonUnknown
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Consent, Purpose
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Cell, Vault

_OF_PEOPLE = (
    "SELECT id, person, generation, record FROM consents WHERE person IN (SELECT value FROM json_each(?)) "
    'ORDER BY "order"'
)


class SqlConsentStore:
    """``ConsentStore`` over data.db."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def add(self, consent: Consent) -> None:
        try:
            # Sealed within: a renewal of the key then passes no row by.
            with writing_rows(self._engine, self._vault) as (connection, changed):
                row = {"id": consent.id, "person": consent.person, "generation": 1, "record": self._sealed(consent, 1)}
                connection.execute(insert(consents).values(row))
                changed.put(RowKind.CONSENT, consent.id, consent.person)
                mark_changed(connection, consent.person)
        except IntegrityError:
            raise PersonUnknown("No such person is known here; add the person first.") from None

    def update(self, consent: Consent) -> None:
        with writing_rows(self._engine, self._vault) as (connection, changed):
            generation = self._generation(connection, consent) + 1
            row = {"generation": generation, "record": self._sealed(consent, generation)}
            connection.execute(update(consents).where(consents.c.id == consent.id).values(row))
            changed.put(RowKind.CONSENT, consent.id, consent.person, generation)
            mark_changed(connection, consent.person)

    def withdraw(self, ended: Consent, keep: Collection[Purpose]) -> None:
        Rekeying(self._engine, self._vault).withdraw(ended, keep)

    def of(self, person: PersonId) -> Sequence[Consent]:
        return read_settled(lambda: self._of(person))

    def _of(self, person: PersonId) -> Sequence[Consent]:
        query = select(consents).where(consents.c.person == person).order_by(consents.c.order)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        try:
            return [
                consent_from(
                    ConsentId(row.id),
                    person,
                    self._vault.open_for_person(_cell(row.id, row.generation), person, row.record),
                )
                for row in rows
            ]
        except PersonUnknown:
            return []

    def of_many(self, people: Collection[PersonId]) -> Mapping[PersonId, Sequence[Consent]]:
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(_OF_PEOPLE, (json.dumps(list(people)),)).all()
        opener = self._vault.opener(list(people))
        found: dict[PersonId, list[Consent]] = {}
        singly: set[PersonId] = set()
        for row in rows:
            record = opener.open("consents", "record", row.id, row.person, row.generation, row.record)
            if record is None:
                singly.add(row.person)  # erased, just renewed, or damaged: which of these is told singly
            else:
                found.setdefault(row.person, []).append(consent_from(ConsentId(row.id), row.person, record))
        return {**found, **{person: held for person in singly if (held := self.of(person))}}

    def get(self, person: PersonId, consent: ConsentId) -> Consent:
        for known in self.of(person):
            if known.id == consent:
                return known
        raise NotFound("This person has no such consent; `doorward people show` lists theirs.")

    def _generation(self, connection: Connection, consent: Consent) -> int:
        query = select(consents.c.generation).where(consents.c.id == consent.id, consents.c.person == consent.person)
        generation = connection.execute(query).scalar()
        if generation is None:
            raise NotFound("This person has no such consent; `doorward people show` lists theirs.")
        return int(generation)

    def _sealed(self, consent: Consent, generation: int) -> bytes:
        return self._vault.seal_for_person(_cell(consent.id, generation), consent.person, consent_record(consent))


def _cell(consent: str, generation: int) -> Cell:
    return Cell("consents", "record", consent, generation)
