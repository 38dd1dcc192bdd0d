"""Which groups each of many people is in: few different sets of groups, each kept once, and a number a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

_FEW = 1 << 16


_Numbers = NDArray[np.uint16] | NDArray[np.uint32]


class GroupSets(Sequence[frozenset[str]]):
    """By a person's place. ``sets``: those that there are; ``numbers``: unsigned, the place in ``sets`` of each."""

    def __init__(self, sets: Sequence[frozenset[str]], numbers: _Numbers) -> None:
        self.sets = sets
        few = len(sets) <= _FEW
        self.numbers: _Numbers = numbers.astype(np.uint16, copy=False) if few else numbers.astype(np.uint32, copy=False)

    @classmethod
    def of(cls, groups: Sequence[frozenset[str]]) -> GroupSets:
        """``groups`` itself where it is such a list already."""
        if isinstance(groups, GroupSets):
            return groups
        sets: dict[frozenset[str], int] = {}
        numbers: NDArray[np.uint32] = np.fromiter(
            (sets.setdefault(one, len(sets)) for one in groups), np.uint32, len(groups)
        )
        return cls(tuple(sets), numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> frozenset[str]: ...

    @overload
    def __getitem__(self, place: slice) -> GroupSets: ...

    def __getitem__(self, place: int | slice) -> frozenset[str] | GroupSets:
        if isinstance(place, slice):
            return GroupSets(self.sets, self.numbers[place])
        return self.sets[int(self.numbers[place])]

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> GroupSets:
        """Of some of the people, in this order."""
        return GroupSets(self.sets, self.numbers[places])

    @classmethod
    def joined_all(cls, parts: Sequence[GroupSets]) -> GroupSets:
        """One after the other; sets that nobody is in are dropped."""
        sets: dict[frozenset[str], int] = {}
        numbers = [np.zeros(0, np.uint32)]
        for part in parts:
            moved = np.zeros(len(part.sets), np.uint32)
            for number in np.unique(part.numbers).tolist():
                moved[number] = sets.setdefault(part.sets[number], len(sets))
            numbers.append(moved[part.numbers])
        return cls(tuple(sets), np.concatenate(numbers))
