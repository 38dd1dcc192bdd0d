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

    def joined(self, more: GroupSets) -> GroupSets:
        """Of these people, and of the others after them; sets that nobody has any more are dropped."""
        used = np.unique(self.numbers)
        sets = {self.sets[number]: place for place, number in enumerate(used.tolist())}
        own, others = np.zeros(len(self.sets), np.uint32), np.zeros(len(more.sets), np.uint32)
        own[used] = np.arange(len(used))
        for number in np.unique(more.numbers).tolist():
            others[number] = sets.setdefault(more.sets[number], len(sets))
        return GroupSets(tuple(sets), np.concatenate([own[self.numbers], others[more.numbers]]))

    def with_group(self, group: str) -> NDArray[np.bool_]:
        """Which of ``sets`` have the group."""
        return np.fromiter((group in one for one in self.sets), bool, len(self.sets))
