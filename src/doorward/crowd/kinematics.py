"""How fast each person walks: central differences of their positions."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from doorward.crowd.geometry import Points
from doorward.crowd.presence import Moment

HALF_WINDOW_SECONDS = 0.4
"""Long enough that 5 cm of jitter becomes 9 cm/s, short enough that a step aside is seen."""

NEAR = 0.3
"""Share of the half window by which pictures that do not come evenly may miss its end."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A moment with everybody's ``velocities``, n x 2 m/s; NaN for who was not there long enough."""

    moment: Moment
    velocities: Points


class Kinematics:
    """Velocities from the position half a window before to the one half a window after.

    Who was not there at one of the two ends has a difference to now instead, as in PedPy's ``BORDER_SINGLE_SIDED``.
    """

    def __init__(self, half_window: float = HALF_WINDOW_SECONDS) -> None:
        self._half_window = half_window
        self._moments: deque[Moment] = deque()
        self._given = 0

    def update(self, moment: Moment) -> Iterator[Motion]:
        """The motions that are known now, oldest first; give moments in order of time."""
        self._moments.append(moment)
        while moment.seconds - self._moments[self._given].seconds >= self._half_window - 1e-9:
            yield self._next()

    def finish(self) -> Iterator[Motion]:
        """The motions that still waited."""
        while self._given < len(self._moments):
            yield self._next()
        self._moments.clear()
        self._given = 0

    def _next(self) -> Motion:
        moment = self._moments[self._given]
        before, after = self._beside(-self._half_window), self._beside(self._half_window)
        self._given += 1
        while self._moments[0].seconds < moment.seconds - 2 * self._half_window and self._given > 1:
            self._moments.popleft()
            self._given -= 1
        return Motion(moment, _velocities(before, moment, after))

    def _beside(self, offset: float) -> Moment | None:
        """The moment nearest to ``offset`` from the next one; None where there is none about that far."""
        here = self._moments[self._given]
        wanted = here.seconds + offset
        nearest = min(self._moments, key=lambda moment: abs(moment.seconds - wanted))
        return nearest if nearest is not here and abs(nearest.seconds - wanted) <= NEAR * self._half_window else None


def _velocities(before: Moment | None, now: Moment, after: Moment | None) -> Points:
    first, last = _aligned(before, now), _aligned(after, now)
    earlier = np.where(np.isnan(first), now.positions, first)
    later = np.where(np.isnan(last), now.positions, last)
    began = np.where(np.isnan(first[:, 0]), now.seconds, before.seconds if before else now.seconds)
    ended = np.where(np.isnan(last[:, 0]), now.seconds, after.seconds if after else now.seconds)
    lasted = ended - began
    return np.asarray((later - earlier) / np.where(lasted > 0, lasted, np.nan)[:, None], dtype=np.float64)


def _aligned(other: Moment | None, now: Moment) -> Points:
    """The positions in ``other`` of the people of ``now``; NaN where they are not."""
    places = np.full((len(now.ids), 2), np.nan)
    if other is None:
        return places
    rows = {person: row for row, person in enumerate(other.ids)}
    found = [(row, rows[person]) for row, person in enumerate(now.ids) if person in rows]
    if found:
        ours, theirs = np.array(found).T
        places[ours] = other.positions[theirs]
    return places
