"""What lies in a person's sealed record beside what `Person` has, read and changed without touching the rest."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, select, update

from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.records import beside_person, with_beside
from doorward.adapters.stores.face.row_log import RowChanges
from doorward.adapters.stores.face.tables import persons
from doorward.errors import PersonUnknown, Tampered
from doorward.kernel.ids import PersonId
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Cell, Vault

Beside = Mapping[str, Any]
Change = Callable[[Beside], Beside]
_T = TypeVar("_T")


def person_cell(person: PersonId, generation: int) -> Cell:
    return Cell("persons", "record", person, generation)


def read_settled(read: Callable[[], _T]) -> _T:
    """What ``read`` gives; asked again where a record did not open, for its key may have been renewed since its row
    was read. ``Tampered`` when it does not open then either.
    """
    try:
        return read()
    except Tampered:
        return read()


def read_beside(connection: Connection, vault: Vault, person: PersonId) -> Beside | None:
    """``None`` when the person is not here, or their key is gone."""
    row = connection.execute(select(persons).where(persons.c.id == person)).first()
    if row is None:
        return None
    try:
        return beside_person(vault.open_for_person(person_cell(person, row.generation), person, row.record))
    except PersonUnknown:
        return None


def change_beside(connection: Connection, changed: RowChanges, vault: Vault, person: PersonId, change: Change) -> None:
    """Put what ``change`` makes of it in its place; needs the write lock. ``PersonUnknown`` when they are not here."""
    row = connection.execute(select(persons).where(persons.c.id == person)).first()
    if row is None:
        raise PersonUnknown("No such person is known here; `doorward people list` shows who is.")
    held = vault.open_for_person(person_cell(person, row.generation), person, row.record)
    generation = row.generation + 1
    record = with_beside(held, change(beside_person(held)))
    sealed = vault.seal_for_person(person_cell(person, generation), person, record)
    connection.execute(update(persons).where(persons.c.id == person).values(generation=generation, record=sealed))
    changed.put(RowKind.PERSON, person, person, generation)
    mark_changed(connection, person)
