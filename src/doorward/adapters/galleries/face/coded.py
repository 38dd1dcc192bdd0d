"""Many references in codes: of people who are taken out, and to which nobody is added."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.exhaustive import descending
from doorward.adapters.galleries.face.places import Places
from doorward.adapters.galleries.face.short_codes import ShortCodes
from doorward.identify.ports import Candidate
from doorward.kernel.ids import PersonId

SECOND_LOOK = 100
"""Rows nearest by their short codes, and looked at again in 8 bits."""

_OTHERS = 16
"""People beyond those asked for who must be among them: else one with very many references would hide the rest."""

SCANNED_TO = 20_000
"""A group of up to so many people, and not more than one in ``_SMALL_SHARE`` of all, is scanned in 8 bits.

Fetching enough of it from among all takes longer.
"""

_SMALL_SHARE = 16

_MOST_FETCHED = 20_000
"""Rows: beyond it all are scanned in 8 bits."""


_GROUPS = 8
"""Groups whose rows are kept for the next search: looking them up takes a microsecond a person."""


class CodedBlock:
    """``people``, ``owners``: as in ``Roll``; ``rows``: the reference of each owner; ``scanned_to``: ``SCANNED_TO``."""

    def __init__(
        self, people: Sequence[PersonId], owners: NDArray[np.int32], rows: EightBitRows, scanned_to: int = SCANNED_TO
    ) -> None:
        self._scanned_to = scanned_to
        self._people = people
        self._owners = owners
        self._rows = rows
        self.codes = ShortCodes(rows)
        self._places = Places(people)
        self._held = np.ones(len(people), bool)
        self._groups: deque[tuple[frozenset[PersonId], NDArray[np.int64]]] = deque(maxlen=_GROUPS)
        self.dimension = int(rows.codes.shape[1])
        self.references = len(rows)
        self.removed = 0

    def wipe(self, person: PersonId) -> None:
        """Overwrite the person's references, in both codes; nothing when there are none."""
        place = self._places.of(person)
        if place is None or not self._held[place]:
            return
        self._held[place] = False
        first, last = (int(row) for row in np.searchsorted(self._owners, (place, place + 1)))
        self._rows.wipe(slice(first, last))
        for row in range(first, last):
            self.codes.wipe(row)
        self.removed += last - first

    def wipe_all(self) -> None:
        self._held[:] = False
        self._rows.wipe(slice(None))
        self.codes.wipe_all()

    def count(self, among: frozenset[PersonId]) -> int:
        """References of these people."""
        chosen = np.zeros(len(self._people), bool)
        chosen[self._places.of_all(among)] = True
        return int((chosen & self._held)[self._owners].sum())

    def held(self) -> NDArray[np.bool_]:
        """By place in the list of people; the caller's."""
        return self._held.copy()

    def joined(
        self,
        held: NDArray[np.bool_],
        people: Sequence[PersonId],
        owners: NDArray[np.int32],
        rows: EightBitRows,
    ) -> CodedBlock:
        """A new block of those ``held`` here and the others; its codes are trained anew."""
        kept = held[self._owners]
        moved = np.cumsum(held, dtype=np.int32) - 1
        stay = [self._people[place] for place in np.flatnonzero(held).tolist()]
        all_owners = np.concatenate([moved[self._owners[kept]], owners + np.int32(len(stay))])
        return CodedBlock([*stay, *people], all_owners, self._rows.joined(kept, rows), self._scanned_to)

    def search(self, probes: NDArray[np.float32], among: frozenset[PersonId], limit: int) -> list[list[Candidate]]:
        """For each of the probes (probes, dimension) the best ``limit`` people of ``among``, best first, each once."""
        if len(among) <= min(self._scanned_to, len(self._people) // _SMALL_SHARE):
            rows = self._rows_of(among)
            return [self._best(probe, rows, among, limit) for probe in probes]
        share = max(1.0, len(self._people) / len(among))
        fetched = int(share * max(SECOND_LOOK, limit + _OTHERS))
        if fetched > min(_MOST_FETCHED, self.references):
            return [self._best(probe, self._all(), among, limit) for probe in probes]
        nearest = self.codes.nearest(probes, fetched)
        return [self._looked_at(probe, rows, among, limit) for probe, rows in zip(probes, nearest, strict=True)]

    def _looked_at(
        self, probe: NDArray[np.float32], rows: NDArray[np.int64], among: frozenset[PersonId], limit: int
    ) -> list[Candidate]:
        found = self._best(probe, rows, among, limit + _OTHERS)
        while len(found) < limit + _OTHERS and len(rows) < self.references:
            fetched = len(rows) * 8
            if fetched > min(_MOST_FETCHED, self.references):
                return self._best(probe, self._all(), among, limit)
            (rows,) = self.codes.nearest(probe[None], fetched)
            found = self._best(probe, rows, among, limit + _OTHERS)
        return found[:limit]

    def _best(
        self, probe: NDArray[np.float32], rows: NDArray[np.int64], among: frozenset[PersonId], limit: int
    ) -> list[Candidate]:
        scores = self._rows.scores(probe, rows)
        best: dict[PersonId, float] = {}
        for place, score in self._in_order(rows, scores):
            person = self._people[place]
            if person in among and person not in best:
                best[person] = score
                if len(best) == limit:
                    break
        return [Candidate(person, score) for person, score in best.items()]

    def _in_order(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> Iterable[tuple[int, float]]:
        for at in descending(scores):
            place = int(self._owners[rows[at]])
            if self._held[place]:
                yield place, float(scores[at])

    def _rows_of(self, among: frozenset[PersonId]) -> NDArray[np.int64]:
        for group, rows in self._groups:
            if group is among:
                return rows
        rows = self._looked_up(among)
        self._groups.append((among, rows))
        return rows

    def _looked_up(self, among: frozenset[PersonId]) -> NDArray[np.int64]:
        places = self._places.of_all(among)
        firsts, lasts = (np.searchsorted(self._owners, places + end) for end in (0, 1))
        lengths = lasts - firsts
        starts = np.repeat(firsts - np.concatenate([[0], np.cumsum(lengths)[:-1]])[: len(places)], lengths)
        return np.asarray(starts + np.arange(len(starts)), np.int64)

    def _all(self) -> NDArray[np.int64]:
        return np.arange(self.references)
