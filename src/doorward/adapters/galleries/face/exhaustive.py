"""A gallery that compares with everybody: exact, and fast enough for some ten thousand templates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.face.template import Template
from doorward.identify.ports import Candidate
from doorward.kernel.ids import PersonId


class ExhaustiveGallery:
    """``Gallery`` as one float32 matrix a person, stacked when a search needs it."""

    def __init__(self) -> None:
        self._held: dict[PersonId, NDArray[np.float32]] = {}
        self._stacked: tuple[NDArray[np.float32], list[PersonId]] | None = None

    def put(self, person: PersonId, templates: Sequence[Template]) -> None:
        self.remove(person)
        if templates:
            self._held[person] = np.stack([template.vector for template in templates]).astype(np.float32)

    def remove(self, person: PersonId) -> None:
        held = self._held.pop(person, None)
        if held is not None:
            held.fill(0)
        if self._stacked is not None:
            self._stacked[0].fill(0)
            self._stacked = None

    def search(self, probe: Template, among: frozenset[PersonId], limit: int) -> Sequence[Candidate]:
        vectors, owners = self._stack()
        best: dict[PersonId, float] = {}
        for owner, score in zip(owners, (vectors @ probe.vector).tolist() if owners else (), strict=True):
            if owner in among and score > best.get(owner, -2.0):
                best[owner] = score
        ranked = sorted(best.items(), key=lambda item: -item[1])[:limit]
        return [Candidate(person, score) for person, score in ranked]

    def templates_of(self, among: frozenset[PersonId]) -> int:
        return sum(len(vectors) for person, vectors in self._held.items() if person in among)

    def _stack(self) -> tuple[NDArray[np.float32], list[PersonId]]:
        if self._stacked is None:
            owners = [person for person, vectors in self._held.items() for _ in vectors]
            matrices = list(self._held.values())
            self._stacked = (np.concatenate(matrices) if matrices else np.zeros((0, 0), np.float32), owners)
        return self._stacked
