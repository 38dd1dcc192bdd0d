"""Passages in SQLite, sealed under hour and person, found by blind tags; counters beside them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.face.records import passage_from, passage_record
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.adapters.stores.face.tables import paces, passages, tallies
from doorward.adapters.stores.sqlite import truncate_log, writing
from doorward.audit.rows import GONE
from doorward.errors import Conflict
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.passage import Counter, Passage
from doorward.vault.vault import Cell, Vault, epoch_of


class SqlitePassageStore:
    """``PassageStore`` over data.db. A row tells its hour and nothing else."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._next: dict[tuple[str, PersonId], int] = {}

    def add(self, passage: Passage) -> None:
        epoch = epoch_of(passage.at)
        self._vault.open_epoch(epoch)
        while True:
            number = self._next.get((epoch, passage.person), 0)
            try:
                # Sealed within: a renewal of the key then passes no row by.
                with writing_rows(self._engine, self._vault) as (connection, changed):
                    if number and not self._is_taken(connection, epoch, passage.person, number - 1):
                        number = 0  # a withdrawal took the person's passages away: counting up begins anew
                    sealed = self._vault.seal_for_epoch(
                        _cell(passage.id), epoch, passage.person, passage_record(passage)
                    )
                    tag = self._vault.epoch_tag(epoch, passage.person, number)
                    connection.execute(insert(passages).values(id=passage.id, epoch=epoch, tag=tag, record=sealed))
                    changed.passage(passage.id, epoch, passage.person)
            except IntegrityError:  # that number was taken before this process began, or by another
                if self._row(epoch, passage.person, number) is None:
                    raise Conflict("That passage is recorded already, or its hour was dropped.") from None
                self._next[(epoch, passage.person)] = number + 1
            else:
                self._next[(epoch, passage.person)] = number + 1
                return

    def of(self, person: PersonId) -> Sequence[Passage]:
        if not self._vault.knows(person):
            return []
        found = []
        for row in self._rows(person):
            record = self._vault.open_for_epoch(_cell(row.id), row.epoch, person, row.record)
            if record is not None:
                found.append(passage_from(PassageId(row.id), person, record))
        return sorted(found, key=lambda passage: passage.at)

    def remove_all(self, person: PersonId) -> None:
        """Delete the person's passages while their key can still find them."""
        rows = [(row.id, row.epoch) for row in self._rows(person)]
        with writing_rows(self._engine, self._vault) as (connection, changed):
            for passage, epoch in rows:
                connection.execute(delete(passages).where(passages.c.id == passage))
                changed.passage(passage, epoch, person, GONE)

    def drop_before(self, moment: datetime) -> None:
        oldest_kept = epoch_of(moment)
        for epoch in self._vault.epochs():
            if epoch < oldest_kept:
                self._vault.drop_epoch(epoch)
        with writing(self._engine) as connection:
            gone = connection.execute(delete(passages).where(passages.c.epoch < oldest_kept)).rowcount
        if gone:
            truncate_log(self._engine)

    def count(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(passages)).scalar_one()

    def tally(self, checkpoint: CheckpointId, counter: Counter) -> None:
        add_one = upsert(tallies).values(checkpoint=checkpoint, counter=counter.value, count=1)
        add_one = add_one.on_conflict_do_update(
            index_elements=["checkpoint", "counter"], set_={"count": tallies.c.count + 1}
        )
        with writing(self._engine) as connection:
            connection.execute(add_one)

    def tallies(self, checkpoint: CheckpointId) -> Mapping[Counter, int]:
        query = select(tallies.c.counter, tallies.c.count.label("counted")).where(tallies.c.checkpoint == checkpoint)
        with self._engine.connect() as connection:
            held = {Counter(row.counter): row.counted for row in connection.execute(query)}
        return {counter: held.get(counter, 0) for counter in Counter}

    def _is_taken(self, connection: Connection, epoch: str, person: PersonId, number: int) -> bool:
        tag = self._vault.epoch_tag(epoch, person, number)
        return connection.execute(select(passages.c.id).where(passages.c.tag == tag)).first() is not None

    def _rows(self, person: PersonId) -> Iterator[Row[tuple[object, ...]]]:
        for epoch in sorted(self._vault.epochs()):
            number = 0
            while row := self._row(epoch, person, number):
                yield row
                number += 1

    def _row(self, epoch: str, person: PersonId, number: int) -> Row[tuple[object, ...]] | None:
        tag = self._vault.epoch_tag(epoch, person, number)
        with self._engine.connect() as connection:
            return connection.execute(select(passages).where(passages.c.tag == tag)).first()


class SqlitePaceStore:
    """``PaceStore`` over data.db: one row a checkpoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, checkpoint: str, minute: str) -> int:
        first = upsert(paces).values(checkpoint=checkpoint, minute=minute, count=1)
        same_minute = paces.c.minute == minute
        one = first.on_conflict_do_update(
            index_elements=["checkpoint"],
            set_={"minute": minute, "count": func.iif(same_minute, paces.c.count + 1, 1)},
        ).returning(paces.c.count)
        with writing(self._engine) as connection:
            return int(connection.execute(one).scalar_one())


def _cell(passage: str) -> Cell:
    return Cell("passages", "record", passage)
