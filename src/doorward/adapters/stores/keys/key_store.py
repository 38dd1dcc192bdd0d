"""The key store in SQLite, with deletions that leave no remnant."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.keys.tables import blind_index, keys
from doorward.adapters.stores.sqlite import truncate_log
from doorward.errors import Conflict, Tampered
from doorward.kernel.ids import PersonId
from doorward.vault.ports import KeyKind, WrappedKey


class SqliteKeyStore:
    """``KeyStore`` over keys.db. Needs ``secure_delete`` on, which ``open_sqlite`` sets."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, key: WrappedKey) -> None:
        row = {
            "id": key.id,
            "kind": key.kind.value,
            "owner": key.owner,
            "version": key.version,
            "created_at": key.created_at.isoformat(),
            "wrapped": key.wrapped,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(keys).values(row))
        except IntegrityError:
            raise Conflict("That key exists already.") from None

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None:
        query = (
            select(keys)
            .where(keys.c.kind == kind.value, keys.c.owner == owner)
            .order_by(keys.c.version.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _key(row)

    def all(self, kind: KeyKind) -> Iterator[WrappedKey]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(keys).where(keys.c.kind == kind.value)).all()
        return iter([_key(row) for row in rows])

    def destroy(self, kind: KeyKind, owner: str) -> None:
        of_owner = (keys.c.kind == kind.value) & (keys.c.owner == owner)
        with self._engine.begin() as connection:
            connection.execute(update(keys).where(of_owner).values(wrapped=b""))
            connection.execute(delete(keys).where(of_owner))
        truncate_log(self._engine)

    def index(self, kind: str, tag: bytes, person: PersonId) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(blind_index).values(kind=kind, tag=tag, person=person))
        except IntegrityError:
            if self.find(kind, tag) != person:
                raise Conflict(f"Another person holds that {kind} number; check it, or find their record.") from None

    def find(self, kind: str, tag: bytes) -> PersonId | None:
        query = select(blind_index.c.person).where(blind_index.c.kind == kind, blind_index.c.tag == tag)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else PersonId(found)

    def unindex(self, person: PersonId, kind: str | None = None) -> None:
        entries = blind_index.c.person == person
        if kind is not None:
            entries &= blind_index.c.kind == kind
        with self._engine.begin() as connection:
            connection.execute(delete(blind_index).where(entries))
        truncate_log(self._engine)


def _key(row: Row[tuple[object, ...]]) -> WrappedKey:
    try:
        created_at = datetime.fromisoformat(row.created_at)
    except (TypeError, ValueError):
        raise Tampered("A key in keys.db has no date: the file was altered; restore keys.db.") from None
    return WrappedKey(row.id, KeyKind(row.kind), row.owner, row.version, created_at, row.wrapped)
