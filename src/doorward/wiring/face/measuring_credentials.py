"""What carrying a reference in few bits costs: the same photos compared with and without quantisation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from doorward.evaluation.difference import Difference, accept_differences
from doorward.evaluation.rates import AllPairs, Rate, compare_all, true_accept_rates
from doorward.face.quantisation import bits_for, quantise, restore
from doorward.wiring.face.evaluating import EmbeddedPhotos


@dataclass(frozen=True, slots=True, eq=False)
class CarriedEvaluation:
    """``kept`` and ``carried``: rates of acceptance by false-match rate, with references as they are and quantised.

    ``largest_change``: of any mated score.
    """

    bits: int
    pairs: AllPairs
    kept: Mapping[float, Rate | None]
    carried: Mapping[float, Rate | None]
    differences: Mapping[float, Difference | None]
    largest_change: float


def measure_carried(embedded: EmbeddedPhotos, on_progress: Callable[[int], None]) -> CarriedEvaluation:
    """All pairs among the photos, twice: the first of each is the probe, the second the reference."""
    vectors, subjects = embedded.vectors[0], embedded.subjects
    dimension = vectors.shape[1]
    bits = bits_for(dimension)
    quantised = np.stack([restore(quantise(vector, bits), bits, dimension) for vector in vectors])
    kept = compare_all(vectors, subjects, on_progress)
    carried = compare_all(vectors, subjects, on_progress, quantised)
    change = float(np.abs(carried.mated - kept.mated).max()) if len(kept.mated) else 0.0
    return CarriedEvaluation(
        bits,
        kept,
        true_accept_rates(kept),
        true_accept_rates(carried),
        accept_differences(kept, carried),
        change,
    )
