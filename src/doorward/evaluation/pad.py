"""Error rates of presentation attack detection after ISO/IEC 30107-3, with the intervals that their samples allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

from doorward.errors import WrongUse

CONFIDENCE = 0.95
LEAST_TO_ADOPT = 30
"""Presentations of each kind: with fewer, even no error at all leaves more than one in ten possible."""


@dataclass(frozen=True, slots=True)
class PresentationScores:
    """The scores of presentations of one kind, 0 (attack) to 1 (bona fide); ``non_responses``: those in which no
    face was found, so that the detector gave none.
    """

    scores: Sequence[float]
    non_responses: int = 0


@dataclass(frozen=True, slots=True)
class PadErrorRate:
    """``errors`` of ``responses`` presentations, with the exact 95% interval. ``value``, ``low``, ``high``: 0..1, None
    where nothing responded. ``non_responses`` of all ``presentations``: APNRR of attacks, BPNRR of bona fide ones.
    """

    name: str
    errors: int
    responses: int
    non_responses: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def presentations(self) -> int:
        return self.responses + self.non_responses

    @property
    def non_response_rate(self) -> float | None:
        return self.non_responses / self.presentations if self.presentations else None


@dataclass(frozen=True, slots=True)
class PadEvaluation:
    """``species``: APCER of each attack instrument species, the highest first. ``bona_fide``: BPCER."""

    threshold: float
    species: tuple[PadErrorRate, ...]
    bona_fide: PadErrorRate

    @property
    def worst(self) -> PadErrorRate:
        """The species with the highest APCER, and of equals that with the fewest samples: the standard reports the
        worst, and a mean over species hides it.
        """
        return self.species[0]


def evaluate_pad(
    bona_fide: PresentationScores, attacks: Mapping[str, PresentationScores], threshold: float
) -> PadEvaluation:
    """APCER: attacks of a species whose score reaches ``threshold``, of those that got a response. BPCER: bona fide
    presentations whose score does not. ``WrongUse`` without a species, or without bona fide presentations.
    """
    if not attacks:
        raise WrongUse("There is no attack species; put the attacks of each into a folder of its own name.")
    if not bona_fide.scores and not bona_fide.non_responses:
        raise WrongUse("There are no bona fide presentations; put them into the folder bona_fide.")
    species = [_rate(name, sum(score >= threshold for score in found.scores), found) for name, found in attacks.items()]
    species.sort(key=lambda rate: (-1.0 if rate.value is None else rate.value, rate.high or 0.0), reverse=True)
    errors = sum(not score >= threshold for score in bona_fide.scores)
    return PadEvaluation(threshold, tuple(species), _rate("bona_fide", errors, bona_fide))


def clopper_pearson(errors: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The exact interval of a proportion (Clopper and Pearson, Biometrika 26, 1934): it never covers too little."""
    tail = (1 - confidence) / 2
    low = float(betaincinv(errors, count - errors + 1, tail)) if errors else 0.0
    high = float(betaincinv(errors + 1, count - errors, 1 - tail)) if errors < count else 1.0
    return low, high


def proven(rate: PadErrorRate) -> str:
    """What the samples prove, in words."""
    if not rate.responses or rate.high is None:
        return "Nothing: the detector gave no answer at all."
    if rate.errors == 0:
        return (
            f"No error in {rate.responses}: with 95% confidence the rate is no higher than about 3/{rate.responses}, "
            f"{min(1.0, 3 / rate.responses):.1%}; a rate of 0 is not shown."
        )
    return f"{rate.errors} of {rate.responses}: the rate lies between {rate.low:.1%} and {rate.high:.1%}."


def is_enough(evaluation: PadEvaluation) -> bool:
    """Whether each species and the bona fide presentations are as many as ``LEAST_TO_ADOPT``."""
    return all(rate.responses >= LEAST_TO_ADOPT for rate in (*evaluation.species, evaluation.bona_fide))


def _rate(name: str, errors: int, found: PresentationScores) -> PadErrorRate:
    count = len(found.scores)
    if not count:
        return PadErrorRate(name, 0, 0, found.non_responses, None, None, None)
    return PadErrorRate(name, errors, count, found.non_responses, errors / count, *clopper_pearson(errors, count))
