"""What a search does at a door's own threshold, which pairs were measured for and searches were not.

A door that may name strangers at FPIR = p takes the threshold at FMR = p / N for N references (ISO/IEC 19795-1). Were
the comparisons of a probe independent, FPIR would be 1 - (1 - FMR)^N. Whatever they are, it is N * FMR at most on
average (Boole's inequality), as long as probes and references are people like those of the pairs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import expm1, log1p

from doorward.evaluation.rates import FMRS, AllPairs, Rate
from doorward.evaluation.search import Searches
from doorward.evaluation.search_report import FPIRS, rates_at
from doorward.kernel.score_tail import ScoreTail


@dataclass(frozen=True, slots=True)
class Prediction:
    """At ``asked`` of the FPIR a door takes the threshold of ``fmr``; the searches give ``fpir`` and ``fnir`` there.

    ``predicted``: what independent comparisons would give.
    """

    asked: float
    fmr: float
    threshold: float
    predicted: float
    fpir: Rate
    fnir: Rate


def predictions(
    searches: Searches, pairs: AllPairs, tail: ScoreTail | None, fpirs: Sequence[float] = FPIRS, seed: int = 1
) -> tuple[Prediction, ...]:
    """For each of ``fpirs``; without those whose rate lies beyond what ``pairs`` and ``tail`` can tell."""
    return tuple(_predicted(searches, pairs, tail, fpirs, seed))


def _predicted(
    searches: Searches, pairs: AllPairs, tail: ScoreTail | None, fpirs: Sequence[float], seed: int
) -> Iterable[Prediction]:
    for asked in fpirs:
        fmr = min(asked / searches.enrolled, max(FMRS))
        threshold = _threshold(pairs, tail, fmr)
        if threshold is not None:
            predicted = -expm1(searches.enrolled * log1p(-fmr))
            yield Prediction(asked, fmr, threshold, predicted, *rates_at(searches, threshold, seed))


def _threshold(pairs: AllPairs, tail: ScoreTail | None, fmr: float) -> float | None:
    """As measured where thirty pairs decide it, else as the tail carries it."""
    if pairs.is_firm(fmr):
        return pairs.threshold_at(fmr)
    return tail.threshold(fmr).high if tail is not None and fmr >= tail.carried_to else None
