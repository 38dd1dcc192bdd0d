"""Whose each row of a gallery is, and in which groups: in 32 bytes a row, found by person or by row."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.eight_bit import resized
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds, halves_of, person_of
from doorward.kernel.ids import PersonId

NOBODY = 0
"""The number of a row that is nobody's."""

_FEW = 4_096
_GROUPS = 8
"""Groups whose rows are kept for the next search: looking them up takes some milliseconds a million."""

_Halves = tuple[int, int]


class PersonRows:
    """``halves``: uint64 of shape (rows, 2), as in ``PersonIds``; ``numbers``: int32, by row, ``NOBODY`` or the place
    of the person's groups among ``sets``, from 1 on.
    """

    def __init__(self, rows: int = 0) -> None:
        self.halves = np.zeros((rows, 2), np.uint64)
        self.numbers = np.zeros(rows, np.int32)
        self.others: dict[_Halves, PersonId] = {}
        self._sets: dict[frozenset[str], int] = {}
        self._counts = np.zeros(1, np.int64)
        self._changes = np.zeros(1, np.int64)
        """By number: rows that have it, and how often one was given or taken."""
        self._since: dict[_Halves, list[int]] = {}
        """Rows given since those before were put in order."""
        self._order = np.zeros(0, np.int32)
        self._ordered = np.zeros(0, np.uint64)
        self._permitted: dict[str, NDArray[np.bool_]] = {}
        self._members: OrderedDict[str, tuple[int, NDArray[np.int64]]] = OrderedDict()

    @classmethod
    def of(cls, people: Sequence[PersonId], groups: Sequence[frozenset[str]], rows: int) -> PersonRows:
        """``people`` and ``groups``: of the first rows; the others are nobody's."""
        ids, sets = PersonIds.of(people), GroupSets.of(groups)
        made = cls(rows)
        made.halves[: len(ids)] = ids.halves.T
        made.others = dict(ids.others)
        made.numbers[: len(ids)] = np.array([made._number(one) for one in sets.sets], np.int32)[sets.numbers]
        made.recount()
        return made

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def held(self) -> int:
        """Rows that are somebody's."""
        return int(self._counts.sum())

    @property
    def sets(self) -> list[frozenset[str]]:
        return list(self._sets)

    def name(self, sets: Sequence[frozenset[str]], others: Mapping[_Halves, PersonId]) -> None:
        """The sets of groups that numbers stand for, and ids that are no UUID."""
        for groups in sets:
            self._number(groups)
        self.others.update(others)

    def grow(self, rows: int) -> None:
        self.halves, self.numbers = resized(self.halves, rows), resized(self.numbers, rows)

    def recount(self) -> None:
        """After ``halves`` and ``numbers`` were written by another hand."""
        counts = np.bincount(self.numbers, minlength=len(self._counts)).astype(np.int64)
        counts[NOBODY] = 0
        self._counts = counts
        held = np.flatnonzero(self.numbers).astype(np.int32)
        self._order = held[np.argsort(self.halves[held, 0])]
        self._ordered = self.halves[self._order, 0]
        self._since.clear()
        self._members.clear()

    def give(self, person: PersonId, groups: frozenset[str], rows: Sequence[int]) -> None:
        """Rows that are nobody's to the person, who has none."""
        halves, is_uuid = halves_of(person)
        if not is_uuid:
            self.others[halves] = person
        number = self._number(groups)
        self.halves[rows] = np.array(halves, np.uint64)
        self.numbers[rows] = number
        self._since[halves] = list(rows)
        self._changed(number, len(rows))
        if len(self._since) > max(_FEW, len(self) // 16):
            self.recount()

    def take(self, person: PersonId) -> list[int]:
        """Make the person's rows nobody's; which there were."""
        rows = self.rows_of(person)
        if rows:
            halves, _ = halves_of(person)
            self._since.pop(halves, None)
            self.others.pop(halves, None)
            number = int(self.numbers[rows[0]])
            self.numbers[rows] = NOBODY
            self.halves[rows] = 0
            self._changed(number, -len(rows))
        return rows

    def rows_of(self, person: PersonId) -> list[int]:
        halves, _ = halves_of(person)
        since = self._since.get(halves)
        if since is not None:
            return since
        first = np.uint64(halves[0])
        start, end = (int(np.searchsorted(self._ordered, first, side)) for side in ("left", "right"))
        return [row for row in self._order[start:end].tolist() if self.halves_at(row) == halves and self.numbers[row]]

    def halves_at(self, row: int) -> _Halves:
        first, last = self.halves[row].tolist()
        return first, last

    def person(self, row: int) -> PersonId:
        halves = self.halves_at(row)
        other = self.others.get(halves)
        return person_of(halves) if other is None else other

    def groups(self, row: int) -> frozenset[str]:
        return self.sets[int(self.numbers[row]) - 1]

    def count(self, group: str) -> int:
        """Rows of the group."""
        return int(self._counts[self.permitted(group)].sum())

    def permitted(self, group: str) -> NDArray[np.bool_]:
        """By number: whether it stands for groups among which this one is."""
        found = self._permitted.get(group)
        if found is None or len(found) < len(self._counts):
            found = np.array([False, *(group in groups for groups in self._sets)])
            self._permitted[group] = found
            while len(self._permitted) > _GROUPS:
                del self._permitted[next(iter(self._permitted))]
        return found

    def rows_in(self, group: str) -> NDArray[np.int64]:
        """Rows of the group; those of before, for as long as nobody in it has changed."""
        permitted = self.permitted(group)
        change = int(self._changes[permitted].sum())
        held = self._members.get(group)
        if held is None or held[0] != change:
            self._members[group] = held = change, np.flatnonzero(permitted[self.numbers])
            if len(self._members) > _GROUPS:
                self._members.popitem(last=False)
        return held[1]

    def _number(self, groups: frozenset[str]) -> int:
        number = self._sets.setdefault(groups, len(self._sets) + 1)
        if number == len(self._counts):
            self._counts = np.append(self._counts, 0)
            self._changes = np.append(self._changes, 0)
        return number

    def _changed(self, number: int, more: int) -> None:
        self._counts[number] += more
        self._changes[number] += 1
