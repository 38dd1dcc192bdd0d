"""The deep check: every sealed record is opened at its place; keys, rows, index and log are held against each other."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Row

from doorward.adapters.stores.face.tables import consents, enrolments, grants, passages, persons
from doorward.adapters.stores.keys.remnants import left_in_free_space, overwrites
from doorward.adapters.stores.keys.tables import blind_index, keys
from doorward.errors import PersonUnknown, StorageError, Tampered, WitnessUnreachable
from doorward.kernel.ids import PersonId
from doorward.vault.bulk import BulkOpener
from doorward.vault.ports import KeyKind
from doorward.vault.vault import Cell
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.doctor.generations import check_generations, rows_not_compared
from doorward.wiring.doctor.people import ids_of
from doorward.wiring.face.site import Site

Progress = Callable[[int, int], None]

_AT_ONCE = 1_000
_MEND = "Find out who writes the databases, and restore the row from a backup."
_SEALED: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (persons, "id", ("record",)),
    (consents, "person", ("record",)),
    (enrolments, "person", ("record", "photo")),
)
"""Table, the column that names the person, and the sealed columns."""


@dataclass(slots=True)
class _Bar:
    """How far the check is."""

    progress: Progress
    total: int
    done: int = field(default=0)

    def step(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)


def check_sealed(site: Site, progress: Progress) -> Iterator[Finding]:
    """Moved, altered and truncated cells, keys without rows, rows without keys, index entries that match nobody."""
    bar = _Bar(progress, _total(site))
    for table, owner, columns in _SEALED:
        yield from _check_table(site, table, owner, columns, bar)
    yield from _check_grants(site, bar)
    if site.stores.keys_here is not None:
        yield from _check_keys(site)
        yield from _check_remnants(site)
        yield from _check_index(site, bar)
    yield from _check_passages(site, bar)
    log = list(_check_log(site))
    yield from log
    if any(found.severity is Severity.CRITICAL for found in log):
        yield rows_not_compared()
    else:
        yield from check_generations(site)


def _total(site: Site) -> int:
    with site.stores.data.connect() as connection:
        counts = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (persons, consents, enrolments, grants, passages, persons)
        )
        return sum(counts)


def _check_table(site: Site, table: Table, owner: str, columns: tuple[str, ...], bar: _Bar) -> Iterator[Finding]:
    """Rows are opened many at once; what does not open so is asked for singly, which tells what is wrong with it."""
    with site.stores.data.connect() as connection:
        for rows in connection.execution_options(yield_per=_AT_ONCE).execute(select(table)).partitions():
            opener = _opener(site, [getattr(row, owner) for row in rows])
            for row in rows:
                yield from _check_row(site, table, row, PersonId(getattr(row, owner)), columns, opener)
                bar.step()


def _opener(site: Site, people: Sequence[object]) -> BulkOpener | None:
    try:
        return site.stores.vault.opener([PersonId(person) for person in people if isinstance(person, str)])
    except Tampered:  # one of their keys does not open
        return None


def _check_row(
    site: Site, table: Table, row: Row[Any], person: PersonId, columns: tuple[str, ...], opener: BulkOpener | None
) -> Iterator[Finding]:
    for column in columns:
        sealed = getattr(row, column)
        generation = row.generation if column == "record" else 1
        if sealed is None or (opener and opener.open(table.name, column, row.id, person, generation, sealed)):
            continue
        try:
            site.stores.vault.open_for_person(Cell(table.name, column, row.id, generation), person, sealed)
        except Tampered:
            yield _does_not_open(f"{table.name}, row {row.id}, column {column}")
        except PersonUnknown:
            yield _without_key(f"{table.name}, row {row.id}")
            break


def _check_grants(site: Site, bar: _Bar) -> Iterator[Finding]:
    with site.stores.data.connect() as connection:
        rows = connection.execute(select(grants)).all()
    for row in rows:
        try:
            site.stores.vault.check(
                Cell("grants", row.kind, row.id, row.generation), str(row.payload).encode(), row.mac
            )
        except Tampered:
            yield Finding(
                "grant-forged",
                Severity.CRITICAL,
                f"Table grants, row {row.kind} {row.id}, was not written by this site.",
                "Such a row is how somebody who writes the database would give themselves a token or open a door.",
                "Find out who writes the databases, and remove the row.",
            )
        bar.step()


def _check_keys(site: Site) -> Iterator[Finding]:
    with site.stores.keys.connect() as connection:
        owners = connection.execute(select(keys.c.owner).where(keys.c.kind == KeyKind.PERSON.value)).scalars().all()
    for owner in sorted(set(owners) - set(ids_of(site))):
        yield Finding(
            "key-without-row",
            Severity.WARNING,
            f"Table keys has a key of person {owner}, and table persons has no such row.",
            "Either adding them was interrupted, or somebody deleted them past Doorward, and their key lives on.",
            "Restore the row from a backup, or destroy the key by erasing them.",
        )


def _check_remnants(site: Site) -> Iterator[Finding]:
    """What is left of deleted keys in keys.db: SQLite is told to overwrite them."""
    mend = "Stop all that uses the site, and write the file anew: sqlite3 keys/keys.db VACUUM"
    why = "Who has the site key and finds a destroyed key there reads what the person it belonged to was told is gone."
    if not overwrites(site.stores.keys):
        yield Finding(
            "keys-not-overwritten",
            Severity.CRITICAL,
            "SQLite does not overwrite what it deletes in keys.db: this build of it ignores secure_delete.",
            why,
            "Use another build of SQLite, then: sqlite3 keys/keys.db VACUUM",
        )
    try:
        left = left_in_free_space(site.stores.keys)
    except StorageError as busy:
        yield Finding("key-remnants", Severity.WARNING, busy.message, "Destroyed keys could be left there.", mend)
        return
    if left:
        what = f"{left} bytes of deleted rows are left in the free space of keys.db."
        yield Finding("key-remnants", Severity.WARNING, what, why, mend)


def _check_index(site: Site, bar: _Bar) -> Iterator[Finding]:
    with site.stores.keys.connect() as connection:
        columns = (blind_index.c.kind, blind_index.c.person, blind_index.c.version)
        rows = Counter(tuple(row) for row in connection.execute(select(*columns)))
    entries = {(str(kind), PersonId(person)): count for (kind, person, _), count in sorted(rows.items())}
    wanted: set[tuple[str, PersonId]] = set()
    for person in ids_of(site):
        try:
            numbers = site.stores.people.get(person).identifiers()
        except (Tampered, PersonUnknown):  # named above; what the index should hold of them nobody can say
            wanted |= {entry for entry in entries if entry[1] == person}
            numbers = {}
        for identifier, number in numbers.items():
            wanted.add((identifier.value, person))
            if site.stores.vault.look_up(identifier.value, number) != person:
                yield Finding(
                    "index-misses-number",
                    Severity.CRITICAL,
                    f"Table blind_index does not lead to the {identifier.value} number of person {person}.",
                    "Somebody else could be added under the same number, and the person is not found by it.",
                    "Restore keys.db from its backup.",
                )
        bar.step()
    for kind, person in sorted(entry for entry, count in entries.items() if entry not in wanted or count > 1):
        yield Finding(
            "index-matches-nobody",
            Severity.WARNING,
            f"Table blind_index has a {kind} entry of person {person} that no record of theirs matches.",
            "It blocks that number for its real holder, and outlives an erasure.",
            "Change anything about the person, which removes it, or erase them again where they have no record.",
        )


def _check_passages(site: Site, bar: _Bar) -> Iterator[Finding]:
    """Each passage is reached by counting up its person's tags of the hour; what nobody reaches was tampered with."""
    vault = site.stores.vault
    with site.stores.data.connect() as connection:
        rows = {row.tag: row for row in connection.execute(select(passages)).all()}
    reached: set[bytes] = set()
    people = ids_of(site)
    for epoch in sorted({row.epoch for row in rows.values()} & set(vault.epochs())):
        for person in people:
            number = 0
            while row := rows.get(vault.epoch_tag(epoch, person, number)):
                reached.add(row.tag)
                number += 1
                try:
                    vault.open_for_epoch(Cell("passages", "record", row.id), epoch, person, row.record)
                except Tampered:
                    yield _does_not_open(f"passages, row {row.id}, column record")
                except PersonUnknown:
                    yield _without_key(f"passages, row {row.id}")
    for tag, row in rows.items():
        if tag not in reached:
            yield Finding(
                "passage-unreachable",
                Severity.CRITICAL,
                f"Table passages, row {row.id}: nobody's count leads there.",
                "Its tag was altered, or an earlier passage of the same person and hour was deleted.",
                _MEND,
            )
        bar.step()


def _check_log(site: Site) -> Iterator[Finding]:
    try:
        problems = site.stores.auditing.verify().problems
    except WitnessUnreachable as silent:
        problems = ()
        yield Finding(
            "witness-unreachable",
            Severity.WARNING,
            silent.message,
            "Without its witness a log that was cut short looks whole.",
            "Bring the witness back, or name another: doorward audit witness",
        )
    for problem in problems:
        yield Finding(
            "log-altered",
            Severity.CRITICAL,
            f"The log is not as it was written. {problem}",
            "Whoever looked at people without a right would want to rewrite it.",
            "Keep these files as evidence, and compare with the witness: doorward audit verify",
        )


def _does_not_open(where: str) -> Finding:
    return Finding(
        "record-does-not-open",
        Severity.CRITICAL,
        f"Table {where}, does not open.",
        "It was altered, cut short, or moved there from another place: somebody writes the database past Doorward.",
        _MEND,
    )


def _without_key(where: str) -> Finding:
    return Finding(
        "row-without-key",
        Severity.CRITICAL,
        f"Table {where}, belongs to a person whose key is gone.",
        "Nobody can read it any more; either keys.db lost a key, or an erasure left a row.",
        "Restore keys.db from its backup, or erase the person again.",
    )
