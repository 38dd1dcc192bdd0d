"""Comparison scores of all pairs among photos, and true-accept rates at stated false-match rates with intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FMRS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
RESAMPLES = 1000

RULE_OF_3 = 3
"""Where n pairs give no false match, the rate is at most 3/n with 95% confidence (ISO/IEC 19795-1): a rate at which
fewer than three of the pairs would match falsely is not told."""

RULE_OF_30 = 30
"""With thirty errors the true rate lies within 30% of the measured one with 90% confidence (Doddington et al., Speech
Communication 31, 2000; ISO/IEC 19795-1): from there on a threshold is offered."""

STEP = 0.005
"""Width, as a cosine, of the bins that curves are made of."""
EDGES: NDArray[np.float64] = np.linspace(-1, 1, round(2 / STEP) + 1)


@dataclass(frozen=True, slots=True)
class Rate:
    """``value`` with a 95% interval, 0..1; ``threshold`` is the score at which it was read."""

    value: float
    low: float
    high: float
    threshold: float


@dataclass(frozen=True, slots=True, eq=False)
class AllPairs:
    """Scores of all pairs. A subject is a number below ``len(photos)``.

    ``mated``: every mated score, with ``subjects`` the subject each belongs to. ``highest_non_mated``: the highest
    of the ``non_mated`` scores, falling, as many as the highest of ``FMRS`` needs and one more, with
    ``highest_subjects`` (k x 2) the two subjects of each. ``photos``: photos of each subject. ``counts``: for each
    subject its non-mated comparisons in each bin that begins at one of ``EDGES``.
    """

    mated: NDArray[np.float64]
    subjects: NDArray[np.intp]
    highest_non_mated: NDArray[np.float64]
    highest_subjects: NDArray[np.intp]
    non_mated: int
    photos: NDArray[np.intp]
    counts: NDArray[np.int64]

    def threshold_at(self, fmr: float) -> float | None:
        """The lowest score above which at most ``fmr`` of the non-mated pairs lie; None when fewer pairs would
        decide than the rule of 3 asks for.
        """
        allowed = self.deciding(fmr)
        if allowed < RULE_OF_3 or allowed >= len(self.highest_non_mated):
            return None
        return float(np.nextafter(self.highest_non_mated[allowed], np.inf))

    def deciding(self, fmr: float) -> int:
        """How many non-mated pairs may match at ``fmr``."""
        return int(fmr * self.non_mated * (1 + 1e-12))

    def is_firm(self, fmr: float) -> bool:
        """Does the rule of 30 hold for the threshold at ``fmr``?"""
        return self.deciding(fmr) >= RULE_OF_30


def compare_all(
    vectors: NDArray[np.float32],
    subjects: NDArray[np.intp],
    on_progress: Callable[[int], None] | None = None,
    references: NDArray[np.float32] | None = None,
) -> AllPairs:
    """All pairs among ``vectors`` (n x d, unit length); ``subjects`` (n), from 0 on, says who each is.

    ``references``: what stands for the second of each pair, such as the same vectors quantised.
    """
    held = vectors if references is None else references
    count = len(vectors)
    photos = np.bincount(subjects)
    mated, owners = [], []
    highest, pairs_of_highest = np.empty(0, dtype=np.float64), np.empty((0, 2), dtype=np.intp)
    counts = np.zeros((len(photos), len(EDGES)), dtype=np.int64)
    keep = int(max(FMRS) * count * (count - 1) / 2) + 2
    for row in range(0, count, _ROWS):
        block = vectors[row : row + _ROWS] @ held[row:].T
        first, second = np.nonzero(np.arange(block.shape[1])[None, :] > np.arange(block.shape[0])[:, None])
        scores = block[first, second].astype(np.float64)
        pairs = np.stack([subjects[row + first], subjects[row + second]], axis=1)
        same = pairs[:, 0] == pairs[:, 1]
        mated.append(scores[same])
        owners.append(pairs[same, 0])
        others, between = scores[~same], pairs[~same]
        places = np.clip((others + 1) / STEP, 0, len(EDGES) - 1).astype(np.intp)
        for one in (0, 1):
            counts += np.bincount(between[:, one] * len(EDGES) + places, minlength=counts.size).reshape(counts.shape)
        highest, pairs_of_highest = np.concatenate([highest, others]), np.concatenate([pairs_of_highest, between])
        if len(highest) > keep:
            best = np.argpartition(highest, len(highest) - keep)[-keep:]
            highest, pairs_of_highest = highest[best], pairs_of_highest[best]
        if on_progress is not None:
            on_progress(min(row + _ROWS, count))
    falling = np.argsort(-highest, kind="stable")
    return AllPairs(
        mated=np.concatenate(mated),
        subjects=np.concatenate(owners),
        highest_non_mated=highest[falling],
        highest_subjects=pairs_of_highest[falling],
        non_mated=int(counts.sum()) // 2,
        photos=photos,
        counts=counts,
    )


_ROWS = 256


def true_accept_rates(pairs: AllPairs, fmrs: Sequence[float] = FMRS, seed: int = 1) -> dict[float, Rate | None]:
    """The share of mated pairs at or above the threshold of each false-match rate; None where it has no threshold.

    Pairs of one subject hang together, so a binomial interval would be too narrow. The interval is the middle 95%
    of ``RESAMPLES`` resamplings of whole subjects (ISO/IEC 19795-1, bootstrap over subjects); the threshold is
    held, and where every pair was accepted the lower end is one minus 3 / subjects (rule of three).
    """
    rates: dict[float, Rate | None] = {}
    for fmr in fmrs:
        threshold = pairs.threshold_at(fmr)
        rates[fmr] = None if threshold is None else true_accept_rate(pairs.mated, pairs.subjects, threshold, seed)
    return rates


def true_accept_rate(
    mated: NDArray[np.float64], subjects: NDArray[np.intp], threshold: float, seed: int = 1
) -> Rate | None:
    """The same at one ``threshold``; None without mated pairs."""
    if not len(mated):
        return None
    draws, subject = draws_of(subjects, seed)
    accepted = mated >= threshold
    value = float(accepted.mean())
    count = draws.shape[1]
    resampled = (draws @ np.bincount(subject, weights=accepted, minlength=count)) / (draws @ np.bincount(subject))
    low, high = (float(end) for end in np.percentile(resampled, [2.5, 97.5]))
    return Rate(
        value,
        low if value < 1.0 else max(0.0, 1 - RULE_OF_3 / count),
        high if value > 0.0 else min(1.0, RULE_OF_3 / count),
        threshold,
    )


def draws_of(subjects: NDArray[np.intp], seed: int) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Resamplings of the distinct ``subjects`` (``RESAMPLES`` x subjects, how often each was drawn), and for each
    entry of ``subjects`` its column there.
    """
    distinct, place = np.unique(subjects, return_inverse=True)
    count = len(distinct)
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return draws.astype(np.int64), place
