"""The hours of passages in their table: in PostgreSQL each is a partition, in SQLite a column says which."""

from collections.abc import Iterable, Sequence
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import Row

from doorward.adapters.stores.database import SQLITE, writing

_OPEN = "SELECT open_hour(?)"
_DROP_SOME = "DELETE FROM passages WHERE rowid IN (SELECT rowid FROM passages WHERE epoch < ? LIMIT ?)"
_AT_ONCE = 2_000
_PAUSE_S = 0.002
_DROP = "SELECT drop_hours(?)"


def open_hours(connection: Connection, hours: Iterable[str]) -> None:
    """Make room for passages of ``hours``; needs the write lock."""
    if connection.dialect.name != SQLITE:
        for hour in hours:
            connection.exec_driver_sql(_OPEN, (hour,))


def drop_hours(engine: Engine, oldest_kept: str) -> bool:
    """Drop every passage of the hours before ``oldest_kept``; whether there was anything to drop.

    In SQLite in small transactions, with room for others between them, for whom an hour's rows would take too long.
    """
    if engine.dialect.name != SQLITE:
        with writing(engine) as connection:
            return bool(connection.exec_driver_sql(_DROP, (oldest_kept,)).scalar_one())
    dropped, again = 0, True
    while again:
        with writing(engine) as connection:
            some = connection.exec_driver_sql(_DROP_SOME, (oldest_kept, _AT_ONCE)).rowcount
        dropped, again = dropped + some, some == _AT_ONCE
        if again:
            sleep(_PAUSE_S)
    return dropped > 0


def rows_of_tags(connection: Connection, columns: str, epoch: str, tags: Sequence[bytes]) -> Sequence[Row[Any]]:
    """Those ``columns`` of the passages of one hour that have one of ``tags``.

    PostgreSQL is told the hour and looks into one partition; SQLite, told, would take the hour's index for the tags'.
    """
    query = f"SELECT {columns} FROM passages WHERE tag IN ({', '.join('?' * len(tags))})"  # noqa: S608 - our own names
    if connection.dialect.name == SQLITE:
        return connection.exec_driver_sql(query, tuple(tags)).all()
    return connection.exec_driver_sql(f"{query} AND epoch = ?", (*tags, epoch)).all()
