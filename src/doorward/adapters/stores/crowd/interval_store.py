"""The interval store: crowd.db, or a schema of its own in PostgreSQL, which no other part of Doorward opens."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, RowMapping, Select, Table, insert, select

from doorward.adapters.stores.crowd.opening import open_crowd
from doorward.adapters.stores.crowd.rows import area_row, bounded_row, heat_map_row, interval_of, line_row, zone_row
from doorward.adapters.stores.crowd.tables import (
    area_counts,
    bounded_counts,
    heat_maps,
    intervals,
    line_counts,
    scenes,
    zone_occupancies,
)
from doorward.adapters.stores.database import writing
from doorward.crowd.intervals import MINUTE_SECONDS, IntervalAggregate

PARTS = (line_counts, zone_occupancies, area_counts, heat_maps, bounded_counts)


def open_interval_store(site: Path, store: str | None = None) -> "SqlIntervalStore":
    """The store of the site in this folder, made if missing; ``StorageError`` when it cannot be opened.

    ``store``: the URL of the PostgreSQL database that it is in; ``None`` for crowd.db.
    """
    return SqlIntervalStore(open_crowd(site, store))


class SqlIntervalStore:
    """``IntervalStore`` over crowd.db, or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """For the other stores in the same file."""
        return self._engine

    def add(self, intervals: Sequence[IntervalAggregate]) -> None:
        # Every camera's process writes at the full minute: the lock is waited for before anything is read.
        with writing(self._engine) as connection:
            for interval in intervals:
                _add(connection, interval)

    def read(
        self,
        scene: str,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 10_000,
        seconds: int = MINUTE_SECONDS,
    ) -> tuple[IntervalAggregate, ...]:
        query = _of(scene).where(intervals.c.seconds == seconds)
        if start is not None:
            query = query.where(intervals.c.start >= start.timestamp())
        if end is not None:
            query = query.where(intervals.c.start < end.timestamp())
        return self._read(scene, query.order_by(intervals.c.start, intervals.c.id).limit(limit))

    def latest(self, scene: str) -> IntervalAggregate | None:
        query = _of(scene).where(intervals.c.seconds == MINUTE_SECONDS)
        found = self._read(scene, query.order_by(intervals.c.start.desc(), intervals.c.id.desc()).limit(1))
        return found[0] if found else None

    def scenes(self) -> tuple[str, ...]:
        with self._engine.connect() as connection:
            return tuple(connection.execute(select(scenes.c.name).order_by(scenes.c.name)).scalars())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._engine.dispose()

    def _read(self, scene: str, query: Select[Any]) -> tuple[IntervalAggregate, ...]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            ids = [row.id for row in rows]
            parts = [_parts(connection, table, ids) for table in PARTS]
        return tuple(interval_of(scene, row, *(part[row.id] for part in parts)) for row in rows)


def _of(scene: str) -> Select[Any]:
    return select(intervals).join(scenes).where(scenes.c.name == scene)


def _add(connection: Connection, interval: IntervalAggregate) -> None:
    row = {
        "scene": _scene_id(connection, interval.scene),
        "start": int(interval.start.timestamp()),
        "coverage": interval.coverage,
        "method": interval.method,
        "seconds": interval.seconds,
        "levels": interval.levels,
    }
    key = connection.execute(insert(intervals).values(row)).inserted_primary_key
    number = key[0] if key else None
    parts: tuple[tuple[Table, list[dict[str, Any]]], ...] = (
        (line_counts, [line_row(line) for line in interval.lines]),
        (zone_occupancies, [zone_row(zone) for zone in interval.zones]),
        (area_counts, [area_row(area) for area in interval.areas]),
        (bounded_counts, [bounded_row(count) for count in interval.bounded]),
    )
    for table, rows in parts:
        if rows:
            numbered = [{"interval": number, "position": place} | values for place, values in enumerate(rows)]
            connection.execute(insert(table), numbered)
    if interval.heat_map is not None:
        connection.execute(insert(heat_maps).values({"interval": number} | heat_map_row(interval.heat_map)))


def _scene_id(connection: Connection, name: str) -> int:
    known = connection.execute(select(scenes.c.id).where(scenes.c.name == name)).scalar()
    if known is not None:
        return int(known)
    key = connection.execute(insert(scenes).values(name=name)).inserted_primary_key
    return int(key[0]) if key else 0


def _parts(connection: Connection, table: Table, ids: list[int]) -> defaultdict[int, list[RowMapping]]:
    """The rows of ``table`` for these intervals, by interval, in the scene's order."""
    found: defaultdict[int, list[RowMapping]] = defaultdict(list)
    for first in range(0, len(ids), 500):
        some = table.c.interval.in_(ids[first : first + 500])
        for row in connection.execute(select(table).where(some).order_by(*table.primary_key.columns)).mappings():
            found[row["interval"]].append(row)
    return found
