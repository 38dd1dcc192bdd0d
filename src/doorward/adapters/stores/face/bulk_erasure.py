"""Many people erased at once: the same steps as one by one, each done for all of them before the next.

An intent for each is durable before any key goes; what a crash cuts short is finished person by person when the site
is next opened.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Engine, delete, update

from doorward.adapters.stores.database import truncate_log, upsert, writing
from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.adapters.stores.face.ledger_copies import LedgerCopies
from doorward.adapters.stores.face.row_comparison import write_off
from doorward.adapters.stores.face.row_history import within
from doorward.adapters.stores.face.row_log import rows_of, writing_rows
from doorward.adapters.stores.face.signing_keys import SigningKeys
from doorward.adapters.stores.face.tables import erasures, persons
from doorward.errors import DoorwardError, KeyRemnant
from doorward.kernel.ids import PersonId
from doorward.vault.vault import Cell, Vault

BATCH = 500
"""People whose keys go in one step, and whose remnants are searched for together."""

SEEN_OFF = "erasure"
"""Granted rows by person, written when a search found nothing of their key."""

_HERE = "SELECT id FROM persons WHERE id IN (SELECT value FROM json_each(?))"


def intent_cell(person: PersonId) -> Cell:
    return Cell("erasures", "mac", person)


class BulkErasure:
    """Over data.db and, through the vault, keys.db. ``before_erasure`` as ``SqlPersonStore`` takes it."""

    def __init__(self, engine: Engine, vault: Vault, before_erasure: Sequence[Callable[[PersonId], None]]) -> None:
        self._engine = engine
        self._vault = vault
        self._before_erasure = before_erasure
        self._ledger = SqlErasureLedger(engine, vault.site)
        self._grants = GrantStore(engine, vault)

    def erase(self, people: Sequence[PersonId]) -> Sequence[PersonId]:
        """Those of ``people`` who were here, and are erased when this returns.

        ``KeyRemnant`` when all of it is done, and something may be left of the key of one of them.
        """
        here = self._begin(people)
        if not here:
            return here
        remnant = None
        try:
            self._destroy(here)
        except KeyRemnant as found:
            remnant = found
        with suppress(DoorwardError):  # as one by one: a folder that is away keeps nobody
            LedgerCopies(self._grants, self._ledger, self._vault.site).write()
        self._remove(here)
        if remnant is not None:
            raise remnant
        return here

    def _begin(self, people: Sequence[PersonId]) -> Sequence[PersonId]:
        signer, at = SigningKeys(self._grants, self._vault).signer(), self._vault.clock.now()
        with writing_rows(self._engine, self._vault) as (connection, changed):
            here = [PersonId(row[0]) for row in connection.exec_driver_sql(_HERE, (json.dumps(list(people)),))]
            known = {person for person, _ in self._vault.row_names_of(here)}
            for person in here:
                mac = self._vault.authenticate(intent_cell(person), b"erase")
                begun = upsert(connection, erasures).values(person=person, mac=mac, done=0)
                is_new = connection.execute(begun.on_conflict_do_nothing()).rowcount
                if is_new and person not in known:  # nobody can name their rows any more
                    write_off(within(connection), self._vault, changed, len(list(rows_of(connection, person))))
                self._ledger.append(connection, person, at, signer)
        return here

    def _destroy(self, people: Sequence[PersonId]) -> None:
        names = dict(self._vault.row_names_of(people))
        with writing_rows(self._engine, self._vault) as (_, changed):
            changed.know(names)
            for person in names:
                changed.everything_gone(person)
        for person in names:
            for remove in self._before_erasure:
                remove(person)
        self._vault.erase_many(people)
        self._grants.change(SEEN_OFF, people, lambda _held: [{"confirmed": True}] * len(people))

    def _remove(self, people: Sequence[PersonId]) -> None:
        with writing(self._engine) as connection:
            for person in people:
                connection.execute(delete(persons).where(persons.c.id == person))
                connection.execute(update(erasures).where(erasures.c.person == person).values(done=1))
                mark_changed(connection, person)
        truncate_log(self._engine)
