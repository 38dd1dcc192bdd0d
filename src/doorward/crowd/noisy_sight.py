"""Foot-points as a poor detector would give them: the truth with jitter, dropouts and people who are not there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorward.crowd.geometry import Homography, Points
from doorward.crowd.presence import Moment
from doorward.errors import WrongUse


@dataclass(frozen=True, slots=True)
class SightNoise:
    """``dropout``: the chance that a person is missed, ``false_positive``: that one is seen where nobody is, each for
    each person and moment. ``jitter``: standard deviation in metres along each axis."""

    dropout: float = 0.0
    false_positive: float = 0.0
    jitter: float = 0.05
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1 or not 0 <= self.false_positive < 1:
            raise WrongUse("Dropouts and false positives are shares from 0 to below 1.")
        if not 0 <= self.jitter <= 1:
            raise WrongUse("The jitter has to lie between 0 and 1 metre.")


class NoisySight:
    """Sees the moments of ``truth``; false ones lie evenly over the rectangle that the people of all moments span."""

    def __init__(self, homography: Homography, truth: Sequence[Moment], noise: SightNoise) -> None:
        self._homography, self._noise = homography, noise
        self._random = np.random.default_rng(noise.seed)
        everywhere = np.vstack([moment.positions for moment in truth])
        self._low, self._high = everywhere.min(axis=0), everywhere.max(axis=0)

    def see(self, moment: Moment) -> Points:
        """Foot-points, n x 2 pixels."""
        kept = moment.positions[self._random.random(len(moment.ids)) >= self._noise.dropout]
        number = self._random.binomial(len(moment.ids), self._noise.false_positive)
        false = self._random.uniform(self._low, self._high, (number, 2))
        jittered = kept + self._random.normal(0, self._noise.jitter, kept.shape)
        return self._homography.to_image(np.vstack([jittered, false]))
