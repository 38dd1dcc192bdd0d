"""What a search rests on: how many it compares with, how often it may be wrong, and what was measured for that."""

from dataclasses import dataclass

from doorward.errors import EvidenceMissing
from doorward.face.thresholds import DEFAULT_FPIR, Threshold, ThresholdSet, ThresholdsOf, threshold_set_for
from doorward.kernel.score_tail import Estimate

_ROUNDING = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class SearchBasis:
    """Of a search among ``references`` in which ``fpir`` of the strangers are named at most.

    The threshold is that of FMR = FPIR / N, where N counts references, several of a person too. A stranger is named
    with a probability of N * FMR at most (Boole's inequality), however their comparisons hang together, as long as
    probes and references are people like those of the evaluation.
    """

    references: int
    fpir: float
    thresholds: ThresholdSet

    @property
    def needed_fmr(self) -> float:
        """The false-match rate that a comparison may have."""
        return self.fpir / max(self.references, 1)

    @property
    def is_supported(self) -> bool:
        return self.needed_fmr * _ROUNDING >= self.thresholds.lowest_fmr

    @property
    def most_references(self) -> int:
        """How many the evaluation supports at this FPIR."""
        return int(self.fpir / self.thresholds.lowest_fmr * _ROUNDING)

    @property
    def threshold(self) -> Threshold:
        """A rate above what was measured takes the strictest that covers it; ``EvidenceMissing`` for one below."""
        if not self.is_supported:
            raise EvidenceMissing(self.refusal)
        return self.thresholds.at(min(max(self.needed_fmr, self.thresholds.lowest_fmr), self.thresholds.highest_fmr))

    @property
    def refusal(self) -> str:
        """Why there is no such search, and what to do."""
        return (
            f"This model was evaluated down to a false-match rate of {self.thresholds.lowest_fmr:.0e}; "
            f"{self.references:,} references at FPIR {self.fpir:g} need {self.needed_fmr:.1e}: use a second factor (a "
            f"badge or number beside the face), or a smaller group ({self.most_references:,} at most at this FPIR)."
        )

    @property
    def named_at_most(self) -> float | None:
        """The share of strangers that may be named, at the threshold that serves; None beyond the evidence."""
        return max(self.references, 1) * self.threshold.fmr if self.is_supported else None

    @property
    def rests_on_tail(self) -> bool:
        """Whether fewer than thirty pairs decided the threshold, so that the tail of the scores tells it."""
        return self.is_supported and self.threshold.fmr < self.thresholds.points[-1][0]

    @property
    def missed(self) -> Estimate | None:
        """The share of those enrolled with one reference who are missed, as measured with mated pairs; or None."""
        return self.thresholds.missed_at(self.threshold.value) if self.is_supported else None


def search_basis(
    model: str, references: int, fpir: float = DEFAULT_FPIR, thresholds_of: ThresholdsOf = threshold_set_for
) -> SearchBasis:
    """By the thresholds in use for ``model``; ``WrongUse`` when there are none."""
    return SearchBasis(references, fpir, thresholds_of(model))
