"""The key store in SQLite, with deletions that leave no remnant."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.data_version import DataVersion
from doorward.adapters.stores.database import driver_rows, truncate_log, widen_cache, writing
from doorward.adapters.stores.keys.blind_index import BlindIndex
from doorward.adapters.stores.keys.remnants import confirm_gone, rebuild
from doorward.adapters.stores.keys.tables import keys
from doorward.errors import Conflict, KeyRenewed, Tampered
from doorward.kernel.ids import PersonId
from doorward.vault.ports import IndexEntry, KeyCount, KeyKind, KeyState, WrappedKey

# For many rows, and for what every seal asks, the driver's own statements: the toolkit's cost more than the sealing.
_COLUMNS = "id, kind, owner, version, created_at, wrapped, state, wrapped_by"
_ADD_KEY = f"INSERT INTO keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - nothing from outside
_ADD_TAG = "INSERT INTO blind_index (kind, tag, person, version) VALUES (?, ?, ?, ?)"
_OF_OWNERS = (
    "SELECT id, owner, version, created_at, wrapped, state, wrapped_by FROM keys "
    "WHERE kind = ? AND owner IN (SELECT value FROM json_each(?))"
)
_OF_THEM = "FROM keys WHERE kind = ? AND owner IN (SELECT value FROM json_each(?))"
_WRAPS_OF = f"SELECT wrapped {_OF_THEM}"
_EMPTY_OF = "UPDATE keys SET wrapped = x'' WHERE kind = ? AND owner IN (SELECT value FROM json_each(?))"
_DELETE_OF = f"DELETE {_OF_THEM}"
_UNINDEX = "DELETE FROM blind_index WHERE person IN (SELECT value FROM json_each(?))"
_VERSIONS = f"SELECT {_COLUMNS} FROM keys WHERE kind = ? AND owner = ? ORDER BY version DESC"  # noqa: S608 - as above


class SqliteKeyStore(BlindIndex):
    """``KeyStore`` over keys.db. Needs ``secure_delete`` on, which ``open_sqlite`` sets."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine
        self._written = DataVersion(engine)

    def revision(self) -> str:
        return self._written.now()

    def add(self, key: WrappedKey) -> None:
        with writing(self._engine) as connection:
            _insert(connection, key)

    def add_many(self, many: Sequence[WrappedKey], entries: Sequence[IndexEntry] = ()) -> None:
        tags = [(entry.kind, entry.tag, entry.person, entry.version) for entry in entries]
        with writing(self._engine) as connection:
            widen_cache(connection)
            newest = _newest_site_version(connection)
            if any(newest is not None and key.wrapped_by != newest for key in many):
                raise KeyRenewed("The site key was renewed in the meantime; try again.")
            try:
                for statement, rows in ((_ADD_KEY, [_cells(key) for key in many]), (_ADD_TAG, tags)):
                    if rows:
                        connection.exec_driver_sql(statement, rows)
            except IntegrityError:
                raise Conflict("One of those people, or one of their numbers, is known already.") from None

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None:
        rows = driver_rows(self._engine, f"{_VERSIONS} LIMIT 1", (kind.value, owner))
        return _key(*rows[0]) if rows else None

    def versions(self, kind: KeyKind, owner: str) -> Sequence[WrappedKey]:
        return [_key(*row) for row in driver_rows(self._engine, _VERSIONS, (kind.value, owner))]

    def of_owners(self, kind: KeyKind, owners: Sequence[str]) -> Iterator[WrappedKey]:
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(_OF_OWNERS, (kind.value, json.dumps(owners))).cursor.fetchall()
        for key_id, owner, version, created_at, wrapped, state, wrapped_by in rows:
            yield _key(key_id, kind.value, owner, version, created_at, wrapped, state, wrapped_by)

    def all(self, kind: KeyKind) -> Iterator[WrappedKey]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(keys).where(keys.c.kind == kind.value)).all()
        return iter([_key(*row) for row in rows])

    def succeed(self, key: WrappedKey, beside: WrappedKey | None = None) -> None:
        with writing(self._engine) as connection:
            newest = select(func.max(keys.c.version)).where(_of(key.kind, key.owner))
            if connection.execute(newest).scalar() != key.version - 1:
                raise Conflict("That key was renewed or destroyed by another process.")
            _mark(connection, key, KeyState.RETIRING)
            _insert(connection, key)
            if beside is not None:
                _insert(connection, beside)

    def mark_older(self, newest: WrappedKey, state: KeyState) -> None:
        with writing(self._engine) as connection:
            _mark(connection, newest, state)

    def destroy_older(self, newest: WrappedKey) -> None:
        older = _of(newest.kind, newest.owner) & (keys.c.version < newest.version)
        with writing(self._engine) as connection:
            if newest.kind is KeyKind.SITE and _count_wrapped_before(connection, newest.version):
                raise Conflict("An older site key still wraps keys; renew their wraps first.")
            _shred(connection, older)
        truncate_log(self._engine)

    def owners_in(self, kind: KeyKind, state: KeyState) -> Sequence[str]:
        query = select(keys.c.owner).distinct().where(keys.c.kind == kind.value, keys.c.state == state.value)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def wrapped_before(self, version: int, limit: int) -> Sequence[WrappedKey]:
        query = select(keys).where(_wrapped_before(version)).limit(limit)
        with self._engine.connect() as connection:
            return [_key(*row) for row in connection.execute(query)]

    def count_wrapped_before(self, version: int) -> int:
        with self._engine.connect() as connection:
            return _count_wrapped_before(connection, version)

    def rewrap(self, batch: Sequence[WrappedKey]) -> None:
        if not batch:
            return
        renewed = update(keys).where(keys.c.id == bindparam("of"))
        renewed = renewed.values(wrapped=bindparam("wrap"), wrapped_by=bindparam("by"))
        rows = [{"of": key.id, "wrap": key.wrapped, "by": key.wrapped_by} for key in batch]
        with writing(self._engine) as connection:
            connection.execute(renewed, rows)

    def replace(self, kind: KeyKind, owner: str, replacements: Sequence[WrappedKey]) -> None:
        with writing(self._engine) as connection:
            _shred(connection, _of(kind, owner))
            for key in replacements:
                _insert(connection, key)
        truncate_log(self._engine)

    def destroy(self, kind: KeyKind, owner: str) -> Sequence[bytes]:
        with writing(self._engine) as connection:
            wraps = connection.execute(select(keys.c.wrapped).where(_of(kind, owner))).scalars().all()
            _shred(connection, _of(kind, owner))
        truncate_log(self._engine)
        return wraps

    def destroy_many(self, kinds: Sequence[KeyKind], people: Sequence[PersonId]) -> Sequence[bytes]:
        owners = json.dumps(list(people))
        wraps: list[bytes] = []
        with writing(self._engine) as connection:
            for kind in kinds:
                wraps += connection.exec_driver_sql(_WRAPS_OF, (kind.value, owners)).scalars().all()
                for statement in (_EMPTY_OF, _DELETE_OF):
                    connection.exec_driver_sql(statement, (kind.value, owners))
            connection.exec_driver_sql(_UNINDEX, (owners,))
        truncate_log(self._engine)
        return wraps

    def confirm_gone(self, wraps: Sequence[bytes]) -> None:
        if wraps:
            confirm_gone(self._engine, wraps)
        else:
            rebuild(self._engine)

    def inventory(self) -> Sequence[KeyCount]:
        grouped = (keys.c.kind, keys.c.version, keys.c.state, keys.c.wrapped_by)
        query = select(*grouped, func.count().label("held"), func.min(keys.c.created_at).label("oldest"))
        with self._engine.connect() as connection:
            rows = connection.execute(query.group_by(*grouped).order_by(*grouped)).all()
        return [
            KeyCount(KeyKind(row.kind), row.version, KeyState(row.state), row.wrapped_by, row.held, _moment(row.oldest))
            for row in rows
        ]


