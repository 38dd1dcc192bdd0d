"""All rows of one database copied to another, table by table, in the order of their keys."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, MetaData, Select, Table, func, insert, select, tuple_

from doorward.adapters.stores.database import SQLITE

BATCH = 5_000
"""Rows a transaction."""

Progress = Callable[[int, int], None]
"""Told how many of how many rows are copied."""


def count_rows(connection: Connection, metadata: MetaData) -> int:
    """Of all tables together."""
    return sum(_count(connection, table) for table in metadata.sorted_tables)


def copy_all(source: Connection, target: Connection, metadata: MetaData) -> int:
    """Copy every row into tables that have none, in the transaction of ``target``; how many there are."""
    for table in metadata.sorted_tables:
        for rows in batches(source, table, None):
            target.execute(insert(table), as_mappings(rows))
    number_on(target, metadata)
    return count_rows(target, metadata)


def digest(connection: Connection, metadata: MetaData) -> str:
    """SHA-256 in hexadecimal over every row of every table."""
    hashed = sha256()
    for table in metadata.sorted_tables:
        hashed.update(table.name.encode())
        for rows in batches(connection, table, None):
            for row in rows:
                hashed.update(repr(tuple(row)).encode())
    return hashed.hexdigest()


def last_key(connection: Connection, table: Table) -> Sequence[Any] | None:
    keys = list(table.primary_key)
    row = connection.execute(select(*keys).order_by(*(key.desc() for key in keys)).limit(1)).first()
    return None if row is None else tuple(row)


def batches(connection: Connection, table: Table, last: Sequence[Any] | None) -> Iterator[Sequence[Any]]:
    """Rows in the order of their keys, from behind ``last``."""
    keys = list(table.primary_key)
    while True:
        query: Select[Any] = select(table).order_by(*keys).limit(BATCH)
        if last is not None:
            query = query.where(tuple_(*keys) > tuple_(*last))
        rows = connection.execute(query).all()
        if not rows:
            return
        yield rows
        last = [getattr(rows[-1], key.name) for key in keys]


def as_mappings(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of a table as they are inserted into another."""
    return [dict(row._mapping) for row in rows]


def number_on(connection: Connection, metadata: MetaData) -> None:
    """Have new rows numbered behind those that were copied: SQLite does it unasked."""
    if connection.dialect.name == SQLITE:
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            named = f"'{table.name}', '{column.name}'"
            sequence = connection.exec_driver_sql(f"SELECT pg_get_serial_sequence({named})").scalar()
            newest = connection.execute(select(func.max(column))).scalar() if sequence else None
            if newest is not None:
                connection.exec_driver_sql("SELECT setval(?::regclass, ?)", (sequence, newest))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
