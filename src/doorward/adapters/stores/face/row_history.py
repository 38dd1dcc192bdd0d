"""What the log says of every row, read entry by entry, and the rows that are there, named as the log names them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, literal_column, select
from sqlalchemy.engine import Row

from doorward.adapters.stores.face.audit_entries import event_cell, is_of_form
from doorward.adapters.stores.face.audit_tree import DAMAGED
from doorward.adapters.stores.face.row_log import FIRST, rows_cell
from doorward.adapters.stores.face.tables import audit_entries, consents, enrolments, passages, persons
from doorward.audit.leaf import ROWS, Opening, place_of
from doorward.audit.rows import Changes, changes_digest, decoded_changes
from doorward.errors import AuditInvalid, Tampered
from doorward.kernel.ids import PersonId
from doorward.vault.row_names import RowKind, RowNames
from doorward.vault.vault import Cell, Vault

Fetch = Callable[[Select[Any]], Sequence[Row[Any]]]
"""Runs a query to its end."""

PEOPLE = 10_000
"""People, or rows, that are read at once."""

_ENTRIES = 20
"""Entries read at once: that of a batch of an import has 1 MB."""

NOBODY = PersonId("")
_OPENED = Callable[[Cell, bytes], bytes]

_KINDS: tuple[tuple[RowKind, Table, ColumnElement[Any], ColumnElement[Any]], ...] = (
    (RowKind.PERSON, persons, literal_column("persons.rowid"), persons.c.id),
    (RowKind.CONSENT, consents, consents.c.order, consents.c.person),
    (RowKind.ENROLMENT, enrolments, enrolments.c.order, enrolments.c.person),
)
"""Kind, table, what it is read in the order of, and the column that names the person."""


def from_engine(engine: Engine) -> Fetch:
    """Each query by itself, so that no long read keeps a deleted page alive in the write-ahead log."""

    def fetch(query: Select[Any]) -> Sequence[Row[Any]]:
        with engine.connect() as connection:
            return connection.execute(query).all()

    return fetch


def within(connection: Connection) -> Fetch:
    return lambda query: connection.execute(query).all()


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A row as it is there. ``epoch``: of a passage, the id of its hour's key.

    ``name`` is ``None`` when the row's person has no key, or when its id is none that this site makes.
    """

    kind: RowKind
    id: str
    person: PersonId
    generation: int
    epoch: str | None
    name: bytes | None
    has_key: bool = True


def entries_of_rows(fetch: Fetch, vault: Vault, after: int = 0) -> Iterator[tuple[int, Changes]]:
    """Number and changes of every such entry behind the first ``after``, in order; ``Tampered`` when one is altered."""
    opened = vault.opener_for_audit()
    held = audit_entries.c
    query = select(held.number, held.id, held.event, held.tag, held.subject).where(is_of_form(ROWS))
    while rows := fetch(query.where(held.number > after).order_by(held.number).limit(_ENTRIES)):
        for row in rows:
            yield row.number, _changes(row, opened)
        after = rows[-1].number


def _changes(row: Row[Any], opened: _OPENED) -> Changes:
    try:
        opening = Opening.decoded(opened(event_cell(row.id), row.event))
        octets = opened(rows_cell(row.id), row.subject)
        committed = json.loads(opening.event)["changes"]
        if opening.number != row.number or opening.place != place_of(row.tag, row.subject):
            raise Tampered(DAMAGED)
        if committed != changes_digest(octets):
            raise Tampered(DAMAGED)
        return decoded_changes(octets)
    except (AuditInvalid, ValueError, KeyError, TypeError):
        raise Tampered(DAMAGED) from None


def live_rows(fetch: Fetch, vault: Vault) -> Iterator[Sequence[LiveRow]]:
    """Every row of every person there is, in batches; a passage that nobody's count leads to is ``NOBODY``'s."""
    for kind, table, order, person in _KINDS:
        last = -1
        while rows := fetch(_columns(table, order, person).where(order > last).order_by(order).limit(PEOPLE)):
            yield list(_named(kind, rows, vault))
            last = rows[-1].place
    yield from _live_passages(fetch, vault)


def _columns(table: Table, order: ColumnElement[Any], person: ColumnElement[Any]) -> Select[Any]:
    photo = table.c.photo.is_not(None) if table is enrolments else literal_column("0")
    return select(
        order.label("place"), table.c.id, person.label("person"), table.c.generation, photo.label("photo")
    ).select_from(table)


def _named(kind: RowKind, rows: Sequence[Row[Any]], vault: Vault) -> Iterator[LiveRow]:
    names = dict(vault.row_names_of(list({PersonId(str(row.person)) for row in rows})))
    for row in rows:
        person = PersonId(str(row.person))
        own = names.get(person)
        generation = row.generation if isinstance(row.generation, int) else -1
        yield LiveRow(kind, str(row.id), person, generation, None, _name(own, kind, row.id), own is not None)
        if row.photo:
            photo = _name(own, RowKind.PHOTO, row.id)
            yield LiveRow(RowKind.PHOTO, str(row.id), person, FIRST, None, photo, own is not None)


def _name(names: RowNames | None, kind: RowKind, row: object) -> bytes | None:
    if names is None or not isinstance(row, str):
        return None
    try:
        name = names.name(kind, row)
    except ValueError:
        return None
    return name if names.opened(name) == (kind, row) else None


def _live_passages(fetch: Fetch, vault: Vault) -> Iterator[Sequence[LiveRow]]:
    people: Sequence[PersonId] = ()
    for epoch in sorted(set(vault.epoch_keys().values())):
        ids = {row.tag: row.id for row in fetch(select(passages.c.tag, passages.c.id).where(passages.c.epoch == epoch))}
        tag_of, named = vault.tagger(epoch), vault.passage_names(epoch)
        if not ids or tag_of is None or named is None:
            continue
        key, of_epoch = named
        people, unclaimed = people or vault.people(), set(ids.values())
        for start in range(0, len(people), PEOPLE):
            owned: dict[PersonId, list[str]] = {}
            for person in people[start : start + PEOPLE]:
                number = 0
                while (row := ids.get(tag_of(person, number))) is not None:
                    owned.setdefault(person, []).append(row)
                    number += 1
            yield [
                LiveRow(RowKind.PASSAGE, row, person, FIRST, key, _name(of_epoch(names), RowKind.PASSAGE, row))
                for person, names in vault.row_names_of(list(owned))
                for row in owned[person]
            ]
            for rows in owned.values():
                unclaimed.difference_update(rows)
        yield [LiveRow(RowKind.PASSAGE, row, NOBODY, FIRST, key, None, has_key=False) for row in unclaimed]