def _of(kind: KeyKind, owner: str) -> ColumnElement[bool]:
    return (keys.c.kind == kind.value) & (keys.c.owner == owner)


def _wrapped_before(version: int) -> ColumnElement[bool]:
    return (keys.c.wrapped_by < version) & (keys.c.kind != KeyKind.SITE.value)


def _count_wrapped_before(connection: Connection, version: int) -> int:
    return connection.execute(select(func.count()).select_from(keys).where(_wrapped_before(version))).scalar_one()


def _mark(connection: Connection, newest: WrappedKey, state: KeyState) -> None:
    older = _of(newest.kind, newest.owner) & (keys.c.version < newest.version)
    connection.execute(update(keys).where(older).values(state=state.value))


def _shred(connection: Connection, which: ColumnElement[bool]) -> None:
    connection.execute(update(keys).where(which).values(wrapped=b""))
    connection.execute(delete(keys).where(which))


def _insert(connection: Connection, key: WrappedKey) -> None:
    if key.kind is not KeyKind.SITE:
        newest = _newest_site_version(connection)
        if newest is not None and newest != key.wrapped_by:
            raise KeyRenewed("The site key was renewed in the meantime; try again.")
    try:
        connection.execute(insert(keys).values(_cells(key)))
    except IntegrityError:
        raise Conflict("That key exists already.") from None


def _newest_site_version(connection: Connection) -> int | None:
    return connection.execute(select(func.max(keys.c.version)).where(_of(KeyKind.SITE, ""))).scalar()


def _cells(key: WrappedKey) -> tuple[object, ...]:
    """In the order of the table's columns."""
    return (
        key.id,
        key.kind.value,
        key.owner,
        key.version,
        key.created_at.isoformat(),
        key.wrapped,
        key.state.value,
        key.wrapped_by,
    )


def _key(
    key_id: str, kind: str, owner: str, version: int, created_at: str, wrapped: bytes, state: str, wrapped_by: int
) -> WrappedKey:
    """From the table's columns in their order."""
    return WrappedKey(key_id, KeyKind(kind), owner, version, _moment(created_at), wrapped, KeyState(state), wrapped_by)


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise Tampered("A key in keys.db has no date: the file was altered; restore keys.db.") from None
