"""All rows of one database copied to another, table by table, so that what was cut short goes on where it stood."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, delete, func, insert, select, tuple_

from doorward.adapters.stores.database import SQLITE, writing
from doorward.adapters.stores.face.passage_hours import open_hours
from doorward.adapters.stores.face.tables import metadata, passages

BATCH = 5_000
"""Rows a transaction."""

Progress = Callable[[int, int], None]
"""Told how many of how many rows are copied."""


def count_rows(connection: Connection) -> int:
    """Of all tables together."""
    return sum(_count(connection, table) for table in metadata.sorted_tables)


def empty(target: Engine) -> None:
    """Delete every row."""
    with writing(target) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


def copy_rows(source: Connection, target: Engine, progress: Progress = lambda _done, _all: None) -> None:
    """Copy what ``target`` does not have yet; ``source`` must not change meanwhile, nor since a copy was begun."""
    total = count_rows(source)
    with target.connect() as connection:
        done = count_rows(connection)
    for table in metadata.sorted_tables:
        with target.connect() as connection:
            last = _last_key(connection, table)
        for rows in _batches(source, table, last):
            with writing(target) as connection:
                if table is passages:
                    open_hours(connection, {row.epoch for row in rows})
                connection.execute(insert(table), [dict(row._mapping) for row in rows])
            done += len(rows)
            progress(done, total)
    with writing(target) as connection:
        _number_on(connection)


def digest(connection: Connection) -> str:
    """SHA-256 in hexadecimal over every row of every table."""
    hashed = sha256()
    for table in metadata.sorted_tables:
        hashed.update(table.name.encode())
        for rows in _batches(connection, table, None):
            for row in rows:
                hashed.update(repr(tuple(row)).encode())
    return hashed.hexdigest()


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _last_key(connection: Connection, table: Table) -> Sequence[Any] | None:
    keys = list(table.primary_key)
    row = connection.execute(select(*keys).order_by(*(key.desc() for key in keys)).limit(1)).first()
    return None if row is None else tuple(row)


def _batches(connection: Connection, table: Table, last: Sequence[Any] | None) -> Iterator[Sequence[Any]]:
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


def _number_on(connection: Connection) -> None:
    """Have new rows numbered behind those that were copied: SQLite does it unasked."""
    if connection.dialect.name == SQLITE:
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            named = f"'doorward.{table.name}', '{column.name}'"
            sequence = connection.exec_driver_sql(f"SELECT pg_get_serial_sequence({named})").scalar()
            newest = connection.execute(select(func.max(column))).scalar() if sequence else None
            if newest is not None:
                connection.exec_driver_sql("SELECT setval(?::regclass, ?)", (sequence, newest))
