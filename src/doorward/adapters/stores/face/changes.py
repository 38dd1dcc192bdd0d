"""Who changed since when, so that a gallery in another process follows at once."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, func, insert, select

from doorward.adapters.stores.data_version import DataVersion
from doorward.adapters.stores.face.tables import changes
from doorward.kernel.ids import PersonId


def mark_changed(connection: Connection, person: PersonId) -> None:
    """Give ``person`` the newest revision, in the transaction that changed them."""
    revision = newest_revision(connection) + 1
    connection.execute(delete(changes).where(changes.c.person == person))
    connection.execute(insert(changes).values(person=person, revision=revision))


def newest_revision(connection: Connection) -> int:
    """0 when nothing ever changed."""
    return connection.execute(select(func.max(changes.c.revision))).scalar() or 0


class SqlChanges:
    """``Changes`` over data.db."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, revision: int) -> tuple[int, Sequence[PersonId]]:
        query = (
            select(changes.c.person, changes.c.revision)
            .where(changes.c.revision > revision)
            .order_by(changes.c.revision)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return (rows[-1].revision if rows else revision), [PersonId(row.person) for row in rows]


class WatchedChanges:
    """``Changes`` over data.db, quick where nothing was written since the last call; for one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._changes = SqlChanges(engine)
        self._written = DataVersion(engine)
        self._version = ""
        self._newest = -1

    def since(self, revision: int) -> tuple[int, Sequence[PersonId]]:
        # Asked for first: what is written in between is looked for again next time.
        version = self._written.now()
        if (version, revision) == (self._version, self._newest):
            return revision, []
        newest, changed = self._changes.since(revision)
        self._version, self._newest = version, newest
        return newest, changed

    def close(self) -> None:
        self._written.close()
