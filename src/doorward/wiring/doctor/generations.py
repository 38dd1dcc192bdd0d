"""Rows put back as they were earlier, deleted, or added past Doorward: held against what the log says of each row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from doorward.adapters.stores.face.row_comparison import Comparison, compared, replayed, whose
from doorward.adapters.stores.face.row_history import Fetch, LiveRow, entries_of_rows, from_engine
from doorward.adapters.stores.face.tables import consents, enrolments, erasures, grants, passages, persons
from doorward.audit.generations import Generations
from doorward.errors import Tampered
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Vault
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.site import Site

MOST_NAMED = 100
"""Rows named one by one of each finding; the rest is counted."""

_TABLES = {
    RowKind.PERSON: persons,
    RowKind.CONSENT: consents,
    RowKind.ENROLMENT: enrolments,
    RowKind.PHOTO: enrolments,
    RowKind.PASSAGE: passages,
}
_PUT_BACK = "Somebody writes the database past Doorward: a withdrawn consent or a revoked token would count again."
_DELETED = (
    "Somebody writes the database past Doorward: a consent, a template or a token disappeared, and nobody ended it."
)
_COMPARE = "Find out who writes the databases, keep these files as evidence, and restore the site from a backup."


@dataclass(slots=True)
class _Told:
    """What is said of each kind of finding: the sentences, the first of them at most."""

    replayed: list[str]
    uncommitted: list[str]
    deleted: list[str]


def check_generations(site: Site) -> Iterator[Finding]:
    """Call it where the log holds: it is what the rows are held against.

    The site may be worked on meanwhile. No read is long, and whatever changed after the log was read is left out.
    """
    fetch, vault = from_engine(site.stores.data), site.stores.vault
    erasing = _being_erased(fetch)
    try:
        wanted, last = replayed(fetch, vault)
        if last == 0:
            yield rows_not_compared()
            return
        found = compared(fetch, vault, wanted)
        told = _Told([], [], [])
        _check_grants(told, fetch, wanted, last, vault)
        _leave_out(found, fetch, vault, last, erasing | _being_erased(fetch))
    except Tampered:
        yield rows_not_compared()
        return
    _tell_rows(told, found)
    _tell_missing(told, found, fetch, vault)
    yield from _findings("row-replayed", told.replayed, _PUT_BACK)
    yield from _findings("row-not-committed", told.uncommitted, _PUT_BACK)
    yield from _findings("row-deleted", told.deleted, _DELETED)


def rows_not_compared() -> Finding:
    return Finding(
        "rows-not-compared",
        Severity.CRITICAL,
        "Whether rows were put back, deleted or added cannot be told: the log that says which there are does not hold.",
        "Whoever can alter the log could hide behind it what they did to the rows.",
        "Keep these files as evidence, and restore the site from a backup.",
    )


def _leave_out(found: Comparison, fetch: Fetch, vault: Vault, last: int, erasing: frozenset[str]) -> None:
    """What changed while the rows were read."""
    hours, later = frozenset(vault.epoch_keys()), set[bytes]()
    for _, changes in entries_of_rows(fetch, vault, last):
        for records in (changes.people, *changes.passages.values()):
            later.update(one.tobytes() for one in records["name"])

    def counts(row: LiveRow) -> bool:
        return row.name not in later and row.person not in erasing and (row.epoch is None or row.epoch in hours)

    found.differing = [(row, newest) for row, newest in found.differing if counts(row)]
    found.unexpected = [row for row in found.unexpected if counts(row)]
    found.missing = [
        (epoch, name) for epoch, name in found.missing if name not in later and (epoch is None or epoch in hours)
    ]


def _being_erased(fetch: Fetch) -> frozenset[str]:
    return frozenset(row.person for row in fetch(select(erasures.c.person).where(erasures.c.done == 0)))


def _tell_rows(told: _Told, found: Comparison) -> None:
    for row, newest in found.differing:
        told.replayed.append(
            f"Table {_where(row.kind, row.id)}, is not as it was written last: it is generation {row.generation}, and "
            f"the newest is {newest}."
        )
    for row in found.unexpected:
        told.uncommitted.append(
            f"Table {_where(row.kind, row.id)}, was not put there by this site, or was deleted and put back."
        )


def _tell_missing(told: _Told, found: Comparison, fetch: Fetch, vault: Vault) -> None:
    """Names are tried under everybody's key, so only so many are; who is gone cannot be named."""
    tried = found.missing[: MOST_NAMED + found.without_key]
    opened = whose(vault, tried)
    for person, kind, row in opened.values():
        if not _is_there(fetch, kind, row):  # else its person's key or an earlier passage is what is missing
            told.deleted.append(f"Table {_where(kind, row)}, of person {person}, was deleted past Doorward.")
    unnamed = len(tried) - len(opened) - found.without_key
    untried = len(found.missing) - len(tried)
    told.deleted += ["A row of somebody whose key is gone was deleted past Doorward."] * max(unnamed, 0)
    told.deleted += [""] * untried


def _is_there(fetch: Fetch, kind: RowKind, row: str) -> bool:
    table = _TABLES[kind]
    query = select(table.c.id).where(table.c.id == row)
    return bool(fetch(query.where(table.c.photo.is_not(None)) if kind is RowKind.PHOTO else query))


def _check_grants(told: _Told, fetch: Fetch, wanted: Generations, last: int, vault: Vault) -> None:
    live = {
        (row.kind, row.id): row.generation for row in fetch(select(grants.c.kind, grants.c.id, grants.c.generation))
    }
    later = {(kind, name) for _, changes in entries_of_rows(fetch, vault, last) for kind, name, _ in changes.grants}
    for kind, name in sorted((live.keys() | wanted.grants.keys()) - later, key=str):
        where, newest, held = (
            f"Table grants, row {kind} {name}",
            wanted.grants.get((kind, name)),
            live.get((kind, name)),
        )
        if newest is None:
            told.uncommitted.append(f"{where}, was not put there by this site, or was removed and put back.")
        elif held is None:
            told.deleted.append(f"{where}, was deleted past Doorward.")
        elif held != newest:
            told.replayed.append(
                f"{where}, is not as it was written last: it is generation {held}, and the newest is {newest}."
            )


def _where(kind: RowKind, row: str) -> str:
    photo = ", column photo" if kind is RowKind.PHOTO else ""
    return f"{_TABLES[kind].name}, row {row}{photo}"


def _findings(name: str, told: Sequence[str], why: str) -> Iterator[Finding]:
    for what in told[:MOST_NAMED]:
        yield Finding(name, Severity.CRITICAL, what, why, _COMPARE)
    if len(told) > MOST_NAMED:
        more = f"{len(told) - MOST_NAMED} more rows are like those named before."
        yield Finding(name, Severity.CRITICAL, more, why, _COMPARE)
