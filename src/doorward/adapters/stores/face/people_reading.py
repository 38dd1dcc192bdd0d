"""What is kept of many people, read together: the same as one by one, without asking for each key."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from doorward.adapters.stores.face.records import consent_from, enrolment_from, person_from
from doorward.errors import Tampered
from doorward.kernel.ids import ConsentId, PersonId, TemplateId
from doorward.people.consent import Consent
from doorward.people.enrolment import Enrolment
from doorward.people.person import Person
from doorward.vault.bulk import BulkOpener
from doorward.vault.vault import Vault

_PERSONS = "SELECT id, generation, record FROM persons WHERE id IN (SELECT value FROM json_each(?))"
_CONSENTS = (
    "SELECT person, id, generation, record FROM consents "
    'WHERE person IN (SELECT value FROM json_each(?)) ORDER BY "order"'
)
_ENROLMENTS = (
    "SELECT person, id, generation, record, photo IS NOT NULL FROM enrolments "
    'WHERE person IN (SELECT value FROM json_each(?)) ORDER BY "order"'
)


@dataclass(frozen=True, slots=True)
class PersonRead:
    """``with_photo``: the references beside which a photo is kept."""

    person: Person
    consents: Sequence[Consent]
    enrolments: Sequence[Enrolment]
    with_photo: frozenset[TemplateId]


class PeopleReader:
    """Reads over data.db and, through the vault, keys.db."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def read(self, people: Sequence[PersonId]) -> Mapping[PersonId, PersonRead | None]:
        """Those of ``people`` who are here; ``None`` of whom a record does not open, be it damaged or just renewed."""
        ids = json.dumps(list(people))
        with self._engine.connect() as connection:
            persons = _fetched(connection, _PERSONS, ids)
            consents, enrolments = (_by_person(_fetched(connection, query, ids)) for query in (_CONSENTS, _ENROLMENTS))
        opener = self._vault.opener(list(people))  # keys after rows: who was erased in between has none
        found: dict[PersonId, PersonRead | None] = {}
        for row in persons:
            person = PersonId(row[0])
            if opener.knows(person):
                try:
                    found[person] = _read(opener, person, row, consents[person], enrolments[person])
                except Tampered:
                    found[person] = None
        return found


def _read(
    opener: BulkOpener, of: PersonId, row: Sequence[Any], consents: list[Any], enrolments: list[Any]
) -> PersonRead:
    def opened(table: str, name: str, generation: int, sealed: object) -> bytes:
        record = opener.open(table, "record", name, of, generation, sealed)
        if record is None:
            raise Tampered("A record does not open.")
        return record

    return PersonRead(
        person_from(of, opened("persons", of, row[1], row[2])),
        [consent_from(ConsentId(one[1]), of, opened("consents", *one[1:4])) for one in consents],
        [enrolment_from(TemplateId(one[1]), of, opened("enrolments", *one[1:4])) for one in enrolments],
        frozenset(TemplateId(one[1]) for one in enrolments if one[4]),
    )


def _fetched(connection: Connection, query: str, ids: str) -> list[Any]:
    cursor = connection.exec_driver_sql(query, (ids,)).cursor
    return list(cursor.fetchall()) if cursor else []


def _by_person(rows: Sequence[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found
