"""Thresholds by false-match rate: named sets that say where they were measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import log

from doorward.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison at or above ``value`` (cosine, -1..1) matches; ``fmr`` strangers in one match wrongly."""

    value: float
    fmr: float
    threshold_set: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a site came by a set: the model file's ``sha256``, what ran it, and who adopted it when (ISO 8601)."""

    sha256: str
    runtime: str
    precision: str
    adopted_by: str
    adopted_at: str


@dataclass(frozen=True, slots=True)
class ThresholdSet:
    """Measured points of false-match rate against cosine, from the highest rate to the lowest.

    ``model`` is the name in ``TemplateOrigin.model``. A rate between two points is interpolated in the
    rate's logarithm; none is extrapolated. ``provenance``: None of the sets that Doorward carries.
    """

    name: str
    model: str
    measured_on: str
    mated: int
    non_mated: int
    points: tuple[tuple[float, float], ...]
    provenance: Provenance | None = None

    @property
    def highest_fmr(self) -> float:
        return self.points[0][0]

    @property
    def lowest_fmr(self) -> float:
        return self.points[-1][0]

    def at(self, fmr: float) -> Threshold:
        """The threshold at ``fmr``; ``WrongUse`` outside the measured range."""
        if not self.lowest_fmr <= fmr <= self.highest_fmr:
            raise WrongUse(
                f"The threshold set {self.name} was measured for false-match rates from {self.lowest_fmr:g} to "
                f"{self.highest_fmr:g}; choose one between them instead of {fmr:g}."
            )
        for (high, at_high), (low, at_low) in zip(self.points, self.points[1:], strict=False):
            if low <= fmr:
                share = (log(high) - log(fmr)) / (log(high) - log(low))
                return Threshold(at_high + share * (at_low - at_high), fmr, self.name)
        raise WrongUse(f"The threshold set {self.name} has no points.")


# Reproduced by `doorward evaluate pairs` on the same photos. At 1e-6 seven pairs decide, and LFW's own label errors
# are among them, so that point is more cautious than the model needs.
SFACE_LFW = ThresholdSet(
    name="sface-lfw-1",
    model="sface",
    measured_on="Labeled Faces in the Wild, folds 1 to 5 of View 2, all pairs among the 3,811 photos",
    mated=4_414,
    non_mated=7_255_541,
    points=((1e-2, 0.3029), (1e-3, 0.3694), (1e-4, 0.4245), (1e-5, 0.4720), (1e-6, 0.5426)),
)

THRESHOLD_SETS = (SFACE_LFW,)
DEFAULT_VERIFICATION_FMR = 1e-4
"""The highest that NIST SP 800-63-4 allows for verification."""


ThresholdsOf = Callable[[str], ThresholdSet]
"""Gives the set in use for a model by its name; ``WrongUse`` when there is none."""


def threshold_set_for(model: str, sets: Iterable[ThresholdSet] = THRESHOLD_SETS) -> ThresholdSet:
    """The first of ``sets`` that was measured for ``model``; ``WrongUse`` when there is none."""
    for thresholds in sets:
        if thresholds.model == model:
            return thresholds
    name = model.partition("@")[0]
    raise WrongUse(
        f"No thresholds were adopted for the model {model}; measure them on your own photos: "
        f"`doorward evaluate people FOLDER --embedder {name} --adopt NAME`."
    )
