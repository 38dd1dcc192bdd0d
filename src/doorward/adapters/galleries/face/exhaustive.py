"""A gallery that compares with everybody: exact, in one pass over one matrix."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.process import lock_array
from doorward.face.template import Template
from doorward.identify.ports import Candidate, References
from doorward.identify.references import ListedReferences, check_references, stacked
from doorward.kernel.ids import PersonId

_BEST_FIRST = 256
"""References put in order before all others are: nearly always enough."""

_FEWEST = 64
_NOBODY = 0


class ExhaustiveGallery:
    """``Gallery`` as one matrix with room for more; rows of who was removed are zero until it is made anew."""

    def __init__(self) -> None:
        self.references = 0
        self.dimension: int | None = None
        self._rows: dict[PersonId, slice] = {}
        self._sets: dict[frozenset[str], int] = {}
        self._vectors = np.zeros((0, 0), np.float32)
        self._owners: list[PersonId | None] = []
        self._numbers = np.zeros(0, np.int32)
        """By row: ``_NOBODY``, or the place of the person's groups in ``_sets``."""

    def fill(self, references: References) -> None:
        everybody = list(references.everybody())
        dimension: int | None = None
        for _, _, vectors in everybody:
            check_references(vectors, dimension)
            dimension = vectors.shape[1]
        self._forget_all()
        if dimension is not None:
            self._make_room(len(references), dimension)
        for person, groups, vectors in everybody:
            self.put_vectors(person, vectors, groups)

    def put(self, person: PersonId, templates: Sequence[Template], groups: frozenset[str]) -> None:
        self.put_vectors(person, stacked(templates, self.dimension), groups)

    def put_vectors(self, person: PersonId, vectors: NDArray[np.float32], groups: frozenset[str]) -> None:
        """As ``put``, for vectors that compare with those held."""
        self.remove(person)
        if not len(vectors):
            return
        first, last = len(self._owners), len(self._owners) + len(vectors)
        if last > len(self._vectors):
            self._make_room(len(vectors), vectors.shape[1])
            first, last = len(self._owners), len(self._owners) + len(vectors)
        self._vectors[first:last] = vectors
        self._numbers[first:last] = self._number(groups)
        self._owners += [person] * len(vectors)
        self._rows[person] = slice(first, last)
        self.references += len(vectors)
        self.dimension = vectors.shape[1]

    def remove(self, person: PersonId) -> None:
        rows = self._rows.pop(person, None)
        if rows is None:
            return
        self._vectors[rows] = 0
        self._numbers[rows] = _NOBODY
        self._owners[rows] = [None] * (rows.stop - rows.start)
        self.references -= rows.stop - rows.start
        if not self.references:
            self._forget_all()

    def everybody(self) -> ListedReferences:
        """Copied."""
        lengths = [rows.stop - rows.start for rows in self._rows.values()]
        owners = np.repeat(np.arange(len(lengths)), lengths).tolist()
        people, groups = list(self._rows), [self._groups(person) for person in self._rows]
        kept = self._kept()
        vectors = self._vectors[kept] if len(kept) else np.zeros((0, 0), np.float32)
        return ListedReferences([people[at] for at in owners], [groups[at] for at in owners], vectors)

    def held_of(self, person: PersonId) -> tuple[frozenset[str], NDArray[np.float32]] | None:
        """The person's groups and references; ``None`` when there are none."""
        rows = self._rows.get(person)
        return None if rows is None else (self._groups(person), self._vectors[rows].copy())

    def search(self, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        (found,) = self.search_many([probe], group, limit)
        return found

    def search_many(self, probes: Sequence[Template], group: str, limit: int) -> Sequence[Sequence[Candidate]]:
        vectors = stacked(probes, self.dimension)
        used = len(self._owners)
        rows = np.flatnonzero(self._with_group(group)[self._numbers[:used]])
        if not len(rows):
            return [[] for _ in probes]
        return [self._best(self._vectors[:used] @ vector, rows, limit) for vector in vectors]

    def count(self, group: str) -> int:
        return int(self._with_group(group)[self._numbers[: len(self._owners)]].sum())

    def _best(self, scores: NDArray[np.float32], rows: NDArray[np.int64], limit: int) -> list[Candidate]:
        """The best ``limit`` people of these rows, each once."""
        best: dict[PersonId, float] = {}
        for at in descending(scores[rows]):
            if len(best) == limit:
                break
            person = self._owners[rows[at]]
            if person is not None:
                best.setdefault(person, float(scores[rows[at]]))
        return [Candidate(person, score) for person, score in best.items()]

    def _groups(self, person: PersonId) -> frozenset[str]:
        number = int(self._numbers[self._rows[person].start])
        return list(self._sets)[number - 1]

    def _number(self, groups: frozenset[str]) -> int:
        return self._sets.setdefault(groups, len(self._sets) + 1)

    def _with_group(self, group: str) -> NDArray[np.bool_]:
        """By a row's number."""
        return np.array([False, *(group in groups for groups in self._sets)])

    def _kept(self) -> NDArray[np.int64]:
        """Rows of those held, in the order of ``_rows``."""
        return np.concatenate([np.arange(rows.start, rows.stop) for rows in self._rows.values()] or [np.zeros(0, int)])

    def _make_room(self, more: int, dimension: int) -> None:
        kept, before = self._kept(), self._vectors
        room = max(_FEWEST, 2 * (len(kept) + more))
        self._vectors = np.zeros((room, dimension), np.float32)
        lock_array(self._vectors)
        numbers = np.full(room, _NOBODY, np.int32)
        if len(kept):
            self._vectors[: len(kept)] = before[kept]
            numbers[: len(kept)] = self._numbers[kept]
        self._numbers = numbers
        self._owners = [self._owners[row] for row in kept.tolist()]
        first = 0
        for person, rows in self._rows.items():
            self._rows[person] = slice(first, first := first + rows.stop - rows.start)
        before.fill(0)

    def _forget_all(self) -> None:
        self._vectors.fill(0)
        self._vectors = np.zeros((0, 0), np.float32)
        self._numbers = np.zeros(0, np.int32)
        self._rows, self._sets, self._owners = {}, {}, []
        self.references, self.dimension = 0, None


def descending(scores: NDArray[np.float32]) -> Iterator[int]:
    """The places of the scores, best first; the first few hundred before the others are put in order."""
    if len(scores) > _BEST_FIRST:
        best = np.argpartition(-scores, _BEST_FIRST)[:_BEST_FIRST]
        yield from best[np.argsort(-scores[best])].tolist()
        scores = scores.copy()
        scores[best] = np.inf
        yield from np.argsort(-scores)[_BEST_FIRST:].tolist()
    else:
        yield from np.argsort(-scores).tolist()
