"""The hours of passages in their table: in PostgreSQL each is a partition, in SQLite a column says which."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete

from doorward.adapters.stores.database import SQLITE
from doorward.adapters.stores.face.tables import passages

_OPEN = "SELECT open_hour(?)"
_DROP = "SELECT drop_hours(?)"


def open_hours(connection: Connection, hours: Iterable[str]) -> None:
    """Make room for passages of ``hours``; needs the write lock."""
    if connection.dialect.name != SQLITE:
        for hour in hours:
            connection.exec_driver_sql(_OPEN, (hour,))


def drop_hours(connection: Connection, oldest_kept: str) -> bool:
    """Drop every passage of the hours before ``oldest_kept``; whether there was anything to drop."""
    if connection.dialect.name == SQLITE:
        return connection.execute(delete(passages).where(passages.c.epoch < oldest_kept)).rowcount > 0
    return bool(connection.exec_driver_sql(_DROP, (oldest_kept,)).scalar_one())
