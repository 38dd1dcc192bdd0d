"""Many references in codes: of people who are taken out, and to which nobody is added."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.exhaustive import descending
from doorward.adapters.galleries.face.short_codes import ShortCodes
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.ports import Candidate
from doorward.kernel.ids import PersonId

_Kind = TypeVar("_Kind", bound=np.generic)

SECOND_LOOK = 100
"""Rows nearest by their short codes, and looked at again in 8 bits."""

_OTHERS = 16
"""People beyond those asked for who must be among them: else one with very many references would hide the rest."""

SCANNED_TO = 20_000
"""A group of up to so many references, and not more than one in ``_SMALL_SHARE`` of all, is scanned in 8 bits.

Fetching enough of it from among all takes longer.
"""

_SMALL_SHARE = 16

_MOST_FETCHED = 20_000
"""Rows: beyond it all are scanned in 8 bits."""


_GROUPS = 8
"""Groups whose rows are kept for the next search: looking them up takes some milliseconds a million."""


class CodedBlock:
    """``people``, ``groups``, ``owners``: as in ``Roll``; ``rows``: the reference of each owner.

    ``scanned_to``: ``SCANNED_TO``.
    """

    def __init__(
        self,
        people: PersonIds,
        groups: GroupSets,
        owners: NDArray[np.int32],
        rows: EightBitRows,
        scanned_to: int = SCANNED_TO,
    ) -> None:
        self._scanned_to = scanned_to
        self._people = people
        self._groups = groups
        self._owners = owners
        self._rows = rows
        self.codes = ShortCodes(rows)
        self._held = np.ones(len(people), bool)
        self._counts = np.bincount(groups.numbers[owners], minlength=len(groups.sets))
        """References, by set of groups."""
        self._members: OrderedDict[str, NDArray[np.bool_]] = OrderedDict()
        self._scanned: OrderedDict[str, NDArray[np.int64]] = OrderedDict()
        self.dimension = int(rows.codes.shape[1])
        self.references = len(rows)
        self.removed = 0

    def wipe(self, person: PersonId) -> None:
        """Overwrite the person's references, in both codes; nothing when there are none."""
        place = self._people.place_of(person)
        if place is None or not self._held[place]:
            return
        self._held[place] = False
        first, last = (int(row) for row in np.searchsorted(self._owners, np.array((place, place + 1), np.int32)))
        self._rows.wipe(slice(first, last))
        for row in range(first, last):
            self.codes.wipe(row)
        self.removed += last - first
        self._counts[self._groups.numbers[place]] -= last - first

    def wipe_all(self) -> None:
        self._held[:] = False
        self._counts[:] = 0
        self._rows.wipe(slice(None))
        self.codes.wipe_all()

    def count(self, group: str) -> int:
        """References of the group."""
        return int(self._counts[self._with_group(group)].sum())

    def held(self) -> NDArray[np.bool_]:
        """By place in the list of people; the caller's."""
        return self._held.copy()

    def joined(
        self,
        held: NDArray[np.bool_],
        people: PersonIds,
        groups: GroupSets,
        owners: NDArray[np.int32],
        rows: EightBitRows,
    ) -> CodedBlock:
        """A new block of those ``held`` here and the others; its codes are trained anew."""
        kept = held[self._owners]
        moved = np.cumsum(held, dtype=np.int32) - 1
        all_owners = np.concatenate([moved[self._owners[kept]], owners + np.int32(held.sum())])
        return CodedBlock(
            self._people.at(held).joined(people),
            self._groups.at(held).joined(groups),
            all_owners,
            self._rows.joined(kept, rows),
            self._scanned_to,
        )

    def search(self, probes: NDArray[np.float32], group: str, limit: int) -> list[list[Candidate]]:
        """For each of the probes (probes, dimension) the best ``limit`` people of ``group``, best first, each once."""
        members = self.count(group)
        if not members:
            return [[] for _ in probes]
        if members <= min(self._scanned_to, self.references // _SMALL_SHARE):
            rows = self._rows_of(group)
            return [self._best(probe, rows, group, limit)[0] for probe in probes]
        fetched = int(self.references / members * max(SECOND_LOOK, limit + _OTHERS))
        if fetched > min(_MOST_FETCHED, self.references):
            return [self._best(probe, self._all(), group, limit)[0] for probe in probes]
        nearest = self.codes.nearest(probes, fetched)
        return [self._looked_at(probe, rows, group, limit) for probe, rows in zip(probes, nearest, strict=True)]

    def _looked_at(
        self, probe: NDArray[np.float32], rows: NDArray[np.int64], group: str, limit: int
    ) -> list[Candidate]:
        found, people = self._best(probe, rows, group, limit)
        while people < limit + _OTHERS and len(rows) < self.references:
            fetched = len(rows) * 8
            if fetched > min(_MOST_FETCHED, self.references):
                return self._best(probe, self._all(), group, limit)[0]
            (rows,) = self.codes.nearest(probe[None], fetched)
            found, people = self._best(probe, rows, group, limit)
        return found

    def _best(
        self, probe: NDArray[np.float32], rows: NDArray[np.int64], group: str, limit: int
    ) -> tuple[list[Candidate], int]:
        """The best among these rows, and how many people of the group they are of."""
        owners = self._owners[rows]
        permitted = self._with_group(group)[self._groups.numbers[owners]] & self._held[owners]
        rows, owners = rows[permitted], owners[permitted]
        scores = self._rows.scores(probe, rows)
        best: dict[int, float] = {}
        for at in descending(scores):
            if len(best) == limit:
                break
            best.setdefault(int(owners[at]), float(scores[at]))
        people = len(np.unique(owners)) if len(rows) <= _MOST_FETCHED else len(rows)
        return [Candidate(self._people[place], score) for place, score in best.items()], people

    def _with_group(self, group: str) -> NDArray[np.bool_]:
        """By number of a set of groups."""
        return _kept(self._members, group, lambda: self._groups.with_group(group))

    def _rows_of(self, group: str) -> NDArray[np.int64]:
        """All rows of the group, of those removed too."""
        return _kept(
            self._scanned, group, lambda: np.flatnonzero(self._with_group(group)[self._groups.numbers[self._owners]])
        )

    def _all(self) -> NDArray[np.int64]:
        return np.arange(self.references)


def _kept(held: OrderedDict[str, NDArray[_Kind]], group: str, look_up: Callable[[], NDArray[_Kind]]) -> NDArray[_Kind]:
    """What was looked up for the group before: groups of a block never change."""
    found = held.get(group)
    if found is None:
        found = held[group] = look_up()
        if len(held) > _GROUPS:
            held.popitem(last=False)
    return found
