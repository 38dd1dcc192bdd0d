"""The blind index in keys.db: who holds a unique number, found by a keyed tag of it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.database import truncate_log
from doorward.adapters.stores.keys.tables import blind_index
from doorward.errors import Conflict
from doorward.kernel.ids import PersonId


class BlindIndex:
    """The index half of ``KeyStore``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def index(self, kind: str, tag: bytes, person: PersonId, version: int = 1) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(blind_index).values(kind=kind, tag=tag, person=person, version=version))
        except IntegrityError:
            if self.find(kind, tag) != person:
                raise Conflict(f"Another person holds that {kind} number; check it, or find their record.") from None

    def find(self, kind: str, tag: bytes) -> PersonId | None:
        query = select(blind_index.c.person).where(blind_index.c.kind == kind, blind_index.c.tag == tag)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else PersonId(found)

    def find_many(self, kind: str, tags: Sequence[bytes]) -> Mapping[bytes, PersonId]:
        query = select(blind_index.c.tag, blind_index.c.person)
        query = query.where(blind_index.c.kind == kind, blind_index.c.tag.in_(tags))
        with self._engine.connect() as connection:
            return {row.tag: PersonId(row.person) for row in connection.execute(query)}

    def unindex(self, person: PersonId, kind: str | None = None, but: Sequence[bytes] = ()) -> None:
        entries = (blind_index.c.person == person) & blind_index.c.tag.not_in(but)
        if kind is not None:
            entries &= blind_index.c.kind == kind
        with self._engine.begin() as connection:
            removed = connection.execute(delete(blind_index).where(entries)).rowcount
        if removed or kind is None:
            truncate_log(self._engine)

    def unindex_before(self, version: int) -> None:
        older = blind_index.c.version < version
        with self._engine.begin() as connection:
            connection.execute(update(blind_index).where(older).values(person=""))
            connection.execute(delete(blind_index).where(older))
        truncate_log(self._engine)
