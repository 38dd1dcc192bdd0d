"""How many are in an area by what crossed its entrances, kept from drifting.

A count of entrances sums up every mistake: 1% more in than out are 50 people too many after 5,000 visits. What brings
it back is published with it: the nightly zero, the count in zones that cover the area, and conservation, because
whoever came in went out again.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

MISCOUNT_SHARE = 0.02
"""Chance that a crossing is missed or counted twice, until an evaluation of the scene says otherwise."""

BIAS_SHARE = 0.01
"""Standard deviation of the part of it that has the same sign all day."""

PRIOR_CROSSINGS = 200.0
"""The ratio of in to out is believed to be 1 as firmly as if so many crossings each way had shown it."""

FORGETTING = 0.7
"""Weight of the day before in the learnt ratio."""


class Reason(StrEnum):
    """Why an area's count was corrected."""

    CLOSED = "closed"
    ZONES = "zones"
    BELOW_ZERO = "below_zero"


@dataclass(slots=True)
class AreaState:
    """What is known of an area: ``people``, their ``variance`` when last anchored, and the crossings since.

    ``ratio``: crossings counted in over those counted out, learnt at closing; counts are divided by it.
    ``anchor``: what the count stands on, ``None`` since the process began with nothing known.
    """

    people: float = 0.0
    variance: float = 0.0
    crossings: int = 0
    ratio: float = 1.0
    anchor: Reason | None = None


@dataclass(slots=True)
class AreaCounter:
    """One area. ``corrections`` are persons added (or taken) by reason since they were last taken."""

    id: str
    state: AreaState = field(default_factory=AreaState)
    corrections: dict[Reason, float] = field(default_factory=dict)
    _learnt: tuple[float, float] = (PRIOR_CROSSINGS, PRIOR_CROSSINGS)
    # In and out since the last closing; None when not everything since then was seen.
    _today: tuple[int, int] | None = None

    def cross(self, inward: int, outward: int) -> None:
        """So many came in and went out through all entrances."""
        state, root = self.state, sqrt(self.state.ratio)
        if self._today is not None:
            self._today = self._today[0] + inward, self._today[1] + outward
        state.crossings += inward + outward
        state.people += inward / root - outward * root
        if state.people < 0:
            self._correct(Reason.BELOW_ZERO, -state.people)

    @property
    def uncertainty(self) -> float:
        """Standard deviation in persons."""
        n = self.state.crossings
        return sqrt(self.state.variance + MISCOUNT_SHARE * n + (BIAS_SHARE / 2 * n) ** 2)

    def reconcile(self, count: float, uncertainty: float) -> None:
        """Zones that cover the area held ``count`` people, known to ``uncertainty``: both weigh by what they know."""
        known = self.uncertainty**2
        gain = 1.0 if self.state.anchor is None else known / (known + uncertainty**2) if known > 0 else 0.0
        self._correct(Reason.ZONES, gain * (count - self.state.people))
        self.state.variance = uncertainty**2 if self.state.anchor is None else (1 - gain) * known
        self.state.crossings = 0
        self.state.anchor = Reason.ZONES

    def lose(self) -> None:
        """Who crosses now is not counted: the count stands on nothing, and the day tells no bias."""
        self.state.anchor = None
        self._today = None

    def close(self) -> None:
        """Nobody is left: the count is 0. As many went out as came in since the last closing, so that the difference
        tells the bias, if the whole day was seen."""
        ratio = self.state.ratio
        if self._today is not None:
            came, went = self._today
            self._learnt = (
                PRIOR_CROSSINGS + FORGETTING * (self._learnt[0] - PRIOR_CROSSINGS) + came,
                PRIOR_CROSSINGS + FORGETTING * (self._learnt[1] - PRIOR_CROSSINGS) + went,
            )
            ratio = self._learnt[0] / self._learnt[1]
        self._correct(Reason.CLOSED, -self.state.people)
        self.state = AreaState(ratio=ratio, anchor=Reason.CLOSED)
        self._today = (0, 0)

    def take_corrections(self) -> dict[Reason, float]:
        taken, self.corrections = self.corrections, {}
        return taken

    def _correct(self, reason: Reason, persons: float) -> None:
        self.state.people += persons
        self.corrections[reason] = self.corrections.get(reason, 0.0) + persons
