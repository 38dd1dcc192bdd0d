"""The tail of the non-mated scores, fitted so that a threshold may be told beyond what enough pairs decide.

How far that holds was measured: docs/figures.md, "How far the tail carries".
"""

from math import ceil, log10

import numpy as np

from doorward.evaluation.rates import RULE_OF_3, AllPairs, draws_of
from doorward.kernel.score_tail import ScoreTail

START_RATE = 1e-3
"""The share of the non-mated pairs that the tail begins with. On LFW a start at 1e-2 told thresholds far too high, and
one at 3e-4 uncertain ones."""

FEWEST_EXCESSES = 50
"""Below this the mean excess says little."""

_AT_ONCE = 4096


def fit_tail(pairs: AllPairs, seed: int = 1) -> ScoreTail | None:
    """Of the pairs above the threshold at ``START_RATE``; None where they are fewer than ``FEWEST_EXCESSES``.

    It is carried to the rarest power of ten that three pairs would decide (rule of 3).
    The mean excess is the maximum-likelihood estimate of an exponential distribution's scale. For the spread whole
    subjects are drawn anew, and a pair counts as often as both its subjects were drawn.
    """
    start = pairs.threshold_at(START_RATE)
    if start is None:
        return None
    excesses = pairs.highest_non_mated[pairs.highest_non_mated >= start] - start
    if len(excesses) < FEWEST_EXCESSES:
        return None
    everybody = np.flatnonzero(pairs.photos)
    draws, _ = draws_of(everybody, seed)
    place = np.zeros(len(pairs.photos), dtype=np.intp)
    place[everybody] = np.arange(len(everybody))
    between = place[pairs.highest_subjects[: len(excesses)]]
    counted, summed = np.zeros(len(draws)), np.zeros(len(draws))
    for row in range(0, len(excesses), _AT_ONCE):
        part = between[row : row + _AT_ONCE]
        weights = draws[:, part[:, 0]] * draws[:, part[:, 1]]
        counted += weights.sum(axis=1)
        summed += weights @ excesses[row : row + _AT_ONCE]
    photos = draws * pairs.photos[everybody].astype(np.float64)
    totals = (photos.sum(axis=1) ** 2 - (photos**2).sum(axis=1)) / 2
    told = counted > 0
    scales = summed[told] / counted[told]
    # Of each draw the two numbers whose sum, the second times the rate's logarithm, is its threshold.
    spread = np.cov(scales * np.log(counted[told] / totals[told]), scales)
    return ScoreTail(
        start=start,
        rate=len(excesses) / pairs.non_mated,
        scale=float(excesses.mean()),
        spread=(float(spread[0, 0]), float(spread[0, 1]), float(spread[1, 1])),
        carried_to=float(10.0 ** ceil(log10(RULE_OF_3 / pairs.non_mated) - 1e-9)),
    )
