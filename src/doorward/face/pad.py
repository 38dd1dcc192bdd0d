"""Presentation attack detection (ISO/IEC 30107): what was asked for, what was found, and what may be said of it.

Nothing here ever says "live". A capture that no detector took for an attack is *not evaluated* until the site has
adopted an evaluation of its own, with error rates and the intervals that its samples allow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from doorward.face.ports import PresentationAttackDetector
from doorward.face.sample import Face
from doorward.kernel.image import Image


class PadMethod(StrEnum):
    """What a site can ask for: a model that looks at the picture, and movements asked of the person."""

    PASSIVE = "passive"
    ACTIVE = "active"


class PadOutcome(StrEnum):
    """``BONA_FIDE`` only where an evaluation of the method was adopted."""

    NOT_EVALUATED = "not_evaluated"
    BONA_FIDE = "bona_fide"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class PadRates:
    """An adopted evaluation of a passive detector, after ISO/IEC 30107-3.

    ``species``: the attack instrument with the highest rate. ``apcer``, ``bpcer``: 0..1 of ``attacks`` and
    ``bona_fide`` presentations; ``apcer_high``: the upper end of its 95% interval. They hold for ``model`` at
    ``threshold``.
    """

    model: str
    threshold: float
    species: str
    apcer: float
    apcer_high: float
    attacks: int
    bpcer: float
    bona_fide: int
    adopted_at: str

    @property
    def sentence(self) -> str:
        return (
            f"Presentation attacks: evaluated: APCER {self.apcer:.1%} for {self.species} (n={self.attacks}, 95% "
            f"interval up to {self.apcer_high:.1%}), BPCER {self.bpcer:.1%} (n={self.bona_fide})."
        )


@dataclass(frozen=True, slots=True)
class PadReport:
    """What a decision says of presentation attacks.

    ``score``: the passive detector's, 0 (attack) to 1 (bona fide), None when it was not asked; kept from answers.
    ``rates`` is None while no evaluation of what was used has been adopted.
    """

    methods: frozenset[PadMethod] = frozenset()
    is_attack: bool = False
    model: str | None = None
    score: float | None = None
    rates: PadRates | None = None

    @property
    def method(self) -> str:
        """``none``, ``passive``, ``active``, or ``passive+active``."""
        return "+".join(method.value for method in PadMethod if method in self.methods) or "none"

    @property
    def is_evaluated(self) -> bool:
        return self.rates is not None

    @property
    def outcome(self) -> PadOutcome:
        if self.is_attack:
            return PadOutcome.ATTACK
        return PadOutcome.BONA_FIDE if self.is_evaluated else PadOutcome.NOT_EVALUATED

    @property
    def sentence(self) -> str:
        if self.rates is not None:
            return self.rates.sentence
        if self.is_attack:
            return "Presentation attacks: one is suspected; how often that is wrong was not evaluated."
        return "Presentation attacks: not evaluated."

    def to_json(self) -> dict[str, object]:
        return {
            "method": self.method,
            "outcome": self.outcome.value,
            "evaluated": self.is_evaluated,
            "sentence": self.sentence,
            "model": self.model,
        }


NO_PAD = PadReport()


def told_methods(methods: Iterable[PadMethod]) -> list[str]:
    """The methods' names, always in the same order."""
    wanted = frozenset(methods)
    return [method.value for method in PadMethod if method in wanted]


@dataclass(frozen=True, slots=True)
class DevicePad:
    """What a device says it did against presentation attacks. ``score``: its passive detector's; the site judges it."""

    methods: frozenset[PadMethod] = frozenset()
    model: str | None = None
    score: float | None = None


def passive_report(model: str, score: float, threshold: float, rates: PadRates | None) -> PadReport:
    """What ``score`` of the detector ``model`` says at ``threshold``, with ``rates`` where they hold for both."""
    holds = rates is not None and (rates.model, rates.threshold) == (model, threshold)
    is_attack = not score >= threshold  # so that no number at all is an attack too
    return PadReport(frozenset({PadMethod.PASSIVE}), is_attack, model, score, rates if holds else None)


@dataclass(frozen=True, slots=True)
class PadCheck:
    """The passive check of one site: its detector, the threshold in use, and the evaluation adopted, if any.

    ``threshold``: a score below it is taken for an attack.
    """

    detector: PresentationAttackDetector
    threshold: float
    rates: PadRates | None = None

    def look(self, image: Image, face: Face) -> PadReport:
        return passive_report(self.detector.name, self.detector.score(image, face), self.threshold, self.rates)
