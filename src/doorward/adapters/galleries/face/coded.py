"""Many references in two codes: short ones that are scanned, and 8 bits a number for a second look at the best."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.code_shard import BLOCK
from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.person_rows import NOBODY, PersonRows
from doorward.adapters.galleries.face.rounded import RoundedReferences
from doorward.adapters.galleries.face.short_codes import SAMPLE, ShortCodes
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds, among
from doorward.identify.ports import Candidate
from doorward.kernel.ids import PersonId


@dataclass(frozen=True, slots=True)
class Effort:
    """How a search goes about it.

    ``second_look``: rows nearest by their short codes, and looked at again in 8 bits; or one in
    ``second_look_share`` of all, where these are more. ``scanned_to``: a group of up to so many references, and not
    more than one in ``_SMALL_SHARE`` of all, is scanned in 8 bits; fetching enough of it from among all takes longer.
    """

    second_look: int = 300
    second_look_share: int = 2_500
    scanned_to: int = 20_000


EFFORT = Effort()

_OTHERS = 16
"""People beyond those asked for who must be among them: else one with very many references would hide the rest."""


_SMALL_SHARE = 16

_MOST_FETCHED = 20_000
"""Rows: beyond it all of the group are scanned in 8 bits."""

_AT_ONCE = 16_384
_NAMED_AT_ONCE = 16
_ROOM = 2_048
_ROOM_SHARE = 64
"""How many rows are made for who is put in next: at least, and as a share of all. They are scanned for nothing."""

_TRAINED_AGAIN = 4
"""Times as many as the codes were trained on: then they are trained again."""


class CodedRows:
    """``rows`` and what goes with each; ``trained_on``: how many there were when the codes were trained.

    Searches may go on while somebody is put in or removed, but not while it grows or is wiped: ``scans`` counts them.
    """

    def __init__(
        self, rows: EightBitRows, codes: ShortCodes, persons: PersonRows, trained_on: int, effort: Effort = EFFORT
    ) -> None:
        self.rows = rows
        self.codes = codes
        self.persons = persons
        self.trained_on = trained_on
        self.scans = 0
        self._effort = effort
        self._free: list[int] = np.flatnonzero(persons.numbers == NOBODY)[::-1].tolist()

    @classmethod
    def of(cls, references: RoundedReferences, effort: Effort = EFFORT) -> CodedRows:
        """Codes trained on these references, and made of them; their rows are taken over."""
        rows, held = references.rows, len(references)
        whole = -(-held // BLOCK) * BLOCK
        if len(rows) % BLOCK or len(rows) > whole + max(_ROOM, whole // _ROOM_SHARE):
            rows.resize(whole)
        rows.settle()
        codes = ShortCodes.of(rows)
        return cls(rows, codes, PersonRows.of(references.people, references.groups, len(rows)), held, effort)

    def __len__(self) -> int:
        return self.references

    def everybody(self) -> Iterator[tuple[PersonId, frozenset[str], NDArray[np.float32]]]:
        """``References``, as they are held."""
        return self.copied(nullcontext).everybody()

    def copied(self, steady: Callable[[], AbstractContextManager[None]]) -> RoundedReferences:
        """Who is held. Copied in parts, each within ``steady``: who changes meanwhile is in it by halves."""
        halves, numbers = [], []
        sets, others = self.persons.sets, self.persons.others
        rows, end = EightBitRows.empty(self.references, self.dimension), 0
        for start in range(0, len(self.rows), _AT_ONCE):
            with steady():
                held = start + np.flatnonzero(self.persons.numbers[start : start + _AT_ONCE])
                if end + len(held) > len(rows):
                    rows.resize(end + len(held) + _ROOM)
                to = slice(end, end := end + len(held))
                halves.append(self.persons.halves[held].T)
                numbers.append(self.persons.numbers[held] - 1)
                rows.codes[to] = self.rows.codes[held]
                rows.scales[to] = self.rows.scales[held]
                sets, others = self.persons.sets, dict(self.persons.others)
        people = PersonIds(np.concatenate(halves, axis=1), others)
        return RoundedReferences(people, GroupSets(sets, np.concatenate(numbers).astype(np.uint32)), rows)

    @property
    def references(self) -> int:
        return self.persons.held

    @property
    def is_worn(self) -> bool:
        """Whether codes made anew would be better: for many more than they were trained on, or without many holes."""
        held = self.references
        outgrown = self.trained_on < SAMPLE and held >= _TRAINED_AGAIN * self.trained_on
        return outgrown or len(self._free) > max(_ROOM + BLOCK, len(self.rows) // 4)

    @property
    def dimension(self) -> int:
        return self.rows.dimension

    def part(self, rows: slice, sets: int, left_out: Collection[PersonId]) -> tuple[NDArray[Any], ...]:
        """Copies of what is held in ``rows``, whole blocks of them: halves, numbers, 8-bit codes, scales, short codes.

        Rows of ``left_out``, and of whose number is above ``sets``, are nobody's in the copies.
        """
        halves, numbers = self.persons.halves[rows].copy(), self.persons.numbers[rows].copy()
        part = EightBitRows(self.rows.codes[rows].copy(), self.rows.scales[rows].copy())
        gone = np.flatnonzero((numbers > sets) | among(halves, left_out))
        halves[gone], numbers[gone] = 0, NOBODY
        part.wipe(gone)
        return halves, numbers, part.codes, part.scales, self.codes.copied(rows, gone)

    def has_room(self, references: int) -> bool:
        return len(self._free) >= references

    def grow(self, references: int) -> None:
        """Make room for so many and some more."""
        room = max(references, _ROOM, len(self.rows) // _ROOM_SHARE)
        rows = -(-(len(self.rows) + room) // BLOCK) * BLOCK
        self._free[:0] = range(rows - 1, len(self.rows) - 1, -1)
        self.rows.resize(rows)
        self.rows.settle()
        self.codes.grow(rows)
        self.persons.grow(rows)

    def put(self, person: PersonId, groups: frozenset[str], vectors: NDArray[np.float32]) -> None:
        """``vectors``: (references, dimension), for which there is room; of a person who has none."""
        given = [self._free.pop() for _ in vectors]
        for row, vector in zip(given, vectors, strict=True):
            self.rows.put(row, vector[None])
            self.codes.put(row, vector)
        self.persons.give(person, groups, given)

    def remove(self, person: PersonId) -> None:
        """Overwrite the person's references, in both codes; nothing when there are none."""
        taken = self.persons.take(person)
        if taken:
            rows = np.array(taken, np.int64)
            self.rows.wipe(rows)
            self.codes.wipe(rows)
            self._free += taken

    def wipe_all(self) -> None:
        self.persons.numbers[:] = NOBODY
        self.persons.recount()
        self.rows.wipe(slice(None))
        self.codes.wipe_all()

    def held_of(self, person: PersonId) -> tuple[frozenset[str], NDArray[np.float32]] | None:
        """The person's groups, and their references as they are held; ``None`` when there are none."""
        rows = self.persons.rows_of(person)
        if not rows:
            return None
        return self.persons.groups(rows[0]), self.rows.vectors(np.array(rows, np.int64))

    def search_in(self, group: str, limit: int) -> GroupSearch:
        """What ``near`` needs to know of the group."""
        members = self.persons.count(group)
        looked_at = max(self._effort.second_look, members // self._effort.second_look_share, limit + _OTHERS)
        fetched = len(self.rows) * looked_at // max(members, 1)
        is_small = members <= min(self._effort.scanned_to, len(self.rows) // _SMALL_SHARE)
        rows = self.persons.rows_in(group) if is_small or fetched > min(_MOST_FETCHED, len(self.rows)) else None
        return GroupSearch(group, limit, self.persons.permitted(group), fetched, rows)

    def near(self, probes: NDArray[np.float32], search: GroupSearch) -> list[NDArray[np.int64]]:
        """For each of the probes (probes, dimension) rows among which the best people are, in order, best first.

        While it looks, rows may be given to others: ``named`` looks whose they are.
        """
        if search.rows is not None:
            return [self._in_order(probe, search.rows) for probe in probes]
        nearest = self.codes.nearest(probes, search.fetched)
        return [self._looked_at(probe, rows, search) for probe, rows in zip(probes, nearest, strict=True)]

    def named(self, probe: NDArray[np.float32], rows: NDArray[np.int64], search: GroupSearch) -> list[Candidate]:
        """The best people of the group among ``rows``, which are in order; each once."""
        best: dict[PersonId, float] = {}
        for start in range(0, len(rows), _NAMED_AT_ONCE):
            some = rows[start : start + _NAMED_AT_ONCE]
            permitted = self.persons.permitted(search.group)[self.persons.numbers[some]]
            for row, score in zip(some[permitted].tolist(), self.rows.scores(probe, some[permitted]), strict=True):
                best.setdefault(self.persons.person(row), float(score))
                if len(best) == search.limit:
                    return _best_first(best)
        return _best_first(best)

    def _looked_at(self, probe: NDArray[np.float32], rows: NDArray[np.int64], search: GroupSearch) -> NDArray[np.int64]:
        while True:
            permitted = rows[search.permits(self.persons.numbers[rows])]
            if self._has_people(permitted, search.limit + _OTHERS) or len(rows) >= len(self.rows):
                return self._in_order(probe, permitted)
            fetched = len(rows) * 8
            if fetched > min(_MOST_FETCHED, len(self.rows)):
                return self._in_order(probe, np.flatnonzero(search.permits(self.persons.numbers)))
            (rows,) = self.codes.nearest(probe[None], fetched)

    def _has_people(self, rows: NDArray[np.int64], count: int) -> bool:
        """Whether the rows are of so many people or more; nearly always the first few are."""
        return any(len(np.unique(self.persons.halves[some, 0])) >= count for some in (rows[: 4 * count], rows))

    def _in_order(self, probe: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows[np.argsort(-self.rows.scores(probe, rows))]


@dataclass(frozen=True, slots=True, eq=False)
class GroupSearch:
    """``permitted``: by number; ``fetched``: how many of the nearest rows to look at; ``rows``: or the group's."""

    group: str
    limit: int
    permitted: NDArray[np.bool_]
    fetched: int
    rows: NDArray[np.int64] | None

    def permits(self, numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of some rows. Numbers that are new since are not."""
        known = numbers < len(self.permitted)
        return known & self.permitted[np.where(known, numbers, NOBODY)]


def _best_first(best: dict[PersonId, float]) -> list[Candidate]:
    return sorted((Candidate(person, score) for person, score in best.items()), key=lambda one: -one.score)
