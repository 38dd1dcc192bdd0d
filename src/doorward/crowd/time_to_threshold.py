"""When a zone will be full, if it fills as it did in the last minutes.

The number of people is taken as a random walk with a drift: who comes and goes in one moment tells nothing of the
next. Its drift is known only from those minutes, and it goes on wandering on the way to the limit.
"""

from collections import deque
from dataclasses import dataclass
from math import sqrt

import numpy as np

WINDOW_SECONDS = 300.0
LEAST_SECONDS = 60.0
STEP_SECONDS = 10.0

DEVIATES = 1.96
"""Of a 95% interval."""


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
        self._counts: deque[tuple[float, int]] = deque()

    def update(self, seconds: float, count: int | None) -> None:
        """How many were there at ``seconds``; None, and all forgotten, when that is unknown."""
        if count is None:
            self._counts.clear()
            return
        # The newest count stands last; those before it are a step apart.
        if len(self._counts) > 1 and self._counts[-1][0] - self._counts[-2][0] < STEP_SECONDS:
            self._counts.pop()
        self._counts.append((seconds, count))
        while seconds - self._counts[0][0] > WINDOW_SECONDS:
            self._counts.popleft()

    def forecast(self) -> TimeToThreshold | None:
        """0 seconds when the limit is reached; None when the zone does not fill, or too little was seen to tell."""
        if not self._counts:
            return None
        missing = self._limit - self._counts[-1][1]
        if missing <= 0:
            return TimeToThreshold(0.0, 0.0, 0.0)
        seconds, counts = np.array(self._counts).T
        lasted = float(seconds[-1] - seconds[0])
        if lasted < LEAST_SECONDS:
            return None
        drift = float(counts[-1] - counts[0]) / lasted
        wandering = float(((np.diff(counts) - drift * np.diff(seconds)) ** 2).sum()) / lasted
        if drift <= sqrt(wandering / lasted):
            return None
        return _reached(missing, drift, wandering, lasted)


def _reached(missing: float, drift: float, wandering: float, lasted: float) -> TimeToThreshold:
    """When the drift, a number of persons a second known from ``lasted`` seconds, fills what is ``missing``.

    After t more seconds the sum has the variance ``wandering`` x (t + t^2 / ``lasted``): the ends of the interval are
    the roots of (missing - drift t)^2 = deviates^2 x that variance.
    """
    spread = DEVIATES**2 * wandering
    square, linear = drift**2 - spread / lasted, 2 * missing * drift + spread
    # linear^2 - 4 square missing^2, without the difference of two large numbers.
    root = sqrt(spread * (4 * missing * drift + spread + 4 * missing**2 / lasted))
    earliest = 2 * missing**2 / (linear + root)
    latest = (linear + root) / (2 * square) if square > 0 else None
    return TimeToThreshold(missing / drift, earliest, latest)
