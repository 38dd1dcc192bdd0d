"""The detection error trade-off: false-match against false non-match rate over all thresholds, and where they meet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.evaluation.rates import EDGES, RULE_OF_3, STEP, AllPairs, Rate, draws_of


@dataclass(frozen=True, slots=True, eq=False)
class DetCurve:
    """``fmr`` falls and ``fnmr`` rises with ``thresholds``; all of one length.

    Points that fewer pairs decide than the rule of 3 asks for are left out.
    """

    thresholds: NDArray[np.float64]
    fmr: NDArray[np.float64]
    fnmr: NDArray[np.float64]


def det_curve(pairs: AllPairs) -> DetCurve:
    """The curve at every edge of the bins at which both rates can be told."""
    matched = _at_or_above(pairs.counts).sum(axis=0) / 2
    missed = len(pairs.mated) - _at_or_above(_mated_counts(pairs)).sum(axis=0)
    told = (matched >= RULE_OF_3) & (missed >= RULE_OF_3)
    return DetCurve(EDGES[told], matched[told] / max(pairs.non_mated, 1), (missed / max(len(pairs.mated), 1))[told])


def equal_error_rate(pairs: AllPairs, seed: int = 1) -> Rate | None:
    """Where both rates are equal, between two edges of the bins on a straight line; None without pairs of both kinds.

    The interval resamples whole subjects. A non-mated pair hangs on two: it weighs as much as both were drawn
    together, less one (the first-order form of counting the product). Where no error was seen the upper end is
    3 / subjects with mated pairs (rule of three).
    """
    if not len(pairs.mated) or not pairs.non_mated:
        return None
    subjects = np.flatnonzero(pairs.photos)
    matched = _at_or_above(pairs.counts[subjects]).astype(np.float32)
    accepted = _at_or_above(_mated_counts(pairs)[subjects]).astype(np.float32)
    once = np.ones((1, len(subjects)), dtype=np.float32)
    (value,), (threshold,) = _meeting(once, matched, accepted)
    draws, _ = draws_of(subjects, seed)
    resampled, _ = _meeting(draws.astype(np.float32), matched, accepted)
    low, high = (float(end) for end in np.nanpercentile(resampled, [2.5, 97.5]))
    if value == 0.0:
        high = max(high, min(1.0, RULE_OF_3 / len(np.unique(pairs.subjects))))
    return Rate(float(value), low, high, float(threshold))


def _meeting(
    draws: NDArray[np.float32], matched: NDArray[np.float32], accepted: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The equal error rate and its threshold for each row of ``draws``."""
    falsely = (draws @ matched).astype(np.float64) - matched.sum(axis=0, dtype=np.float64) / 2
    rightly = (draws @ accepted).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        fmr = np.clip(falsely / falsely[:, :1], 0, 1)
        fnmr = 1 - rightly / rightly[:, :1]
    after = np.argmax(fnmr >= fmr, axis=1).clip(1)
    row = np.arange(len(draws))
    before = after - 1
    gap = fmr[row, before] - fnmr[row, before]
    closed = gap - (fmr[row, after] - fnmr[row, after])
    share = np.where(closed > 0, gap / np.where(closed > 0, closed, 1), 0.0)
    value = fmr[row, before] + share * (fmr[row, after] - fmr[row, before])
    # A draw that leaves no pair of one kind tells nothing.
    return np.where(np.isfinite(fmr[:, 0] + fnmr[:, 0]), value, np.nan), EDGES[before] + share * STEP


def _mated_counts(pairs: AllPairs) -> NDArray[np.int64]:
    places = np.clip((pairs.mated + 1) / STEP, 0, len(EDGES) - 1).astype(np.intp)
    shape = (len(pairs.photos), len(EDGES))
    return np.bincount(pairs.subjects * len(EDGES) + places, minlength=shape[0] * shape[1]).reshape(shape)


def _at_or_above(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """From counts in each bin, counts at or above its lower edge."""
    return counts[:, ::-1].cumsum(axis=1)[:, ::-1]
