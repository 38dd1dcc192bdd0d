"""Rows that grant something (checkpoints, tokens, the profile): in the clear, authenticated by the vault."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.engine import Row

from doorward.adapters.stores.face.records import encode
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.adapters.stores.face.tables import grants
from doorward.audit.rows import GONE
from doorward.vault.vault import Cell, Vault


class GrantStore:
    """JSON objects by kind and id. Who writes the database without the key grants nothing."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def put(self, kind: str, name: str, value: Mapping[str, object]) -> None:
        payload = encode(value)
        of_row = (grants.c.kind == kind) & (grants.c.id == name)
        with writing_rows(self._engine, self._vault) as (connection, changed):
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
        of_row = (grants.c.kind == kind) & (grants.c.id == name)
        with writing_rows(self._engine, self._vault) as (connection, changed):
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
