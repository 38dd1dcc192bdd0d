"""Two models on the same photos: which accepts more at the same false-match rate, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorward.errors import WrongUse
from doorward.evaluation.rates import FMRS, AllPairs, draws_of


@dataclass(frozen=True, slots=True)
class Difference:
    """``value``: the second's true-accept rate less the first's, with its 95% interval."""

    value: float
    low: float
    high: float


def accept_differences(
    first: AllPairs, second: AllPairs, fmrs: Sequence[float] = FMRS, seed: int = 1
) -> dict[float, Difference | None]:
    """At each false-match rate, each model at its own threshold there; None where either has none.

    A paired bootstrap: the same subjects are drawn for both, thresholds held. ``WrongUse`` unless both compared
    the same pairs.
    """
    if not np.array_equal(first.subjects, second.subjects) or not np.array_equal(first.photos, second.photos):
        raise WrongUse("Two models can be compared only on the same photos of the same people.")
    differences: dict[float, Difference | None] = dict.fromkeys(fmrs)
    if not len(first.subjects):
        return differences
    draws, subject = draws_of(first.subjects, seed)
    totals = draws @ np.bincount(subject)
    for fmr in fmrs:
        one, other = first.threshold_at(fmr), second.threshold_at(fmr)
        if one is None or other is None:
            continue
        gained = (second.mated >= other).astype(np.float64) - (first.mated >= one)
        resampled = draws @ np.bincount(subject, weights=gained) / totals
        low, high = (float(end) for end in np.percentile(resampled, [2.5, 97.5]))
        differences[fmr] = Difference(float(gained.mean()), low, high)
    return differences
