"""Passages in SQLite, sealed under hour and person, found by blind tags; counters beside them."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, Engine, case, delete, func, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.database import SQLITE, truncate_log, upsert, writing
from doorward.adapters.stores.face.hourly_counts import HourlyCounts
from doorward.adapters.stores.face.passage_hours import drop_hours, open_hours, rows_of_tags
from doorward.adapters.stores.face.passage_numbers import PassageNumbers, Whose
from doorward.adapters.stores.face.records import passage_from, passage_record
from doorward.adapters.stores.face.row_log import FIRST, RowChanges, writing_rows
from doorward.adapters.stores.face.tables import paces, passages, tallies
from doorward.audit.rows import GONE
from doorward.errors import Conflict, PersonUnknown, Tampered
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.passage import Counter, LatestPassages, Passage
from doorward.vault.passages import PassageSealer, SealedPassage, Unsealed
from doorward.vault.vault import Cell, Vault, epoch_of

# The driver's own statements: many passages at once, and the toolkit's cost more than the sealing.
_ADD = "INSERT INTO passages (id, epoch, tag, record) VALUES (?, ?, ?, ?)"
_ADD_AT_ONCE = (
    "INSERT INTO passages (id, epoch, tag, record) SELECT * FROM unnest(?::text[], ?::text[], ?::bytea[], ?::bytea[])"
)
_SAVEPOINT, _BACK = "SAVEPOINT numbered", "ROLLBACK TO SAVEPOINT numbered"
_RECORDED = "SELECT id FROM passages WHERE id IN (SELECT value FROM json_each(?))"
_BEING_ERASED = "SELECT person FROM erasures WHERE done = 0"


_TAGS = 32
"""Tags of one person and hour that are looked for at once."""

_TOGETHER = 500
"""Tags of as many people that one question asks for."""


class SqlPassageStore:
    """``PassageStore`` over data.db. A row tells its hour and nothing else."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._numbers = PassageNumbers()
        self._hourly = HourlyCounts(vault)

    def add(self, passage: Passage) -> None:
        if self.add_many([passage]):
            return
        if not self._vault.knows(passage.person):
            raise PersonUnknown("No such person is known here; `doorward people list` shows who is.")
        raise Conflict("That passage is recorded already, or its hour was dropped.")

    def add_many(self, passages: Sequence[Passage]) -> Sequence[PassageId]:
        self.open_hours(passages)
        with writing_rows(self._engine, self._vault) as (connection, changed):
            return self.add_within(connection, changed, passages)

    def open_hours(self, passages: Sequence[Passage]) -> None:
        """Make the keys of their hours: before the transaction, for they lie in another file."""
        for hour in {epoch_of(passage.at) for passage in passages}:
            self._vault.open_epoch(hour)

    def add_within(
        self, connection: Connection, changed: RowChanges, passages: Sequence[Passage]
    ) -> Sequence[PassageId]:
        """``add_many`` in the caller's transaction, after ``open_hours``."""
        new = _new(connection, passages)
        # Sealed within the transaction: a renewal of a key then passes no row by.
        sealer = self._vault.passage_sealer({whose for _, whose in new})
        known = [(passage, whose) for passage, whose in new if sealer.knows(*whose)]
        if not known:
            return []
        self._numbers.look(connection)
        open_hours(connection, {epoch for _, (epoch, _) in known})
        numbers = self._numbers.following(connection, [whose for _, whose in known], sealer.tag)
        unsealed = [
            Unsealed(passage.id, *whose, number, passage_record(passage))
            for (passage, whose), number in zip(known, numbers, strict=True)
        ]
        sealed = list(sealer.seal(unsealed))
        self._insert(connection, unsealed, sealed, sealer)
        for one in sealed:
            changed.standing(one.name, FIRST, one.key)
        self._hourly.add_within(connection, [passage for passage, _ in known])
        return [PassageId(one.row) for one in unsealed]

    def of(self, person: PersonId) -> Sequence[Passage]:
        if not self._vault.knows(person):
            return []
        found: list[Passage] = []
        for epoch, rows in groupby(self._rows(person), key=lambda row: str(row.epoch)):
            found += self._read(epoch, person, rows)
        return sorted(found, key=lambda passage: passage.at)

    def latest_at(
        self, people: Collection[PersonId], checkpoints: Collection[CheckpointId], since: datetime
    ) -> LatestPassages:
        found: dict[PersonId, Passage] = {}
        damaged: set[PersonId] = set()
        left = [person for person in people if self._is_known(person, damaged)]
        for epoch in sorted(self._vault.epochs(), reverse=True):
            if epoch < epoch_of(since):
                break
            try:
                of_hour = self._of_hour(epoch, left)
            except Tampered:  # the hour's key does not open: whoever has nothing later may have come or gone then
                damaged.update(left)
                break
            for person, rows in of_hour.items():
                try:
                    held = self._read(epoch, person, rows)
                except Tampered:
                    damaged.add(person)
                    continue
                counting = [one for one in held if one.checkpoint in checkpoints and one.at >= since]
                if counting:
                    found[person] = max(counting, key=lambda one: one.at)
            left = [person for person in left if person not in found and person not in damaged]
        return LatestPassages(found, frozenset(damaged))

    def remove_all(self, person: PersonId) -> None:
        """Delete the person's passages while their key can still find them."""
        rows = [(row.id, row.epoch) for row in self._rows(person)]
        with writing_rows(self._engine, self._vault) as (connection, changed):
            for passage, epoch in rows:
                connection.execute(delete(passages).where(passages.c.id == passage))
                changed.passage(passage, epoch, person, GONE)

    def drop_before(self, moment: datetime) -> None:
        self._vault.forget_passage_keys()
        oldest_kept = epoch_of(moment)
        for epoch in self._vault.epochs():
            if epoch < oldest_kept:
                self._vault.drop_epoch(epoch)
        if drop_hours(self._engine, oldest_kept):
            truncate_log(self._engine)

    def count(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(passages)).scalar_one()

    def hourly(self, begin: datetime, end: datetime) -> Mapping[tuple[datetime, CheckpointId], int]:
        with self._engine.connect() as connection:
            return self._hourly.between(connection, begin, end)

    def drop_hourly_before(self, moment: datetime) -> None:
        with writing(self._engine) as connection:
            self._hourly.drop_within(connection, moment)

    def tally(self, checkpoint: CheckpointId, counter: Counter) -> None:
        with writing(self._engine) as connection:
            self.tally_within(connection, {(checkpoint, counter): 1})

    def tally_within(self, connection: Connection, counts: Mapping[tuple[CheckpointId, Counter], int]) -> None:
        """Add to the counters in the caller's transaction."""
        for (checkpoint, counter), count in counts.items():
            first = upsert(connection, tallies).values(checkpoint=checkpoint, counter=counter.value, count=count)
            sum_of_both = {"count": tallies.c.count + first.excluded["count"]}
            connection.execute(first.on_conflict_do_update(index_elements=["checkpoint", "counter"], set_=sum_of_both))

    def tallies(self, checkpoint: CheckpointId) -> Mapping[Counter, int]:
        query = select(tallies.c.counter, tallies.c.count.label("counted")).where(tallies.c.checkpoint == checkpoint)
        with self._engine.connect() as connection:
            held = {Counter(row.counter): row.counted for row in connection.execute(query)}
        return {counter: held.get(counter, 0) for counter in Counter}

    def _insert(
        self,
        connection: Connection,
        unsealed: Sequence[Unsealed],
        sealed: Sequence[SealedPassage],
        sealer: PassageSealer,
    ) -> None:
        """Write the rows; once more, with numbers looked for anew, when somebody else took one of them meanwhile."""
        tags = [one.tag for one in sealed]
        try:
            connection.exec_driver_sql(_SAVEPOINT)
            _write(connection, unsealed, sealed, tags)
        except IntegrityError:
            connection.exec_driver_sql(_BACK)
            whose = [(one.epoch, one.person) for one in unsealed]
            numbers = self._numbers.sought(connection, whose, sealer.tag)
            tags = [sealer.tag(*one, number) for one, number in zip(whose, numbers, strict=True)]
            _write(connection, unsealed, sealed, tags)
        self._numbers.written(tags[-1])

    def _of_hour(self, epoch: str, people: Sequence[PersonId]) -> Mapping[PersonId, list[Row[tuple[object, ...]]]]:
        """Rows of many people in one hour: a tag of each is looked for, then the next of those who have that one."""
        tag_of, number = self._vault.tagger(epoch), 0
        found: dict[PersonId, list[Row[tuple[object, ...]]]] = {}
        asked = list(people) if tag_of is not None else []
        with self._engine.connect() as connection:
            while tag_of is not None and asked:
                whose = {tag_of(person, number): person for person in asked}
                tags, asked, number = list(whose), [], number + 1
                for begin in range(0, len(tags), _TOGETHER):
                    some = passages.c.tag.in_(tags[begin : begin + _TOGETHER])
                    for row in connection.execute(select(passages).where(some)):
                        person = whose[row.tag]
                        found.setdefault(person, []).append(row)
                        asked.append(person)
        return found

    def _is_known(self, person: PersonId, damaged: set[PersonId]) -> bool:
        """Whose key does not open is added to ``damaged``."""
        try:
            return self._vault.knows(person)
        except Tampered:
            damaged.add(person)
            return False

    def _read(self, epoch: str, person: PersonId, rows: Iterable[Row[tuple[object, ...]]]) -> Sequence[Passage]:
        """Nothing when the hour was dropped; ``Tampered`` when a record does not open."""
        opened = self._opener(epoch, person)
        if opened is None:
            return []
        return [passage_from(PassageId(row.id), person, opened(_cell(row.id), row.record)) for row in rows]

    def _opener(self, epoch: str, person: PersonId) -> Callable[[Cell, bytes], bytes] | None:
        """``None`` when the hour was dropped or the person erased, be it since their rows were found."""
        try:
            return self._vault.opener_for_epoch(epoch, person)
        except PersonUnknown:
            return None

    def _rows(self, person: PersonId) -> Iterator[Row[tuple[object, ...]]]:
        with self._engine.connect() as connection:
            for epoch in sorted(self._vault.epochs()):
                tag_of, number = self._vault.tagger(epoch), 0
                while tag_of is not None:
                    tags = [tag_of(person, one) for one in range(number, number + _TAGS)]
                    rows = rows_of_tags(connection, "id, epoch, tag, record", epoch, tags)
                    found = {row.tag: row for row in rows}
                    yield from (found[tag] for tag in tags if tag in found)
                    if len(found) < _TAGS:
                        break
                    number += _TAGS


