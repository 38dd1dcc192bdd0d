"""The rows that are there held against the rows that the log says there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.stores.face.row_history import PEOPLE, Fetch, LiveRow, entries_of_rows, live_rows
from doorward.adapters.stores.face.row_log import RowChanges
from doorward.audit.generations import Generations, NamedRows
from doorward.kernel.ids import PersonId
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Vault

Missing = tuple[str | None, bytes]
"""A name that no row has; of a passage with the id of its hour's key."""


@dataclass(slots=True)
class Comparison:
    """``differing``: rows in another generation than the newest, which comes with them.

    ``unexpected``: rows that the log does not know, or knows to be gone. ``missing``: rows that should be there.
    ``without_key``: how many rows nobody can name, because their person's key is gone.
    """

    differing: list[tuple[LiveRow, int]] = field(default_factory=list)
    unexpected: list[LiveRow] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    without_key: int = 0


def replayed(fetch: Fetch, vault: Vault) -> tuple[Generations, int]:
    """What the log says, and how many entries that took; ``Tampered`` when an entry about rows is altered."""
    epochs, found, last = frozenset(vault.epoch_keys()), Generations(), 0
    for last, changes in entries_of_rows(fetch, vault):  # noqa: B007 - the last one's number is asked for
        found.take(changes, epochs)
    found.settle()
    return found, last


def compared(fetch: Fetch, vault: Vault, wanted: Generations) -> Comparison:
    """Every row of a person's, and every passage."""
    found = Comparison()
    tables: dict[str | None, NamedRows] = {None: wanted.people}
    tables.update(wanted.passages)
    seen: dict[str | None, NDArray[np.bool_]] = {epoch: np.zeros(len(held), bool) for epoch, held in tables.items()}
    for batch in live_rows(fetch, vault):
        for epoch in {row.epoch for row in batch}:
            rows = [row for row in batch if row.epoch == epoch]
            found.without_key += sum(not row.has_key for row in rows)
            found.unexpected += [row for row in rows if row.has_key and row.name is None]
            if epoch in tables:
                _compare(found, tables[epoch], seen[epoch], [row for row in rows if row.name is not None])
            else:
                found.unexpected += [row for row in rows if row.name is not None]
    for epoch, held in tables.items():
        found.missing += [(epoch, held.name(int(place))) for place in np.flatnonzero(~seen[epoch])]
    return found


def _compare(found: Comparison, held: NamedRows, seen: NDArray[np.bool_], rows: Sequence[LiveRow]) -> None:
    places, generations = held.find([row.name for row in rows if row.name is not None])
    seen[places[places >= 0]] = True
    live = np.array([row.generation for row in rows], np.int64)
    for which in np.flatnonzero((places < 0) | (generations != live)).tolist():
        if places[which] < 0:
            found.unexpected.append(rows[which])
        else:
            found.differing.append((rows[which], int(generations[which])))


def whose(vault: Vault, missing: Sequence[Missing]) -> Mapping[Missing, tuple[PersonId, RowKind, str]]:
    """Person, kind and id of those of ``missing`` that the key of anybody known opens.

    Tries every name under every key, 2 µs each.
    """
    found: dict[Missing, tuple[PersonId, RowKind, str]] = {}
    hours = vault.epoch_keys()
    named = {key: vault.passage_names(hours[key]) for key in {epoch for epoch, _ in missing if epoch} if key in hours}
    for people in _batches(vault.people()) if missing else ():
        for person, names in vault.row_names_of(people):
            for epoch, name in missing:
                of_hour = named.get(epoch) if epoch else None
                under = names if epoch is None else of_hour and of_hour[1](names)
                opened = under.opened(name) if under else None
                if opened is not None:
                    found[epoch, name] = (person, *opened)
    return found


def write_off(fetch: Fetch, vault: Vault, changed: RowChanges, count: int) -> None:
    """Tell the log that ``count`` rows are gone whose person's key was gone before they were deleted.

    Nobody can say which names were theirs: any that no key opens will do, for none tells more than another.
    """
    wanted, _ = replayed(fetch, vault)
    missing = [one for one in compared(fetch, vault, wanted).missing if one[0] is None]
    opened = whose(vault, missing)
    changed.named_gone(name for _, name in islice((one for one in missing if one not in opened), count))


def _batches(people: Sequence[PersonId]) -> Iterator[Sequence[PersonId]]:
    for start in range(0, len(people), PEOPLE):
        yield people[start : start + PEOPLE]
