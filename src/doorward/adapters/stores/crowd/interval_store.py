"""The interval store in SQLite: crowd.db, which no other part of Doorward opens."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, Table, insert, select
from sqlalchemy.engine import Row

from doorward.adapters.stores.crowd.tables import intervals, line_counts, scenes, zone_occupancies
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.crowd.intervals import IntervalAggregate, LineCount, ZoneOccupancy

FILE_NAME = "crowd.db"
VERSIONS = "doorward.adapters.stores.crowd.versions"


def open_interval_store(site: Path) -> "SqliteIntervalStore":
    """The store of the site in this folder, made if missing; ``StorageError`` when it cannot be opened."""
    return SqliteIntervalStore(open_sqlite(site / FILE_NAME, VERSIONS))


class SqliteIntervalStore:
    """``IntervalStore`` over crowd.db."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, intervals: Sequence[IntervalAggregate]) -> None:
        with self._engine.begin() as connection:
            for interval in intervals:
                _add(connection, interval)

    def read(
        self, scene: str, start: datetime | None = None, end: datetime | None = None, limit: int = 10_000
    ) -> tuple[IntervalAggregate, ...]:
        query = select(intervals).join(scenes).where(scenes.c.name == scene)
        if start is not None:
            query = query.where(intervals.c.start >= start.timestamp())
        if end is not None:
            query = query.where(intervals.c.start < end.timestamp())
        query = query.order_by(intervals.c.start, intervals.c.id).limit(limit)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            ids = [row.id for row in rows]
            lines = _parts(connection, line_counts, ids)
            zones = _parts(connection, zone_occupancies, ids)
        return tuple(_interval(scene, row, lines[row.id], zones[row.id]) for row in rows)

    def scenes(self) -> tuple[str, ...]:
        with self._engine.connect() as connection:
            return tuple(connection.execute(select(scenes.c.name).order_by(scenes.c.name)).scalars())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._engine.dispose()


def _add(connection: Connection, interval: IntervalAggregate) -> None:
    row = {
        "scene": _scene_id(connection, interval.scene),
        "start": int(interval.start.timestamp()),
        "coverage": interval.coverage,
        "method": interval.method,
    }
    key = connection.execute(insert(intervals).values(row)).inserted_primary_key
    interval_id = key[0] if key else None
    lines = [
        {"interval": interval_id, "position": i, "line": line.id, "inward": line.inward, "outward": line.outward}
        for i, line in enumerate(interval.lines)
    ]
    zones = [
        {
            "interval": interval_id,
            "position": i,
            "zone": zone.id,
            "mean": zone.mean,
            "least": zone.least,
            "most": zone.most,
            "p95": zone.p95,
        }
        for i, zone in enumerate(interval.zones)
    ]
    if lines:
        connection.execute(insert(line_counts), lines)
    if zones:
        connection.execute(insert(zone_occupancies), zones)


def _scene_id(connection: Connection, name: str) -> int:
    known = connection.execute(select(scenes.c.id).where(scenes.c.name == name)).scalar()
    if known is not None:
        return int(known)
    key = connection.execute(insert(scenes).values(name=name)).inserted_primary_key
    return int(key[0]) if key else 0


def _parts(connection: Connection, table: Table, ids: list[int]) -> defaultdict[int, list[Row[tuple[object, ...]]]]:
    """The rows of ``table`` for these intervals, by interval, in the scene's order."""
    found: defaultdict[int, list[Row[tuple[object, ...]]]] = defaultdict(list)
    for first in range(0, len(ids), 500):
        some = table.c.interval.in_(ids[first : first + 500])
        for row in connection.execute(select(table).where(some).order_by(table.c.interval, table.c.position)):
            found[row.interval].append(row)
    return found


def _interval(
    scene: str,
    row: Row[tuple[object, ...]],
    lines: list[Row[tuple[object, ...]]],
    zones: list[Row[tuple[object, ...]]],
) -> IntervalAggregate:
    return IntervalAggregate(
        scene,
        datetime.fromtimestamp(row.start, UTC),
        row.coverage,
        row.method,
        tuple(LineCount(line.line, line.inward, line.outward) for line in lines),
        tuple(ZoneOccupancy(zone.zone, zone.mean, zone.least, zone.most, zone.p95) for zone in zones),
    )
