"""Who looked at a crowd's exact figures, in crowd.db."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, delete, select

from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore
from doorward.adapters.stores.crowd.opening import open_crowd
from doorward.adapters.stores.crowd.tables import looks
from doorward.adapters.stores.database import upsert, writing
from doorward.crowd.looks import KEPT, Look, LookedAt
from doorward.kernel.moments import whole_hour


def open_look_book(site: Path, store: str | None = None) -> "SqlLookBook":
    """Of the site in this folder; ``StorageError`` when it cannot be opened. ``store`` as ``open_alarm_store``."""
    return SqlLookBook(open_crowd(site, store))


def looks_beside(intervals: SqlIntervalStore) -> "SqlLookBook":
    """The book in the file of ``intervals``, which closes it."""
    return SqlLookBook(intervals.engine)


class SqlLookBook:
    """``LookBook`` over crowd.db, or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, who: str, at: LookedAt, scene: str, now: datetime) -> None:
        key = {"hour": int(whole_hour(now).timestamp()), "who": who, "looked_at": at.value, "scene": scene}
        oldest = int((now - KEPT).timestamp())
        with writing(self._engine) as connection:
            connection.execute(delete(looks).where(looks.c.hour < oldest))
            connection.execute(
                upsert(connection, looks)
                .values(**key, times=1)
                .on_conflict_do_update(index_elements=list(key), set_={"times": looks.c.times + 1})
            )

    def read(self, start: datetime | None = None, end: datetime | None = None) -> Sequence[Look]:
        query = select(looks).order_by(looks.c.hour.desc(), looks.c.who, looks.c.looked_at, looks.c.scene)
        if start is not None:
            query = query.where(looks.c.hour >= int(start.timestamp()))
        if end is not None:
            query = query.where(looks.c.hour < int(end.timestamp()))
        with self._engine.connect() as connection:
            return tuple(
                Look(datetime.fromtimestamp(row.hour, UTC), row.who, LookedAt(row.looked_at), row.scene, row.times)
                for row in connection.execute(query)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._engine.dispose()
