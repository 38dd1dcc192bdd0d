"""Alarms in crowd.db."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, Row, select, update

from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore
from doorward.adapters.stores.crowd.opening import open_crowd
from doorward.adapters.stores.crowd.tables import alarms
from doorward.adapters.stores.database import upsert, writing
from doorward.crowd.alarms import Alarm, AlarmKind
from doorward.errors import Conflict, NotFound

TIMES = tuple(field.name for field in fields(Alarm) if field.name.endswith("_at"))
ACKNOWLEDGEMENT = ("acknowledged_at", "acknowledged_by")


def open_alarm_store(site: Path, store: str | None = None) -> "SqlAlarmStore":
    """The alarms of the site in this folder; ``StorageError`` when they cannot be opened.

    ``store``: the URL of the PostgreSQL database that it is in; ``None`` for crowd.db.
    """
    return SqlAlarmStore(open_crowd(site, store))


def alarms_beside(intervals: SqlIntervalStore) -> "SqlAlarmStore":
    """The alarms in the file of ``intervals``, which closes it."""
    return SqlAlarmStore(intervals.engine)


class SqlAlarmStore:
    """``AlarmStore`` over crowd.db, or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, alarm: Alarm) -> None:
        row = {field.name: getattr(alarm, field.name) for field in fields(Alarm)}
        row |= {name: None if row[name] is None else int(row[name].timestamp()) for name in TIMES}
        row["kind"] = alarm.kind.value
        changed = {name: value for name, value in row.items() if name not in ("id", *ACKNOWLEDGEMENT)}
        with writing(self._engine) as connection:
            connection.execute(
                upsert(connection, alarms).values(row).on_conflict_do_update(index_elements=["id"], set_=changed)
            )

    def acknowledge(self, alarm_id: str, by: str, now: datetime) -> Alarm:
        with writing(self._engine) as connection:
            row = connection.execute(select(alarms).where(alarms.c.id == alarm_id)).one_or_none()
            if row is None:
                raise NotFound("There is no such alarm; `doorward crowd alarms` shows those that are open.")
            if row.ended_at is not None:
                raise Conflict("That alarm has ended; `doorward crowd alarms` shows those that are open.")
            changes = {"acknowledged_at": int(now.timestamp()), "acknowledged_by": by}
            connection.execute(update(alarms).where(alarms.c.id == alarm_id).values(changes))
            return _alarm(connection.execute(select(alarms).where(alarms.c.id == alarm_id)).one())

    def read(self, scene: str | None = None, *, is_open: bool = False, limit: int = 1000) -> Sequence[Alarm]:
        query = select(alarms).order_by(alarms.c.raised_at.desc(), alarms.c.id).limit(limit)
        if scene is not None:
            query = query.where(alarms.c.scene == scene)
        if is_open:
            query = query.where(alarms.c.ended_at.is_(None))
        with self._engine.connect() as connection:
            return tuple(_alarm(row) for row in connection.execute(query))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._engine.dispose()


def _alarm(row: Row[Any]) -> Alarm:
    values = dict(row._mapping)
    for name in TIMES:
        values[name] = None if values[name] is None else datetime.fromtimestamp(values[name], UTC)
    values["kind"] = AlarmKind(values["kind"])
    return Alarm(**values)
