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


SIZES = (0, 1, 2, 5, 10, 20)
"""Where groups of counts by their truth begin; each goes up to the next, the last one has no end."""


@dataclass(frozen=True, slots=True)
class SizeErrors:
    """Counts of which the truth is ``least`` to ``most`` (None: any more), ``exact`` of which were right."""

    least: int
    most: int | None
    people: int
    errors: CountErrors
    exact: int


def errors_by_size(counted: Sequence[int], truth: Sequence[int]) -> tuple[SizeErrors, ...]:
    """How far counts are off, by how many there are to be counted; without groups that nothing falls into."""
    groups = []
    for least, after in zip(SIZES, (*SIZES[1:], None), strict=True):
        pairs = [
            (found, there)
            for found, there in zip(counted, truth, strict=True)
            if there >= least and (after is None or there < after)
        ]
        if pairs:
            found, there = zip(*pairs, strict=True)
            exact = sum(one == other for one, other in pairs)
            most = None if after is None else after - 1
            groups.append(SizeErrors(least, most, sum(there), count_errors(found, there), exact))
    return tuple(groups)
