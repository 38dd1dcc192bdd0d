"""The ledger of what was published, in crowd.db."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore
from doorward.adapters.stores.crowd.opening import open_crowd
from doorward.adapters.stores.crowd.tables import released_counts, releases
from doorward.adapters.stores.database import in_one_transaction, writing
from doorward.crowd.contributions import Metric, Tallied
from doorward.crowd.releases import NoisedCount, Release
from doorward.errors import Conflict


def open_release_ledger(site: Path, store: str | None = None) -> "SqlReleaseLedger":
    """The ledger of the site in this folder; ``StorageError`` when it cannot be opened.

    ``store``: the URL of the PostgreSQL database that it is in; ``None`` for crowd.db.
    """
    return SqlReleaseLedger(open_crowd(site, store))


def releases_beside(intervals: SqlIntervalStore) -> "SqlReleaseLedger":
    """The ledger in the file of ``intervals``, which closes it."""
    return SqlReleaseLedger(intervals.engine)


class SqlReleaseLedger:
    """``ReleaseLedger`` over crowd.db or PostgreSQL, synced before anything is published."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def alone(self) -> AbstractContextManager[None]:
        return in_one_transaction(self._engine)

    def read(self, scene: str, metric: Metric, start: datetime, end: datetime) -> tuple[Release, ...]:
        query = (
            select(releases)
            .where(releases.c.scene == scene, releases.c.metric == metric.value)
            .where(releases.c.start < end.timestamp(), releases.c.start + releases.c.seconds > start.timestamp())
            .order_by(releases.c.start, releases.c.seconds)
        )
        with writing(self._engine) as connection:
            return tuple(
                Release(
                    scene,
                    metric,
                    datetime.fromtimestamp(row.start, UTC),
                    row.seconds,
                    row.epsilon,
                    row.coverage,
                    _counts(connection, row.id, metric),
                )
                for row in connection.execute(query).all()
            )

    def add(self, releases: Sequence[Release]) -> None:
        try:
            with writing(self._engine) as connection:
                for release in releases:
                    _add(connection, release)
        except IntegrityError:
            raise Conflict("One of these intervals was published before; publish it again as it was.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._engine.dispose()


def _add(connection: Connection, release: Release) -> None:
    row = {
        "scene": release.scene,
        "metric": release.metric.value,
        "start": int(release.start.timestamp()),
        "seconds": release.seconds,
        "epsilon": release.epsilon,
        "coverage": release.coverage,
    }
    key = connection.execute(insert(releases).values(row)).inserted_primary_key
    number = key[0] if key else None
    if release.counts:
        connection.execute(
            insert(released_counts),
            [
                {"release": number, "position": place, "place": count.of.place, "way": count.of.way}
                | {"noised": count.noised}
                for place, count in enumerate(release.counts)
            ],
        )


def _counts(connection: Connection, release: int, metric: Metric) -> tuple[NoisedCount, ...]:
    query = select(released_counts).where(released_counts.c.release == release).order_by(released_counts.c.position)
    rows = connection.execute(query).all()
    return tuple(NoisedCount(Tallied(metric, row.place, row.way), row.noised) for row in rows)
