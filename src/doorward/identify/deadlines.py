"""Whom to look at again, and when, though nobody changed them: consents and memberships begin and end by themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from doorward.identify.person_ids import PersonIds
from doorward.kernel.ids import PersonId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEW = 4_096


class Deadlines:
    """``people`` and ``moments`` (int64, microseconds since 1970, ascending): who has one, and when it is.

    A deadline is a hint: one that was put off since, or is nobody's any more, may still come due.
    """

    def __init__(self, people: PersonIds, moments: NDArray[np.int64]) -> None:
        self.people = people
        self.moments = moments
        self._passed = 0
        self._new: list[tuple[int, PersonId]] = []

    @classmethod
    def of(cls, deadlines: Mapping[PersonId, datetime]) -> Deadlines:
        return cls(*_in_order(PersonIds.of(list(deadlines)), (_moment(one) for one in deadlines.values())))

    @classmethod
    def joined_all(cls, parts: Sequence[Deadlines]) -> Deadlines:
        people = PersonIds.joined_all([part.people for part in parts])
        return cls(*_in_order(people, np.concatenate([np.zeros(0, np.int64), *(part.moments for part in parts)])))

    def put(self, person: PersonId, moment: datetime) -> None:
        heappush(self._new, (_moment(moment), person))
        if len(self._new) > max(_FEW, len(self.moments) // 8):
            self._merge()

    def due(self, now: datetime) -> list[PersonId]:
        """Whose deadline has come, until ``forget`` is told that they were looked at."""
        until = _moment(now)
        due = list(self.people[self._passed : self._end(until)])
        if self._new and self._new[0][0] <= until:
            due += [person for moment, person in self._new if moment <= until]
        return due

    def forget(self, now: datetime) -> None:
        """Every deadline that has come by ``now``."""
        until = _moment(now)
        self._passed = self._end(until)
        while self._new and self._new[0][0] <= until:
            heappop(self._new)

    def copy(self) -> Deadlines:
        copied = Deadlines(self.people[self._passed :], self.moments[self._passed :])
        copied._new = self._new.copy()
        return copied

    def in_order(self, left_out: Collection[PersonId]) -> tuple[PersonIds, NDArray[np.int64]]:
        """People and moments, ascending, without those of ``left_out``."""
        if self._new:
            self._merge()
        kept = self.people.without(left_out)
        return self.people.at(kept), self.moments[kept]

    def _end(self, until: int) -> int:
        if self._passed == len(self.moments) or self.moments[self._passed] > until:
            return self._passed
        return int(np.searchsorted(self.moments, until, side="right"))

    def _merge(self) -> None:
        more = PersonIds.of([person for _, person in self._new])
        moments = [*self.moments[self._passed :].tolist(), *(moment for moment, _ in self._new)]
        self.people, self.moments = _in_order(self.people[self._passed :].joined(more), moments)
        self._passed, self._new = 0, []


def _moment(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _in_order(people: PersonIds, moments: Iterable[int]) -> tuple[PersonIds, NDArray[np.int64]]:
    found = np.fromiter(moments, np.int64, len(people))
    order = np.argsort(found, kind="stable")
    return people.at(order), found[order]
