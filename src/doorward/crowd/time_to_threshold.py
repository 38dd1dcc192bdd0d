"""When a zone will be full, if it fills as it did in the last minutes."""

from collections import deque
from dataclasses import dataclass

import numpy as np

WINDOW_SECONDS = 300.0
LEAST_SECONDS = 60.0
BLOCK_SECONDS = 10.0
"""Counts are averaged over this long: those of one moment and the next are the same people."""

DEVIATES = 1.96


@dataclass(frozen=True, slots=True)
class TimeToThreshold:
    """Seconds until the limit is reached, and the 95% interval; ``latest`` is None where it may never be."""

    seconds: float
    earliest: float
    latest: float | None


class FillMeter:
    """The last minutes of one zone's occupancy, against its ``limit`` in persons."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._blocks: deque[tuple[float, float, int]] = deque()
        self._count = 0

    def update(self, seconds: float, count: int | None) -> None:
        """How many were there at ``seconds``; None, and all forgotten, when that is unknown."""
        if count is None:
            self._blocks.clear()
            return
        self._count = count
        if not self._blocks or seconds - self._blocks[-1][0] >= BLOCK_SECONDS:
            self._blocks.append((seconds, 0.0, 0))
        began, total, number = self._blocks[-1]
        self._blocks[-1] = (began, total + count, number + 1)
        while seconds - self._blocks[0][0] > WINDOW_SECONDS:
            self._blocks.popleft()

    def forecast(self) -> TimeToThreshold | None:
        """0 seconds when the limit is reached; None when the zone does not fill, or too little was seen to tell.

        A straight line by least squares through the means of ten seconds each.
        """
        missing = self._limit - self._count
        if self._blocks and missing <= 0:
            return TimeToThreshold(0.0, 0.0, 0.0)
        if not self._blocks or self._blocks[-1][0] - self._blocks[0][0] < LEAST_SECONDS:
            return None
        times = np.array([began for began, _, _ in self._blocks])
        means = np.array([total / number for _, total, number in self._blocks])
        apart = times - times.mean()
        rate = float((apart * means).sum() / (apart**2).sum())
        left_over = means - means.mean() - rate * apart
        error = float(np.sqrt((left_over**2).sum() / (len(times) - 2) / (apart**2).sum()))
        if rate - DEVIATES * error <= 0 and rate <= 2 * error:
            return None
        slowest = rate - DEVIATES * error
        return TimeToThreshold(
            missing / rate, missing / (rate + DEVIATES * error), missing / slowest if slowest > 0 else None
        )
