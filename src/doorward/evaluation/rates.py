"""True-accept rates at stated false-match rates, over all pairs among the photos, with honest intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FMRS = (1e-2, 1e-3, 1e-4, 1e-5)
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Rate:
    """``value`` with a 95% interval, 0..1; ``threshold`` is the score at which it was read."""

    value: float
    low: float
    high: float
    threshold: float


@dataclass(frozen=True, slots=True, eq=False)
class AllPairs:
    """``mated``: every mated score, with ``subjects`` the subject each belongs to. ``highest_non_mated``: the
    highest of the ``non_mated`` scores, falling, as many as the highest rate in use needs and one more.
    """

    mated: NDArray[np.float64]
    subjects: NDArray[np.intp]
    highest_non_mated: NDArray[np.float64]
    non_mated: int

    def threshold_at(self, fmr: float) -> float | None:
        """The lowest score above which at most ``fmr`` of the non-mated pairs lie; None when fewer than one pair
        would decide.
        """
        allowed = int(fmr * self.non_mated)
        if allowed < 1 or allowed >= len(self.highest_non_mated):
            return None
        return float(np.nextafter(self.highest_non_mated[allowed], np.inf))


def compare_all(
    vectors: NDArray[np.float32], subjects: NDArray[np.intp], on_progress: Callable[[int], None] | None = None
) -> AllPairs:
    """All pairs among ``vectors`` (n x d, unit length); ``subjects`` (n) says who each is."""
    count = len(vectors)
    mated, owners = [], []
    highest = np.empty(0, dtype=np.float64)
    non_mated = 0
    keep = int(max(FMRS) * count * (count - 1) / 2) + 2
    for row in range(0, count, _ROWS):
        block = vectors[row : row + _ROWS] @ vectors[row:].T
        later = np.arange(block.shape[1])[None, :] > np.arange(block.shape[0])[:, None]
        same = subjects[row : row + _ROWS, None] == subjects[None, row:]
        mated.append(block[later & same].astype(np.float64))
        owners.append(np.broadcast_to(subjects[row : row + _ROWS, None], block.shape)[later & same])
        others = block[later & ~same].astype(np.float64)
        non_mated += len(others)
        highest = _largest(np.concatenate([highest, others]), keep)
        if on_progress is not None:
            on_progress(min(row + _ROWS, count))
    return AllPairs(np.concatenate(mated), np.concatenate(owners), np.sort(highest)[::-1], non_mated)


_ROWS = 512


def _largest(values: NDArray[np.float64], keep: int) -> NDArray[np.float64]:
    return values if len(values) <= keep else np.partition(values, len(values) - keep)[-keep:]


def true_accept_rates(pairs: AllPairs, fmrs: Sequence[float] = FMRS, seed: int = 1) -> dict[float, Rate | None]:
    """The share of mated pairs at or above the threshold of each false-match rate; None where it has no threshold.

    Pairs of one subject hang together, so a binomial interval would be too narrow. The interval is the middle 95%
    of ``RESAMPLES`` resamplings of whole subjects (ISO/IEC 19795-1, bootstrap over subjects); the threshold is
    held, and where every pair was accepted the lower end is one minus 3 / subjects (rule of three).
    """
    _, subject = np.unique(pairs.subjects, return_inverse=True)
    subjects = int(subject.max()) + 1 if len(subject) else 0
    sizes = np.bincount(subject, minlength=subjects)
    draws = np.random.default_rng(seed).multinomial(subjects, np.full(subjects, 1 / max(subjects, 1)), RESAMPLES)
    totals = draws @ sizes
    rates: dict[float, Rate | None] = {}
    for fmr in fmrs:
        threshold = pairs.threshold_at(fmr)
        if threshold is None or not subjects:
            rates[fmr] = None
            continue
        accepted = pairs.mated >= threshold
        value = float(accepted.mean())
        resampled = (draws @ np.bincount(subject, weights=accepted, minlength=subjects)) / totals
        low, high = (float(end) for end in np.percentile(resampled, [2.5, 97.5]))
        rates[fmr] = Rate(value, low if value < 1.0 else max(0.0, 1 - 3 / subjects), high, threshold)
    return rates
