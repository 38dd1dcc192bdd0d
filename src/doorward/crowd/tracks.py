"""Following people on the ground by motion alone: no appearance, no boxes.

Each track is a constant-velocity Kalman filter in metres (white-noise acceleration: Bar-Shalom, Li and Kirubarajan,
Estimation with Applications to Tracking and Navigation, section 6.2.2). Points and predictions are paired by the
Hungarian method within a gate. Both axes share one covariance, because noise and motion favour no direction.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from doorward.crowd.geometry import Points
from doorward.errors import WrongUse
from doorward.kernel.clock import Randomness

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

MAX_LOST_SECONDS = 60.0
"""A track's id dies at most this long after the track is lost."""

FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Noise in metres and m/s, times in seconds.

    ``position_noise``: standard deviation of a foot-point. ``acceleration``: intensity of the white-noise
    acceleration, m/s^1.5. ``first_speed``: standard deviation of a new track's unknown velocity. ``gate``: squared
    Mahalanobis distance that a pair may have. ``reach``: metres that a pair may lie apart whatever the filter says.
    ``confirm_hits``: points after which a track is believed. ``tentative_seconds`` and ``lost_seconds``: how long an
    unconfirmed and a confirmed track live without a point.
    """

    position_noise: float = 0.08
    acceleration: float = 0.6
    first_speed: float = 1.2
    gate: float = 14.0
    reach: float = 1.6
    confirm_hits: int = 3
    tentative_seconds: float = 0.5
    lost_seconds: float = 2.0

    def __post_init__(self) -> None:
        if not 0.005 <= self.position_noise <= 1:
            raise WrongUse("The noise of a position has to lie between 0.005 and 1 metre.")
        if not 0 < self.lost_seconds <= MAX_LOST_SECONDS:
            raise WrongUse(f"A lost track may be kept for more than 0 and at most {MAX_LOST_SECONDS:g} s.")


DEFAULT = TrackerSettings()


class Track(NamedTuple):
    """Somebody at ``position`` (metres) with ``velocity`` (m/s), last seen ``unseen`` seconds ago.

    ``point``: the foot-point as it was seen now, before any smoothing; ``None`` out of sight.
    """

    id: str
    position: tuple[float, float]
    velocity: tuple[float, float]
    confirmed: bool
    unseen: float
    point: tuple[float, float] | None = None


@dataclass(slots=True)
class _Filter:
    id: str
    seen: float
    point: tuple[float, float]
    hits: int = 1
    confirmed: bool = False


class Tracker:
    """Feeds on the foot-points of each moment in turn; ids are random and mean nothing outside this process."""

    def __init__(self, randomness: Randomness, settings: TrackerSettings = DEFAULT) -> None:
        self._randomness = randomness
        self._settings = settings
        self._filters: list[_Filter] = []
        # Position and velocity, n x 4; variance of position, covariance, variance of velocity, n x 3.
        self._states: Floats = np.zeros((0, 4))
        self._variances: Floats = np.zeros((0, 3))
        self._now: float | None = None

    def update(self, seconds: float, points: Points) -> tuple[Track, ...]:
        """All living tracks at ``seconds`` (not before the last call's), after pairing them with n x 2 metres."""
        points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        self._predict(0.0 if self._now is None else max(0.0, seconds - self._now))
        self._now = seconds
        free = np.ones(len(points), dtype=bool)
        for confirmed in (True, False):
            rows = [i for i, f in enumerate(self._filters) if f.confirmed is confirmed]
            self._pair(rows, points, free, seconds)
        self._bury(seconds)
        self._give_birth(points[free], seconds)
        states = self._states.tolist()
        return tuple(_track(found, state, seconds) for found, state in zip(self._filters, states, strict=True))

    def _predict(self, dt: float) -> None:
        q = self._settings.acceleration**2
        self._states[:, :2] += dt * self._states[:, 2:]
        place, both, speed = self._variances.T
        self._variances = np.stack(
            [place + 2 * dt * both + dt**2 * speed + q * dt**3 / 3, both + dt * speed + q * dt**2 / 2, speed + q * dt],
            axis=1,
        )

    def _pair(self, rows: list[int], points: Points, free: NDArray[np.bool_], seconds: float) -> None:
        columns = np.flatnonzero(free)
        if not rows or not len(columns):
            return
        innovation = self._variances[rows, 0] + self._settings.position_noise**2
        from scipy.spatial.distance import cdist  # imported where it is used, as below

        apart = cdist(self._states[rows, :2], points[columns], "sqeuclidean")
        distance = apart / innovation[:, None]
        allowed = (distance <= self._settings.gate) & (apart <= self._settings.reach**2)
        # The log of the spread keeps a vague track from taking the point of a certain one.
        cost = np.where(allowed, distance + 2 * np.log(innovation)[:, None], FORBIDDEN)
        paired, taken = _assign(cost, allowed)
        self._correct(np.asarray(rows)[paired], points[columns[taken]], seconds)
        free[columns[taken]] = False

    def _correct(self, rows: Rows, points: Points, seconds: float) -> None:
        place, both, speed = self._variances[rows].T
        noise = self._settings.position_noise**2
        spread = place + noise
        errors = points - self._states[rows, :2]
        self._states[rows, :2] += (place / spread)[:, None] * errors
        self._states[rows, 2:] += (both / spread)[:, None] * errors
        self._variances[rows] = np.stack(
            [place * noise / spread, both * noise / spread, speed - both**2 / spread], axis=1
        )
        for row, (x, y) in zip(rows.tolist(), points.tolist(), strict=True):
            found = self._filters[row]
            found.seen, found.point = seconds, (x, y)
            found.hits += 1
            found.confirmed = found.confirmed or found.hits >= self._settings.confirm_hits

    def _bury(self, seconds: float) -> None:
        keep = [
            seconds - f.seen <= (self._settings.lost_seconds if f.confirmed else self._settings.tentative_seconds)
            for f in self._filters
        ]
        self._filters = [f for f, kept in zip(self._filters, keep, strict=True) if kept]
        self._states, self._variances = self._states[keep], self._variances[keep]

    def _give_birth(self, points: Points, seconds: float) -> None:
        n = len(points)
        self._filters.extend(_Filter(self._randomness.uuid(), seconds, (x, y)) for x, y in points.tolist())
        self._states = np.vstack([self._states, np.hstack([points, np.zeros((n, 2))])])
        variance = [self._settings.position_noise**2, 0.0, self._settings.first_speed**2]
        self._variances = np.vstack([self._variances, np.tile(variance, (n, 1))])


def _track(found: _Filter, state: list[float], seconds: float) -> Track:
    x, y, vx, vy = state
    point = found.point if found.seen == seconds else None
    return Track(found.id, (x, y), (vx, vy), found.confirmed, seconds - found.seen, point)


def _assign(cost: Floats, allowed: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Rows and columns of the allowed pairs of least total cost.

    A row whose one candidate nobody else wants needs no Hungarian method, and mostly that is nearly every row.
    """
    rows, columns = np.nonzero(allowed)
    wanted, wanting = (np.bincount(of, minlength=n) for of, n in zip((rows, columns), allowed.shape, strict=True))
    alone = (wanted[rows] == 1) & (wanting[columns] == 1)
    open_rows, open_columns = np.unique(rows[~alone]), np.unique(columns[~alone])
    rows, columns = rows[alone], columns[alone]
    part = np.ix_(open_rows, open_columns)
    from scipy.optimize import linear_sum_assignment  # half of what a command costs that follows nobody

    more, taken = linear_sum_assignment(cost[part])
    kept = allowed[part][more, taken]
    return (
        np.concatenate([rows, open_rows[more[kept]]]),
        np.concatenate([columns, open_columns[taken[kept]]]),
    )
