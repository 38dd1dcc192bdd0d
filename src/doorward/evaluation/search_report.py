"""Rates of searches: FNIR where FPIR is so high, rank 1 and the ranks after it, with intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.evaluation.rates import RESAMPLES, RULE_OF_3, RULE_OF_30, Rate
from doorward.evaluation.search import Searches, first_above

FPIRS = (0.1, 0.01)
"""False-positive identification rates at which misses are told."""

RANKS = (1, 2, 5, 10, 20)
"""Ranks that the cumulative match characteristic is told for."""


@dataclass(frozen=True, slots=True, eq=False)
class SearchCurve:
    """``fpir`` falls and ``fnir`` rises along it; where fewer than three searches decide either, it has no point."""

    fpir: NDArray[np.float64]
    fnir: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SearchReport:
    """``rank1``: the share of mated searches whose best candidate is the person searched for, whatever its score.

    ``cmc``: by rank, the share whose person is among as many nearest candidates (cumulative match characteristic).
    ``fnir``: by the FPIR asked for, the share of mated searches that do not return the person at that threshold; None
    where the non-mated searches are too few to tell. ``firm``: those rates for which the rule of 30 holds.
    """

    searches: Searches
    rank1: Rate
    cmc: dict[int, float]
    fnir: dict[float, Rate | None]
    firm: frozenset[float]
    curve: SearchCurve


def search_report(searches: Searches, fpirs: Sequence[float] = FPIRS, seed: int = 1) -> SearchReport:
    """All rates with 95% intervals: the middle of ``RESAMPLES`` resamplings of whole people, those enrolled and those
    left out by themselves, with the threshold taken anew in each. The gallery is held. Where no search missed, the
    interval reaches to 3 / people (rule of three).
    """
    found = np.isfinite(searches.hits)
    people = len(np.unique(searches.of_hits))
    thresholds = {fpir: searches.threshold_at(fpir) for fpir in fpirs}
    not_first, missed_again = _resampled(
        searches, found, [fpir for fpir, threshold in thresholds.items() if threshold is not None], seed
    )
    rank1 = _rate(1 - float(found.mean()), not_first, people, -np.inf)
    fnir: dict[float, Rate | None] = {}
    for fpir, threshold in thresholds.items():
        if threshold is None:
            fnir[fpir] = None
        else:
            missed = float((searches.hits < threshold).mean())
            fnir[fpir] = _rate(missed, missed_again[fpir], people, threshold)
    return SearchReport(
        searches,
        Rate(1 - rank1.value, 1 - rank1.high, 1 - rank1.low, rank1.threshold),
        {rank: float((searches.ranks <= rank).mean()) for rank in RANKS},
        fnir,
        frozenset(fpir for fpir in fpirs if searches.deciding(fpir) >= RULE_OF_30),
        search_curve(searches),
    )


def rates_at(searches: Searches, threshold: float, seed: int = 1) -> tuple[Rate, Rate]:
    """FPIR and FNIR at a ``threshold`` that does not come from these searches; intervals as in ``search_report``."""
    named, missed = searches.candidates >= threshold, searches.hits < threshold
    draws = [
        (float(np.average(named, weights=candidates)), float(np.average(missed, weights=hits)))
        for hits, candidates in _draws(searches, seed)
    ]
    of_named, of_missed = zip(*draws, strict=True)
    return (
        _rate(float(named.mean()), of_named, len(np.unique(searches.of_candidates)), threshold),
        _rate(float(missed.mean()), of_missed, len(np.unique(searches.of_hits)), threshold),
    )


def search_curve(searches: Searches) -> SearchCurve:
    """FPIR and FNIR at every score of a non-mated search."""
    falling = -np.sort(-searches.candidates)
    hits = np.sort(searches.hits)
    named = np.arange(RULE_OF_3, len(falling))[::-1]
    thresholds = np.nextafter(falling[named], np.inf)
    named = len(falling) - np.searchsorted(falling[::-1], thresholds)  # fewer where scores are equal
    missed = np.searchsorted(hits, thresholds)
    told = (named >= RULE_OF_3) & (missed >= RULE_OF_3)
    return SearchCurve(named[told] / max(len(falling), 1), missed[told] / max(len(hits), 1))


def _draws(searches: Searches, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """How often each mated and each non-mated search counts, where people were drawn at random."""
    generator = np.random.default_rng(seed)
    groups = [np.unique(of, return_inverse=True)[1] for of in (searches.of_hits, searches.of_candidates)]
    for _ in range(RESAMPLES):
        hits, candidates = (
            generator.multinomial(group.max() + 1, np.full(group.max() + 1, 1 / (group.max() + 1)))[group]
            for group in groups
        )
        yield hits, candidates


def _resampled(
    searches: Searches, found: NDArray[np.bool_], fpirs: Sequence[float], seed: int
) -> tuple[list[float], dict[float, list[float]]]:
    """The shares not at rank 1 and, by FPIR, of those missed, in each of the resamplings."""
    order = np.argsort(-searches.candidates, kind="stable")
    falling = searches.candidates[order]
    not_first: list[float] = []
    missed: dict[float, list[float]] = {fpir: [] for fpir in fpirs}
    for hits, candidates in _draws(searches, seed):
        not_first.append(1 - float(np.average(found, weights=hits)))
        counted = np.cumsum(candidates[order])
        for fpir in fpirs:
            allowed = fpir * counted[-1] * (1 + 1e-12)
            place = int(np.searchsorted(counted, allowed, side="right"))  # the first that is one too many
            threshold = first_above(falling, place)
            missed[fpir].append(float(hits[searches.hits < threshold].sum() / hits.sum()))
    return not_first, missed


def _rate(wrong: float, resampled: Sequence[float], people: int, threshold: float) -> Rate:
    low, high = (float(end) for end in np.percentile(resampled, [2.5, 97.5]))
    edge = min(1.0, RULE_OF_3 / people)
    return Rate(
        float(wrong),
        low if wrong < 1.0 else min(low, 1 - edge),
        high if wrong > 0.0 else max(high, edge),
        threshold,
    )
