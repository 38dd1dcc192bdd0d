"""How far counts are from the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class CountErrors:
    """Over ``number`` counts: mean absolute error, root of the mean squared error, and bias (counted less true).

    The three are None where nothing was counted.
    """

    number: int
    mae: float | None
    rmse: float | None
    bias: float | None


def count_errors(counted: Sequence[float], truth: Sequence[float]) -> CountErrors:
    """Each count against its truth, in the same order."""
    if not len(counted):
        return CountErrors(0, None, None, None)
    off = np.asarray(counted, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    return CountErrors(len(off), float(np.abs(off).mean()), float(np.sqrt((off**2).mean())), float(off.mean()))
