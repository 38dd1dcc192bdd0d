"""Thresholds by false-match rate: named sets that say where they were measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import log

from doorward.errors import WrongUse
from doorward.kernel.score_tail import Estimate, ScoreTail


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

    ``model`` is the name in ``TemplateOrigin.model``. A rate between two points is interpolated in the rate's
    logarithm. ``tail`` adds one point beyond them, at the upper end of its interval; there is none further.
    ``misses``: of the mated pairs, the share below each of some thresholds, falling; none where it was not kept.
    ``provenance``: None of the sets that Doorward carries.
    """

    name: str
    model: str
    measured_on: str
    mated: int
    non_mated: int
    points: tuple[tuple[float, float], ...]
    provenance: Provenance | None = None
    tail: ScoreTail | None = None
    misses: tuple[tuple[float, Estimate], ...] = ()

    @property
    def highest_fmr(self) -> float:
        return self.points[0][0]

    @property
    def lowest_fmr(self) -> float:
        """The rarest rate at which there is a threshold."""
        return self._served()[-1][0]

    def at(self, fmr: float) -> Threshold:
        """The threshold at ``fmr``; ``WrongUse`` outside the measured range."""
        if not self.lowest_fmr <= fmr <= self.highest_fmr:
            raise WrongUse(
                f"The threshold set {self.name} was measured for false-match rates from {self.lowest_fmr:g} to "
                f"{self.highest_fmr:g}; choose one between them instead of {fmr:g}."
            )
        served = self._served()
        for (high, at_high), (low, at_low) in pairwise(served):
            if low <= fmr:
                share = (log(high) - log(fmr)) / (log(high) - log(low))
                return Threshold(at_high + share * (at_low - at_high), fmr, self.name)
        raise WrongUse(f"The threshold set {self.name} has no points.")

    def missed_at(self, threshold: float) -> Estimate | None:
        """The share of mated pairs below ``threshold`` (FNMR), between two thresholds on a straight line; None where
        it was not measured.
        """
        for (high, at_high), (low, at_low) in pairwise(self.misses):
            if low <= threshold <= high:
                share = (threshold - low) / (high - low)
                return Estimate(
                    value=at_low.value + share * (at_high.value - at_low.value),
                    low=at_low.low + share * (at_high.low - at_low.low),
                    high=at_low.high + share * (at_high.high - at_low.high),
                )
        return None

    def _served(self) -> tuple[tuple[float, float], ...]:
        if self.tail is None or self.tail.carried_to >= self.points[-1][0]:
            return self.points
        carried = self.tail.threshold(self.tail.carried_to).high
        return (*self.points, (self.tail.carried_to, max(carried, self.points[-1][1])))


# Reproduced by `doorward evaluate pairs` on the same photos. Seven pairs reach 1e-6, LFW's own label errors among them:
# too few to be a point, so the tail carries the set there. All of it at f32.
SFACE_LFW = ThresholdSet(
    name="sface-lfw-2",
    model="sface",
    measured_on="Labeled Faces in the Wild, folds 1 to 5 of View 2, all pairs among the 3,811 photos",
    mated=4_414,
    non_mated=7_255_541,
    points=((1e-2, 0.3084), (1e-3, 0.3742), (1e-4, 0.4296), (1e-5, 0.4816)),
    tail=ScoreTail(
        start=0.3742,
        rate=1e-3,
        scale=0.02477,
        spread=(2.08e-5, -3.06e-6, 4.80e-7),
        carried_to=1e-6,
    ),
    misses=(
        (0.5557, Estimate(0.1133, 0.0931, 0.1374)),
        (0.4816, Estimate(0.0417, 0.0301, 0.0557)),
        (0.4296, Estimate(0.0215, 0.0137, 0.0307)),
        (0.3742, Estimate(0.0109, 0.0059, 0.0170)),
        (0.3084, Estimate(0.0048, 0.0022, 0.0079)),
    ),
)

THRESHOLD_SETS = (SFACE_LFW,)
DEFAULT_VERIFICATION_FMR = 1e-4
"""The highest that NIST SP 800-63-4 allows for verification."""

DEFAULT_FPIR = 0.01
"""One stranger in a hundred is wrongly named at most."""

HIGHEST_FPIR = 0.1
"""A search that names more strangers than one in ten is none."""


ThresholdsOf = Callable[[str], ThresholdSet]
"""Gives the set in use for a model by its name; ``WrongUse`` when there is none."""


def checked_fpir(fpir: float) -> float:
    """A false-positive identification rate that searches may have; ``WrongUse`` for any other."""
    if not 0 < fpir <= HIGHEST_FPIR:
        raise WrongUse(
            f"A false-positive identification rate lies above 0 and is at most {HIGHEST_FPIR:g}: 0.01 names one "
            "stranger in a hundred wrongly."
        )
    return fpir


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
