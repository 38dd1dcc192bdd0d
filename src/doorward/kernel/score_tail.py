"""The highest non-mated scores as a distribution: excesses over a start, which fall off exponentially."""

from dataclasses import dataclass
from math import exp, log, sqrt

from doorward.errors import InternalError

Z = 1.959964
"""The normal deviate of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """``value`` with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScoreTail:
    """Peaks over a threshold (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, chapter 4).

    ``rate`` (0..1) of the non-mated pairs score ``start`` (cosine) or more, and exceed it by ``scale`` on average. Of
    the generalised Pareto distribution that excesses follow, the shape is held at 0: a cosine ends at 1, so the true
    shape is below 0 and the tail lighter. ``spread``: variances and covariance, over subjects drawn anew, of the two
    numbers that make a threshold: ``scale * log(rate)``, both, ``scale``. ``carried_to``: the rarest rate for which the
    evaluation lets it stand.
    """

    start: float
    rate: float
    scale: float
    spread: tuple[float, float, float]
    carried_to: float

    def __post_init__(self) -> None:
        if not (
            0 < self.rate < 1 and self.scale > 0 and self.carried_to > 0 and min(self.spread[0], self.spread[2]) >= 0
        ):
            raise InternalError("The tail of the scores is none.")

    def threshold(self, rate: float) -> Estimate:
        """The score that ``rate`` of the non-mated pairs reach, for rates up to that of the start."""
        value, reach = self._at(rate), Z * self._deviation(rate)
        return Estimate(value, value - reach, value + reach)

    def rate_at(self, score: float) -> Estimate:
        """The share of the non-mated pairs that reach ``score``, from the start upwards."""
        value = min(1.0, self.rate * exp(-(score - self.start) / self.scale))
        factor = exp(Z * self._deviation(value) / self.scale)
        return Estimate(value, value / factor, min(1.0, value * factor))

    def _at(self, rate: float) -> float:
        return self.start + self.scale * log(self.rate / rate)

    def _deviation(self, rate: float) -> float:
        """Of the threshold at ``rate``: its standard deviation."""
        of_start, both, of_scale = self.spread
        way = log(rate)
        return sqrt(max(0.0, of_start - 2 * way * both + way**2 * of_scale))
