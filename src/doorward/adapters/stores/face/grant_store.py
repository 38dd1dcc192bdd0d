"""Rows that grant something (checkpoints, tokens, the profile): in the clear, authenticated by the vault."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.engine import Row

from doorward.adapters.stores.face.records import encode
from doorward.adapters.stores.face.row_log import RowChanges, writing_rows
from doorward.adapters.stores.face.tables import grants
from doorward.audit.rows import GONE
from doorward.vault.vault import Cell, Vault

Held = Sequence[Mapping[str, Any] | None]


class GrantStore:
    """JSON objects by kind and id. Who writes the database without the key grants nothing."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def put(self, kind: str, name: str, value: Mapping[str, object]) -> None:
        with writing_rows(self._engine, self._vault) as (connection, changed):
            self._put(connection, changed, (kind, name), value)

    def change(self, kind: str, names: Sequence[str], change: Callable[[Held], Held | None]) -> None:
        """Give ``change`` the objects of ``names``, and put in their place what it returns: in one step.

        ``None`` stands for an object that is not there, or is to be removed; in place of all, nothing is changed.
        """
        with writing_rows(self._engine, self._vault) as (connection, changed):
            held = self.get_within(connection, kind, names)
            wanted = change([held.get(name) for name in names])
            for name, value in zip(names, wanted or (), strict=wanted is not None):
                if value is not None:
                    self._put(connection, changed, (kind, name), value)
                elif name in held:
                    self._remove(connection, changed, kind, name)

    def put_within(
        self, connection: Connection, changed: RowChanges, kind: str, name: str, value: Mapping[str, object]
    ) -> None:
        """``put`` in the caller's transaction, which enters ``changed`` in the log."""
        self._put(connection, changed, (kind, name), value)

    def get_within(self, connection: Connection, kind: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The objects of those ``names`` that there are."""
        of_kind = select(grants).where(grants.c.kind == kind, grants.c.id.in_(names))
        return {row.id: self._opened(row) for row in connection.execute(of_kind)}

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """The object; ``None`` when there is none, ``Tampered`` when it was written without the key."""
        with self._engine.connect() as connection:
            row = connection.execute(select(grants).where(grants.c.kind == kind, grants.c.id == name)).first()
        return None if row is None else self._opened(row)

    def all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(grants).where(grants.c.kind == kind).order_by(grants.c.id)).all()
        for row in rows:
            yield row.id, self._opened(row)

    def remove(self, kind: str, name: str) -> bool:
        """True when there was one."""
        with writing_rows(self._engine, self._vault) as (connection, changed):
            return self._remove(connection, changed, kind, name)

    def _put(
        self, connection: Connection, changed: RowChanges, of: tuple[str, str], value: Mapping[str, object]
    ) -> None:
        kind, name = of
        payload = encode(value)
        of_row = (grants.c.kind == kind) & (grants.c.id == name)
        held = connection.execute(select(grants.c.generation).where(of_row)).scalar()
        # A row made anew goes on above every generation that it had before it was removed.
        generation = held + 1 if held is not None else changed.next_number()
        mac = self._vault.authenticate(grant_cell(kind, name, generation), payload)
        row = {"generation": generation, "payload": payload.decode(), "mac": mac}
        changed.grant(kind, name, generation)
        if held is None:
            connection.execute(insert(grants).values(kind=kind, id=name, **row))
        else:
            connection.execute(update(grants).where(of_row).values(row))

    def _remove(self, connection: Connection, changed: RowChanges, kind: str, name: str) -> bool:
        of_row = (grants.c.kind == kind) & (grants.c.id == name)
        was_there = connection.execute(delete(grants).where(of_row)).rowcount > 0
        if was_there:
            changed.grant(kind, name, GONE)
        return was_there

    def _opened(self, row: Row[tuple[object, ...]]) -> dict[str, Any]:
        payload = self._vault.check(grant_cell(row.kind, row.id, row.generation), str(row.payload).encode(), row.mac)
        value: dict[str, Any] = json.loads(payload)
        return value


def grant_cell(kind: str, name: str, generation: int) -> Cell:
    return Cell("grants", kind, name, generation)
