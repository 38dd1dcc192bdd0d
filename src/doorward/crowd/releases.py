"""What was published of a crowd."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from doorward.crowd.contributions import Metric, Tallied

THOUSANDTHS = 1000
"""Epsilons are counted in whole thousandths, so that a ledger of them adds up."""

LEAST_PUBLISHED = 5
"""Less is left out, judged after the noise: judged before it, what is left out would tell the truth."""


@dataclass(frozen=True, slots=True)
class NoisedCount:
    """A count as it was drawn, negative ones too."""

    of: Tallied
    noised: int

    @property
    def published(self) -> int | None:
        """``None`` below ``LEAST_PUBLISHED``."""
        return self.noised if self.noised >= LEAST_PUBLISHED else None


@dataclass(frozen=True, slots=True)
class Release:
    """One cell as it was published: ``epsilon`` in thousandths, ``coverage`` 0 to 1."""

    scene: str
    metric: Metric
    start: datetime
    seconds: int
    epsilon: int
    coverage: float
    counts: tuple[NoisedCount, ...]

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)
