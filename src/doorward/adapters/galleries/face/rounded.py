"""Many references gathered, in 8 bits as soon as there are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.ports import References
from doorward.identify.references import ListedReferences, check_references
from doorward.kernel.ids import PersonId

CODED_FROM = 10_000
"""References: with fewer, comparing with each is as quick, and exact."""


@dataclass(frozen=True, slots=True, eq=False)
class RoundedReferences:
    """``References`` in 8 bits. ``people`` and ``groups`` go with the first rows; those after them are nobody's."""

    people: PersonIds
    groups: GroupSets
    rows: EightBitRows

    @classmethod
    def of(cls, references: References) -> RoundedReferences:
        """Itself where it is so already; of a list the vectors are overwritten."""
        if isinstance(references, RoundedReferences):
            return references
        if isinstance(references, ListedReferences):
            check_references(references.vectors, None)
            rows = EightBitRows.of(references.vectors)
            references.vectors.fill(0)
            return cls(PersonIds.of(references.people), GroupSets.of(references.groups), rows)
        gathered = GatheredReferences(len(references), rounded_from=0)
        for person, groups, vectors in references.everybody():
            gathered.add([person] * len(vectors), [groups] * len(vectors), vectors)
        made = gathered.all()
        return made if isinstance(made, RoundedReferences) else cls.of(made)

    def __len__(self) -> int:
        return len(self.people)

    def everybody(self) -> Iterator[tuple[PersonId, frozenset[str], NDArray[np.float32]]]:
        vectors = self.rows.vectors(slice(0, len(self)))
        return ListedReferences(self.people, self.groups, vectors).everybody()


class GatheredReferences:
    """References as they come, ``expected`` so many: exact below ``rounded_from``, and from there on in 8 bits."""

    def __init__(self, expected: int, rounded_from: int = CODED_FROM) -> None:
        self._expected = expected
        self._rounded_from = rounded_from
        self._people: list[PersonIds] = []
        self._groups: list[GroupSets] = []
        self._exact: list[NDArray[np.float32]] = []
        self._rows: EightBitRows | None = None
        self._count = 0

    def add(self, people: Sequence[PersonId], groups: Sequence[frozenset[str]], vectors: NDArray[np.float32]) -> None:
        """As in ``ListedReferences``; ``InternalError`` for vectors that do not compare with those before."""
        if not len(vectors):
            return
        check_references(vectors, self._dimension)
        self._people.append(PersonIds.of(people))
        self._groups.append(GroupSets.of(groups))
        start, self._count = self._count, self._count + len(vectors)
        if self._rows is None and self._count < self._rounded_from:
            self._exact.append(vectors)
        else:
            self._round(start, vectors)

    def all(self) -> References:
        """Everybody who was added; call it once."""
        people = PersonIds.joined_all(self._people)
        groups = GroupSets.joined_all(self._groups)
        if self._rows is not None:
            return RoundedReferences(people, groups, self._rows)
        return ListedReferences(people, groups, np.concatenate(self._exact or [np.zeros((0, 0), np.float32)]))

    @property
    def _dimension(self) -> int | None:
        if self._rows is not None:
            return self._rows.dimension
        return self._exact[0].shape[1] if self._exact else None

    def _round(self, start: int, vectors: NDArray[np.float32]) -> None:
        if self._rows is None:
            self._rows, start = EightBitRows.empty(self._expected, vectors.shape[1]), 0
            vectors = np.concatenate([*self._exact, vectors])
            self._exact.clear()
        if self._count > len(self._rows):
            self._rows.resize(self._count + self._count // 8)
        self._rows.put(start, vectors)
