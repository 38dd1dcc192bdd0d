"""Lists of pairs in LFW's format, and accuracy by fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse

PhotoName = tuple[str, int]
"""A subject's name and the number of the photo, which lies at ``name/name_0001.jpg``."""


@dataclass(frozen=True, slots=True)
class Pair:
    first: PhotoName
    second: PhotoName
    fold: int
    mated: bool


def parse_pairs(text: str) -> tuple[Pair, ...]:
    """LFW's ``pairs.txt``: folds and pairs of each kind a fold, then ``name i j`` or ``name1 i name2 j`` a line.

    ``WrongUse`` names the first line that is neither, or says that lines are missing.
    """
    lines = text.splitlines()
    header = lines[0].split() if lines else []
    if len(header) != 2 or not all(word.isdecimal() and int(word) > 0 for word in header):
        raise WrongUse("The list of pairs must begin with the number of folds and of pairs, as LFW's pairs.txt does.")
    folds, of_each = int(header[0]), int(header[1])
    body = [line for line in lines[1:] if line.strip()]
    if len(body) != folds * of_each * 2:
        raise WrongUse(f"The list of pairs promises {folds * of_each * 2} pairs and has {len(body)}; get it again.")
    return tuple(_pair(line, place + 2, place // (2 * of_each)) for place, line in enumerate(body))


def _pair(line: str, number: int, fold: int) -> Pair:
    match line.split("\t") if "\t" in line else line.split():
        case [name, first, second] if first.isdecimal() and second.isdecimal():
            return Pair((name, int(first)), (name, int(second)), fold, mated=True)
        case [name, first, other, second] if first.isdecimal() and second.isdecimal():
            return Pair((name, int(first)), (other, int(second)), fold, mated=False)
    raise WrongUse(f"Line {number} of the list of pairs is neither `name i j` nor `name1 i name2 j`; correct it.")


def accuracy_by_fold(
    scores: NDArray[np.float64], mated: NDArray[np.bool_], folds: NDArray[np.intp]
) -> tuple[float, ...]:
    """The share of right answers in each fold, at the threshold that is best on the other folds.

    LFW's View 2 protocol. A pair that could not be compared has score -inf: it is answered "not the same".
    """
    accuracies = []
    for fold in np.unique(folds):
        test = folds == fold
        threshold = _best_threshold(scores[~test], mated[~test]) if not test.all() else _best_threshold(scores, mated)
        accuracies.append(float(((scores[test] >= threshold) == mated[test]).mean()))
    return tuple(accuracies)


def _best_threshold(scores: NDArray[np.float64], mated: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(np.where(mated[order], 1, -1))
    best = int(np.argmax(right))
    lower = scores[order[best + 1]] if best + 1 < len(order) else scores[order[best]]
    return float(scores[order[best]] if not np.isfinite(lower) else (scores[order[best]] + lower) / 2)


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation (of the values, not of the mean)."""
    return float(np.mean(values)), float(np.std(values))
