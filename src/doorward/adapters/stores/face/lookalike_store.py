"""Pairs of lookalikes in SQLite: in the sealed records of both, each renewed so that no earlier copy opens."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from doorward.adapters.stores.face.person_cells import Beside, Change, change_beside, read_beside, read_settled
from doorward.adapters.stores.face.person_store import intent_cell
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.adapters.stores.face.tables import erasures
from doorward.errors import DoorwardError, Tampered
from doorward.kernel.ids import PersonId
from doorward.people.lookalikes import Lookalike
from doorward.vault.vault import Vault

_NAME = "lookalikes"


class SqlLookalikeStore:
    """``LookalikeStore`` over data.db.

    Who writes the database cannot take a person out of a pair: the record has it under the person's key, and the
    records from before it were sealed under a key that is gone.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._rekeying = Rekeying(engine, vault)

    def pair(self, one: PersonId, other: PersonId, at: datetime) -> None:
        pairs = ((one, other), (other, one))
        for person, _ in pairs:
            self._vault.renew_person(person)  # what a crash leaves of a renewal is ended when the site is next opened
        with writing_rows(self._engine, self._vault) as (connection, changed):
            for person, whom in pairs:
                change_beside(connection, changed, self._vault, person, _adding(whom, at))
        for person, _ in pairs:
            self._rekeying.end(person)

    def of(self, person: PersonId) -> Sequence[Lookalike]:
        return read_settled(lambda: self._of(person))

    def _of(self, person: PersonId) -> Sequence[Lookalike]:
        with self._engine.connect() as connection:
            held = (read_beside(connection, self._vault, person) or {}).get(_NAME, ())
            found = [
                Lookalike(PersonId(whom), datetime.fromisoformat(at))
                for whom, at in held
                if not self._is_erased(connection, PersonId(whom))
            ]
        return sorted(found, key=lambda one: one.stated_at)

    def part(self, person: PersonId) -> None:
        """Take the person out of everybody else's record: they are about to be erased."""
        with suppress(Tampered):  # a damaged record is erased like any other; `of` leaves out whoever is
            for lookalike in self.of(person):
                with suppress(DoorwardError), writing_rows(self._engine, self._vault) as (connection, changed):
                    change_beside(connection, changed, self._vault, lookalike.person, _without(person))

    def _is_erased(self, connection: Connection, person: PersonId) -> bool:
        """By an intent of this site's: that their key or row is gone says nothing, for others can delete those."""
        mac = connection.execute(select(erasures.c.mac).where(erasures.c.person == person)).scalar()
        if mac is not None:
            self._vault.check(intent_cell(person), b"erase", mac)
        return mac is not None


def _adding(whom: PersonId, at: datetime) -> Change:
    def change(beside: Beside) -> Beside:
        held = [one for one in beside.get(_NAME, ()) if one[0] != whom]
        return {**beside, _NAME: [*held, [whom, at.isoformat(timespec="seconds")]]}

    return change


def _without(whom: PersonId) -> Change:
    def change(beside: Beside) -> Beside:
        held = [one for one in beside.get(_NAME, ()) if one[0] != whom]
        rest = {name: value for name, value in beside.items() if name != _NAME}
        return {**rest, _NAME: held} if held else rest

    return change