class SqlPaceStore:
    """``PaceStore`` over data.db: one row a checkpoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, checkpoint: str, minute: str) -> int:
        same_minute = paces.c.minute == minute
        with writing(self._engine) as connection:
            first = upsert(connection, paces).values(checkpoint=checkpoint, minute=minute, count=1)
            one = first.on_conflict_do_update(
                index_elements=["checkpoint"],
                set_={"minute": minute, "count": case((same_minute, paces.c["count"] + 1), else_=1)},
            ).returning(paces.c["count"])
            return int(connection.execute(one).scalar_one())


def _new(connection: Connection, passages: Sequence[Passage]) -> Sequence[tuple[Passage, Whose]]:
    """Those that are not recorded, each once, without those of people whose erasure has begun."""
    ids = json.dumps([passage.id for passage in passages])
    recorded = {row[0] for row in connection.exec_driver_sql(_RECORDED, (ids,))}
    erased = {row[0] for row in connection.exec_driver_sql(_BEING_ERASED)}
    each = {passage.id: passage for passage in passages}
    return [
        (one, (epoch_of(one.at), one.person))
        for one in each.values()
        if one.id not in recorded and one.person not in erased
    ]


def _write(
    connection: Connection, unsealed: Sequence[Unsealed], sealed: Sequence[SealedPassage], tags: Sequence[bytes]
) -> None:
    rows = [(row.row, row.epoch, tag, one.record) for row, one, tag in zip(unsealed, sealed, tags, strict=True)]
    if connection.dialect.name == SQLITE:
        connection.exec_driver_sql(_ADD, rows)
    else:
        connection.exec_driver_sql(_ADD_AT_ONCE, tuple(map(list, zip(*rows, strict=True))))


def _cell(passage: str) -> Cell:
    return Cell("passages", "record", passage)
