"""Rows that grant something (checkpoints, tokens, the profile): in the clear, authenticated by the vault."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from doorward.adapters.stores.database import driver_rows
from doorward.adapters.stores.face.records import encode
from doorward.adapters.stores.face.row_log import RowChanges, writing_rows
from doorward.adapters.stores.face.tables import grants
from doorward.audit.rows import GONE
from doorward.vault.vault import Cell, Vault

# The driver's own statements: every decision comes by here several times, and the toolkit's cost more than the rest.
_OF_NAMES = (
    "SELECT kind, id, generation, payload, mac FROM grants WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
)
_GENERATION = "SELECT generation FROM grants WHERE kind = ? AND id = ?"
_PUT = (
    "INSERT INTO grants (kind, id, generation, payload, mac) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) "
    "DO UPDATE SET generation = excluded.generation, payload = excluded.payload, mac = excluded.mac"
)
_REMOVE = "DELETE FROM grants WHERE kind = ? AND id = ?"

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

    def end(
        self,
        kind: str,
        name: str,
        change: Callable[[Mapping[str, Any] | None], Mapping[str, Any]],
        parts: Sequence[str],
    ) -> None:
        """Put what ``change`` makes of an object in its place, and remove its parts, in one step.

        ``parts``: kinds; a part of ``name`` has an id that begins with it and a colon.
        """
        with writing_rows(self._engine, self._vault) as (connection, changed):
            held = self.get_within(connection, kind, [name]).get(name)
            self._put(connection, changed, (kind, name), change(held))
            of_it = grants.c.kind.in_(parts) & grants.c.id.startswith(f"{name}:", autoescape=True)
            for part in connection.execute(select(grants.c.kind, grants.c.id).where(of_it)).all():
                self._remove(connection, changed, part.kind, part.id)

    def put_within(
        self, connection: Connection, changed: RowChanges, kind: str, name: str, value: Mapping[str, object]
    ) -> None:
        """``put`` in the caller's transaction, which enters ``changed`` in the log."""
        self._put(connection, changed, (kind, name), value)

    def put_many_within(
        self, connection: Connection, changed: RowChanges, kind: str, values: Mapping[str, Mapping[str, object]]
    ) -> None:
        """``put_within`` of many objects by name, with one question for all."""
        if not values:
            return
        held = {
            row.id: row.generation for row in connection.exec_driver_sql(_OF_NAMES, (kind, json.dumps(list(values))))
        }
        fresh, code_of = changed.next_number(), self._vault.authenticator()
        rows = []
        for name, value in values.items():
            payload, generation = encode(value), held[name] + 1 if name in held else fresh
            rows.append(
                (kind, name, generation, payload.decode(), code_of(grant_cell(kind, name, generation), payload))
            )
            changed.grant(kind, name, generation)
        connection.exec_driver_sql(_PUT, rows)

    def get_within(self, connection: Connection, kind: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The objects of those ``names`` that there are."""
        held = connection.exec_driver_sql(_OF_NAMES, (kind, json.dumps(names))).all()
        if not held:
            return {}
        check = self._vault.checker()
        return {row.id: _opened(check, *row) for row in held}

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """The object; ``None`` when there is none, ``Tampered`` when it was written without the key."""
        rows = driver_rows(self._engine, _OF_NAMES, (kind, json.dumps([name])))
        return _opened(self._vault.checker(), *rows[0]) if rows else None

    def all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(grants).where(grants.c.kind == kind).order_by(grants.c.id)).all()
        if not rows:
            return
        check = self._vault.checker()
        for row in rows:
            yield row.id, _opened(check, *row)

    def remove(self, kind: str, name: str) -> bool:
        """True when there was one."""
        with writing_rows(self._engine, self._vault) as (connection, changed):
            return self._remove(connection, changed, kind, name)

    def _put(
        self, connection: Connection, changed: RowChanges, of: tuple[str, str], value: Mapping[str, object]
    ) -> None:
        kind, name = of
        payload = encode(value)
        held = connection.exec_driver_sql(_GENERATION, (kind, name)).scalar()
        # A row made anew goes on above every generation that it had before it was removed.
        generation = held + 1 if held is not None else changed.next_number()
        mac = self._vault.authenticate(grant_cell(kind, name, generation), payload)
        changed.grant(kind, name, generation)
        connection.exec_driver_sql(_PUT, (kind, name, generation, payload.decode(), mac))

    def _remove(self, connection: Connection, changed: RowChanges, kind: str, name: str) -> bool:
        was_there = connection.exec_driver_sql(_REMOVE, (kind, name)).rowcount > 0
        if was_there:
            changed.grant(kind, name, GONE)
        return was_there


def _opened(
    check: Callable[[Cell, bytes, bytes], bytes], kind: str, name: str, generation: int, stored: str, mac: bytes
) -> dict[str, Any]:
    payload = check(grant_cell(kind, name, generation), str(stored).encode(), mac)
    value: dict[str, Any] = json.loads(payload)
    return value


def grant_cell(kind: str, name: str, generation: int) -> Cell:
    return Cell("grants", kind, name, generation)
