"""Site-wide keys renewed: the codes of rows that grant something, and the blind index of unique numbers."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, select, update

from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.grant_store import grant_cell
from doorward.adapters.stores.face.person_store import SqlPersonStore, intent_cell
from doorward.adapters.stores.face.tables import erasures, grants, persons
from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.vault.vault import Vault

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

_BATCH = 200


def renew_grants(engine: Engine, vault: Vault) -> None:
    """Authenticate every granting row under a new key, and destroy the old one.

    ``Tampered`` when a row was not written by this site: remove it first.
    """
    vault.renew_grants_key()
    with writing(engine) as connection:
        for row in connection.execute(select(grants)).all():
            cell, payload = grant_cell(row.kind, row.id, row.generation), str(row.payload).encode()
            mac = vault.authenticate(cell, vault.check(cell, payload, row.mac))
            connection.execute(update(grants).where(grants.c.kind == row.kind, grants.c.id == row.id).values(mac=mac))
        for row in connection.execute(select(erasures)).all():
            cell = intent_cell(PersonId(row.person))
            mac = vault.authenticate(cell, vault.check(cell, b"erase", row.mac))
            connection.execute(update(erasures).where(erasures.c.person == row.person).values(mac=mac))
    vault.forget_old_grants_key()


def renew_index(engine: Engine, vault: Vault, people: SqlPersonStore, progress: Progress) -> None:
    """Make every blind tag anew under a new key, and destroy the old one and the tags it made."""
    vault.renew_index_key()
    with writing(engine) as connection:  # who is added from here on has tags of the new key
        ids = [PersonId(person) for person in connection.execute(select(persons.c.id)).scalars()]
    for begin in range(0, len(ids), _BATCH):
        with writing(engine) as connection:
            for person in ids[begin : begin + _BATCH]:
                _index_anew(connection, people, person)
        progress(min(begin + _BATCH, len(ids)), len(ids))
    vault.forget_old_index_key()


def _index_anew(connection: Connection, people: SqlPersonStore, person: PersonId) -> None:
    try:
        people.index_anew(connection, person)
    except PersonUnknown:  # erased meanwhile
        return
