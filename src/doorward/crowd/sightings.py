"""The last foot-points of everybody in sight, as they were seen, and how much they jitter."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.crowd.geometry import Points, as_points
from doorward.crowd.tracks import Track

WINDOW_SECONDS = 2.0
"""So long velocities are taken over where their variance matters."""

LEAST_SHARE = 0.6
"""Who was seen for less of the window has no velocity."""

KEPT_JITTERS = 2000
LEAST_JITTERS = 100
EVEN_STEPS = 0.25
"""Two steps of time whose lengths differ by more than this share of them tell nothing about jitter."""

_MEDIAN_CHI2 = 2 * np.log(2)
"""The median of chi squared with two degrees of freedom."""


@dataclass(frozen=True, slots=True, eq=False)
class Velocities:
    """``positions`` now (n x 2 metres) and ``values`` (n x 2 m/s). ``noise`` (n, 1/s2): what the variance of a velocity
    along one axis would be if foot-points jittered by one metre."""

    positions: Points
    values: Points
    noise: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """``places``: n + 1 x 2 metres, each person's in their row of ``rows``, and nowhere in the last."""

    seconds: float
    rows: dict[str, int]
    places: Points

    def of(self, people: Iterable[str]) -> Points:
        """Their places in that order, NaN where somebody was not seen."""
        find, nowhere = self.rows.get, len(self.rows)
        return self.places[[find(person, nowhere) for person in people]]


class Sightings:
    """Feeds on the tracks of each moment; a foot-point is forgotten ``WINDOW_SECONDS`` after it was seen."""

    def __init__(self) -> None:
        self._moments: deque[_Seen] = deque()
        self._jitters: deque[float] = deque(maxlen=KEPT_JITTERS)

    def update(self, seconds: float, tracks: Iterable[Track]) -> None:
        seen = [(track.id, track.point) for track in tracks if track.confirmed and track.point is not None]
        rows = {person: row for row, (person, _) in enumerate(seen)}
        # The last row is of whoever was not seen.
        places = np.array([*(point for _, point in seen), (np.nan, np.nan)])
        self._moments.append(_Seen(seconds, rows, places))
        while seconds - self._moments[0].seconds > WINDOW_SECONDS + 1e-9:
            self._moments.popleft()
        self._learn_jitter()

    def clear(self) -> None:
        """The source is out: what comes after a gap does not continue what came before."""
        self._moments.clear()

    @property
    def jitter(self) -> float | None:
        """Standard deviation in metres, along each axis, of a foot-point; None until enough were seen.

        From second differences, which steady walking leaves at 0: their variance is 6 times that of a point. The
        median keeps who turns or was mistaken for another from counting.
        """
        if len(self._jitters) < LEAST_JITTERS:
            return None
        return float(np.sqrt(np.median(self._jitters) / (6 * _MEDIAN_CHI2)))

    def velocities(self) -> Velocities:
        """Of everybody seen for most of the window: straight lines through their points, by least squares."""
        if not self._moments:
            return Velocities(as_points([]), as_points([]), np.zeros(0))
        there = self._moments[-1].rows
        places = np.stack([moment.of(there) for moment in self._moments])
        seconds = np.array([moment.seconds for moment in self._moments])
        seen = ~np.isnan(places[:, :, 0])
        number = np.maximum(seen.sum(axis=0), 1)
        times = np.where(seen, seconds[:, None], 0.0)
        apart = np.where(seen, times - times.sum(axis=0) / number, 0.0)
        spread = (apart**2).sum(axis=0)
        first = np.where(seen, seconds[:, None], np.inf).min(axis=0, initial=np.inf)
        enough = (seconds[-1] - first >= LEAST_SHARE * WINDOW_SECONDS) & (seen.mean(axis=0) >= LEAST_SHARE)
        slopes = (apart[:, :, None] * np.nan_to_num(places)).sum(axis=0)[enough] / spread[enough, None]
        return Velocities(places[-1][enough], slopes, 1.0 / spread[enough])

    def _learn_jitter(self) -> None:
        if len(self._moments) < 3:
            return
        first, second, third = self._moments[-3], self._moments[-2], self._moments[-1]
        step = second.seconds - first.seconds
        if abs((third.seconds - second.seconds) - step) > EVEN_STEPS * step:
            return
        before, between, now = (moment.of(third.rows) for moment in (first, second, third))
        jerks = ((now - 2 * between + before) ** 2).sum(axis=1)
        self._jitters.extend(jerks[~np.isnan(jerks)].tolist())
