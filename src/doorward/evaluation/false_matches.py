"""False-match rates at a threshold, with intervals: of everybody, or within a group."""

import numpy as np
from numpy.typing import NDArray

from doorward.evaluation.rates import RULE_OF_3, AllPairs, Rate, draws_of

_AT_ONCE = 4096


def false_match_rate(
    pairs: AllPairs, threshold: float, members: NDArray[np.intp] | None = None, seed: int = 1
) -> tuple[Rate, int, int] | None:
    """The rate among the non-mated pairs within ``members`` (all subjects if not given), how many pairs matched
    falsely, and of how many; None where there is no pair.

    ``threshold`` must not lie below that of the highest rate in ``FMRS``. The interval is the middle 95% of
    resamplings of whole subjects, in which a pair counts as often as both its subjects were drawn; where no pair
    matched, its upper end is 3 / subjects (rule of three, for subjects and not pairs are independent).
    """
    everybody = np.flatnonzero(pairs.photos) if members is None else np.unique(members)
    photos = pairs.photos[everybody]
    total = _between(photos[None, :])[0]
    if total == 0:
        return None
    place = np.full(len(pairs.photos), -1, dtype=np.intp)
    place[everybody] = np.arange(len(everybody))
    matched = place[pairs.highest_subjects[pairs.highest_non_mated >= threshold]]
    matched = matched[(matched >= 0).all(axis=1)]
    value = len(matched) / total
    if not len(matched):
        return Rate(0.0, 0.0, min(1.0, RULE_OF_3 / len(everybody)), threshold), 0, int(total)
    draws, _ = draws_of(everybody, seed)
    falsely = np.zeros(len(draws))
    for start in range(0, len(matched), _AT_ONCE):
        part = matched[start : start + _AT_ONCE]
        falsely += (draws[:, part[:, 0]] * draws[:, part[:, 1]]).sum(axis=1)
    totals = _between(draws * photos)
    low, high = np.percentile(falsely[totals > 0] / totals[totals > 0], [2.5, 97.5])
    return Rate(value, float(low), float(high), threshold), len(matched), int(total)


def _between(photos: NDArray[np.int64]) -> NDArray[np.float64]:
    """Pairs of photos of two subjects, a number for each row."""
    counted = photos.astype(np.float64)
    pairs: NDArray[np.float64] = (counted.sum(axis=1) ** 2 - (counted**2).sum(axis=1)) / 2
    return pairs
