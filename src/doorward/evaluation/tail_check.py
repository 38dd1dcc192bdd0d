"""How far a tail carries: fitted on some of the people, held against all others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse
from doorward.evaluation.rates import AllPairs
from doorward.evaluation.tail import fit_tail

SHARES = (0.5, 0.25, 0.125)
"""Of the people, those that a tail is fitted on."""

RATES = (1e-4, 1e-5, 1e-6)


@dataclass(frozen=True, slots=True)
class TailCheck:
    """Tails fitted on ``share`` of the people, at ``rate``.

    ``pairs``: non-mated pairs that a fit had, and ``others`` that it was held against, on average. ``carried_to``: as
    far as most of the fits would be carried. ``ratios``: of each split, the others' false-match rate at the threshold,
    divided by ``rate``.
    """

    share: float
    rate: float
    pairs: int
    others: int
    carried_to: float
    ratios: tuple[float, ...]

    @property
    def held(self) -> float:
        """The share of splits in which no more than ``rate`` of the others' pairs matched."""
        return float(np.mean(np.array(self.ratios) <= 1))


def check_tail(
    pairs: AllPairs, splits: int, seed: int, on_progress: Callable[[int], None], shares: Sequence[float] = SHARES
) -> tuple[TailCheck, ...]:
    """For each of ``shares`` and ``RATES``; ``WrongUse`` when the people are too few to fit a tail on the least."""
    random = np.random.default_rng(seed)
    everybody = np.flatnonzero(pairs.photos)
    checks = []
    for share in shares:
        ratios: list[list[float]] = []
        sizes, ends = [], []
        for number in range(splits):
            chosen = np.zeros(len(pairs.photos), dtype=np.bool_)
            chosen[random.permutation(everybody)[: round(share * len(everybody))]] = True
            own, others = among(pairs, chosen), among(pairs, ~chosen)
            tail = fit_tail(own, seed=number)
            if tail is None:
                raise WrongUse("There are too few photos of different people to fit a tail on a share of them.")
            ratios.append([_matched(others, tail.threshold(rate).high) / rate for rate in RATES])
            sizes.append((own.non_mated, others.non_mated))
            ends.append(tail.carried_to)
            on_progress(1)
        own_pairs, other_pairs = np.mean(sizes, axis=0)
        checks += [
            TailCheck(share, rate, round(own_pairs), round(other_pairs), float(np.median(ends)), tuple(by_rate))
            for rate, by_rate in zip(RATES, zip(*ratios, strict=True), strict=True)
        ]
    return tuple(checks)


def _matched(pairs: AllPairs, threshold: float) -> float:
    return int((pairs.highest_non_mated >= threshold).sum()) / pairs.non_mated


def among(pairs: AllPairs, chosen: NDArray[np.bool_]) -> AllPairs:
    """The non-mated pairs of two ``chosen`` subjects (a flag for each); nothing else of ``pairs`` is changed."""
    kept = chosen[pairs.highest_subjects].all(axis=1)
    photos = np.where(chosen, pairs.photos, 0)
    counted = photos.astype(np.float64)
    return replace(
        pairs,
        highest_non_mated=pairs.highest_non_mated[kept],
        highest_subjects=pairs.highest_subjects[kept],
        non_mated=round((counted.sum() ** 2 - (counted**2).sum()) / 2),
        photos=photos,
    )
