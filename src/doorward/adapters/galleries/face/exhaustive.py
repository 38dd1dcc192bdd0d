"""A gallery that compares with everybody: exact, in one pass over one matrix."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.process import lock_array
from doorward.face.template import Template
from doorward.identify.ports import Candidate
from doorward.identify.references import check_references, stacked
from doorward.kernel.ids import PersonId

_BEST_FIRST = 256
"""References put in order before all others are: nearly always enough."""


class _Block:
    """Many references in one matrix, of which people are taken out and to which nobody is added."""

    def __init__(self, people: Sequence[PersonId], owners: NDArray[np.int32], vectors: NDArray[np.float32]) -> None:
        self._people = people
        self._owners = owners
        self._vectors = vectors
        lock_array(vectors)
        self._places = dict(zip(people, range(len(people)), strict=True))

    def wipe(self, person: PersonId) -> int:
        """How many references there were."""
        place = self._places.pop(person, None)
        if place is None:
            return 0
        rows = self._rows(place)
        self._vectors[rows] = 0
        return int(rows.stop) - int(rows.start)

    def wipe_all(self) -> None:
        self._vectors[:] = 0
        self._places.clear()

    def count(self, among: frozenset[PersonId]) -> int:
        held = np.zeros(len(self._people), bool)
        held[[self._places[person] for person in among & self._places.keys()]] = True
        return int(held[self._owners].sum())

    def vectors_of_people(self) -> Iterator[tuple[PersonId, NDArray[np.float32]]]:
        for person, place in self._places.items():
            yield person, self._vectors[self._rows(place)]

    def ranked(self, probe: NDArray[np.float32]) -> Iterator[tuple[PersonId, float]]:
        """Everybody's references, best first."""
        if not len(self._owners):
            return
        scores = self._vectors @ probe
        for row in descending(scores):
            person = self._people[self._owners[row]]
            if person in self._places:
                yield person, float(scores[row])

    def _rows(self, place: int) -> slice:
        first, last = np.searchsorted(self._owners, (place, place + 1))
        return slice(int(first), int(last))


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


def _nobody() -> _Block:
    return _Block([], np.zeros(0, np.int32), np.zeros((0, 0), np.float32))


class ExhaustiveGallery:
    """``Gallery`` as one block filled at the start, and one of everybody put in since, made when a search needs it."""

    def __init__(self) -> None:
        self.references = 0
        self.dimension: int | None = None
        self._filled = _nobody()
        self._held: dict[PersonId, NDArray[np.float32]] = {}
        self._stacked: _Block | None = None

    def fill(self, people: Sequence[PersonId], owners: NDArray[np.int32], vectors: NDArray[np.float32]) -> None:
        check_references(vectors, None)
        for person in tuple(self._held):
            self.remove(person)
        self._filled.wipe_all()
        self._filled = _Block(people, owners, vectors)
        self.references = len(vectors)
        self.dimension = vectors.shape[1] if len(vectors) else None

    def put(self, person: PersonId, templates: Sequence[Template]) -> None:
        vectors = stacked(templates, self.dimension)
        self.remove(person)
        if len(vectors):
            self._held[person] = vectors
            self.dimension = vectors.shape[1]
            self.references += len(vectors)

    def remove(self, person: PersonId) -> None:
        self.references -= self._filled.wipe(person)
        held = self._held.pop(person, None)
        if held is not None:
            held.fill(0)
            self.references -= len(held)
        if self._stacked is not None:
            self._stacked.wipe_all()
            self._stacked = None
        if not self.references:
            self.dimension = None

    def everybody(self) -> tuple[list[PersonId], NDArray[np.int32], NDArray[np.float32]]:
        """People, owners and vectors as ``fill`` takes them, copied. There must be somebody."""
        held = [*self._filled.vectors_of_people(), *self._held.items()]
        owners = np.repeat(np.arange(len(held), dtype=np.int32), [len(vectors) for _, vectors in held])
        return [person for person, _ in held], owners, np.concatenate([vectors for _, vectors in held])

    def search(self, probe: Template, among: frozenset[PersonId], limit: int) -> Sequence[Candidate]:
        check_references(probe.vector[None], self.dimension)
        found: list[Candidate] = []
        for block in (self._filled, self._stack()):
            found += _best(block, probe.vector, among, limit)
        return sorted(found, key=lambda candidate: -candidate.score)[:limit]

    def templates_of(self, among: frozenset[PersonId]) -> int:
        return self._filled.count(among) + self._stack().count(among)

    def _stack(self) -> _Block:
        if self._stacked is None:
            matrices = list(self._held.values())
            owners = np.repeat(np.arange(len(matrices), dtype=np.int32), [len(vectors) for vectors in matrices])
            self._stacked = _Block(list(self._held), owners, np.concatenate(matrices)) if matrices else _nobody()
        return self._stacked


def _best(block: _Block, probe: NDArray[np.float32], among: frozenset[PersonId], limit: int) -> list[Candidate]:
    """The best ``limit`` people of ``among`` in the block, each once."""
    best: dict[PersonId, float] = {}
    for person, score in block.ranked(probe):
        if len(best) == limit:
            break
        if person in among:
            best.setdefault(person, score)
    return [Candidate(person, score) for person, score in best.items()]
