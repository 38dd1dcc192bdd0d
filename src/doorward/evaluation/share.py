"""A share of trials, with its interval."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""The normal deviate of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``, with Wilson's 95% interval (Wilson, JASA 22, 1927); all 0 of nothing."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0


def share(count: int, of: int) -> Share:
    """``count`` of ``of`` independent trials with its interval."""
    if not of:
        return Share(count, of, 0.0, 1.0)
    middle = (count + _Z**2 / 2) / (of + _Z**2)
    reach = _Z / (of + _Z**2) * sqrt(count * (of - count) / of + _Z**2 / 4)
    return Share(count, of, max(0.0, middle - reach), min(1.0, middle + reach))
