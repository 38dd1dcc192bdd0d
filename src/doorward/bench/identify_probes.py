"""Random templates in any number, and probes with a mate among them, with what comparing with each finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

COSINES = {"0.45": 0.45, "0.50": 0.50, "0.60": 0.60}
LFW = "lfw"
"""Probes whose cosines to their mates are spread as those of mated photos are."""

_LFW_MATED = {
    0.0: 0.063, 0.001: 0.202, 0.01: 0.364, 0.02: 0.426, 0.05: 0.495, 0.1: 0.548,
    0.25: 0.617, 0.5: 0.687, 0.75: 0.747, 0.9: 0.797, 1.0: 0.970,
}  # fmt: skip
"""Quantiles of the 4,414 mated scores of SFace over LFW's folds 1 to 5 (docs/figures.md)."""

_SEED = 20_261_123
_AT_ONCE = 65_536
_PRODUCTS = 64


@dataclass(frozen=True, slots=True)
class Crowd:
    """``people`` random unit templates of ``dimensions`` numbers: the same ones each time."""

    people: int
    dimensions: int

    def parts(self) -> Iterator[Matrix]:
        """All of them, some thousands at a time."""
        for number, start in enumerate(range(0, self.people, _AT_ONCE)):
            random = np.random.default_rng([_SEED, number])
            yield units(random.standard_normal((min(_AT_ONCE, self.people - start), self.dimensions), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """``vectors``: (probes, dimensions); ``mates``: the number of each one's mate; ``nearest``: who is nearest."""

    vectors: Matrix
    mates: NDArray[np.int64]
    nearest: NDArray[np.int64]


def probes_in(crowd: Crowd, count: int, tell: Callable[[int], None]) -> dict[str, Probes]:
    """``count`` probes for each of ``COSINES`` and for ``LFW``; ``tell`` hears how many people were compared with."""
    random = np.random.default_rng(_SEED)
    kinds = {name: np.full(count, cosine, np.float32) for name, cosine in COSINES.items()}
    shares = random.permutation((np.arange(count) + 0.5) / count)
    kinds[LFW] = np.interp(shares, list(_LFW_MATED), list(_LFW_MATED.values())).astype(np.float32)
    mates = random.choice(crowd.people, min(count, crowd.people), replace=False)
    mates = np.resize(mates, count)
    near = _rows_of(crowd, mates)
    vectors = np.concatenate([_at(cosines, near, random) for cosines in kinds.values()])
    nearest, best, start = np.zeros(len(vectors), np.int64), np.full(len(vectors), -2, np.float32), 0
    for part in crowd.parts():
        found, scores = nearest_in(part, vectors)
        better = scores > best
        nearest[better], best[better] = start + found[better], scores[better]
        start += len(part)
        tell(start)
    of_kind = (slice(number * count, (number + 1) * count) for number in range(len(kinds)))
    return {name: Probes(vectors[own], mates, nearest[own]) for name, own in zip(kinds, of_kind, strict=True)}


def nearest_in(vectors: Matrix, probes: Matrix) -> tuple[NDArray[np.int64], Matrix]:
    """For each of the probes the number of the nearest vector, and its score: comparing with each."""
    found, scores = np.zeros(len(probes), np.int64), np.zeros(len(probes), np.float32)
    for start in range(0, len(probes), _PRODUCTS):
        some = slice(start, start + _PRODUCTS)
        products = probes[some] @ vectors.T
        found[some] = products.argmax(axis=1)
        scores[some] = products.max(axis=1)
    return found, scores


def units(vectors: Matrix) -> Matrix:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _rows_of(crowd: Crowd, numbers: NDArray[np.int64]) -> Matrix:
    found, start = np.zeros((len(numbers), crowd.dimensions), np.float32), 0
    for part in crowd.parts():
        own = (numbers >= start) & (numbers < start + len(part))
        found[own] = part[numbers[own] - start]
        start += len(part)
    return found


def _at(cosines: Matrix, mates: Matrix, random: np.random.Generator) -> Matrix:
    across = random.standard_normal(mates.shape, np.float32)
    across -= (across * mates).sum(axis=1, keepdims=True) * mates
    cosines = cosines[:, None]
    return np.asarray(cosines * mates + np.sqrt(1 - cosines**2) * units(across), np.float32)
