"""Open-set identification after ISO/IEC 19795-1: how often a search finds who is enrolled, and names who is not.

A share of the people is left out of enrolment, by a seeded draw. Everybody else is enrolled with one photo; their other
photos are mated searches, all photos of the people left out are non-mated searches. A search returns one candidate
at most, the best at or above the threshold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse
from doorward.evaluation.rates import RESAMPLES, RULE_OF_3, RULE_OF_30, Rate

FPIRS = (0.1, 0.01)
"""False-positive identification rates at which misses are told."""

_ROWS = 1024
_PLACES = 3
"""Decimal places of the shares of people that a draw may leave out."""


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """What the searches gave, in a gallery of ``enrolled`` people with one reference each.

    ``hits``: for each mated search the score of the candidate, -inf where it is another person; ``of_hits`` the person
    searched for. ``candidates``: for each non-mated search the score of its candidate; ``of_candidates`` the person.
    ``left_out``: people who are not enrolled.
    """

    enrolled: int
    left_out: int
    hits: NDArray[np.float64]
    of_hits: NDArray[np.intp]
    candidates: NDArray[np.float64]
    of_candidates: NDArray[np.intp]

    def threshold_at(self, fpir: float) -> float | None:
        """The lowest score at or above which at most ``fpir`` of the non-mated searches have a candidate; None where
        fewer than three of them would decide (rule of 3).
        """
        if self.deciding(fpir) < RULE_OF_3:
            return None
        return _threshold(-np.sort(-self.candidates), self.deciding(fpir))

    def deciding(self, fpir: float) -> int:
        """How many non-mated searches may give a candidate at ``fpir``."""
        return int(fpir * len(self.candidates) * (1 + 1e-12))


@dataclass(frozen=True, slots=True, eq=False)
class SearchCurve:
    """``fpir`` falls and ``fnir`` rises along it; where fewer than three searches decide either, it has no point."""

    fpir: NDArray[np.float64]
    fnir: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SearchReport:
    """``rank1``: the share of mated searches whose best candidate is the person searched for, whatever its score.

    ``fnir``: by the FPIR asked for, the share of mated searches that do not return the person at that threshold; None
    where the non-mated searches are too few to tell. ``firm``: those rates for which the rule of 30 holds.
    """

    searches: Searches
    rank1: Rate
    fnir: dict[float, Rate | None]
    firm: frozenset[float]
    curve: SearchCurve


def search_all(
    vectors: NDArray[np.float32], subjects: NDArray[np.intp], left_out: float = 0.5, seed: int = 1
) -> Searches:
    """Search for every photo that is not enrolled; ``vectors`` n x d of unit length, ``subjects`` (n) from 0 on.

    ``WrongUse`` when ``left_out`` (0..1) leaves nobody in or out, or no search for somebody who is enrolled.
    """
    generator = np.random.default_rng(seed)
    people = np.unique(subjects)
    out = np.zeros(int(people.max(initial=0)) + 1, dtype=np.bool_)
    away = round(round(left_out, _PLACES) * len(people))
    out[generator.permutation(people)[:away]] = True
    order = generator.permutation(len(subjects))
    _, first = np.unique(subjects[order], return_index=True)  # a photo of each person, drawn
    references = np.sort(order[first])
    references = references[~out[subjects[references]]]
    is_reference = np.zeros(len(subjects), dtype=np.bool_)
    is_reference[references] = True
    mated = np.flatnonzero(~out[subjects] & ~is_reference)
    non_mated = np.flatnonzero(out[subjects])
    if not len(mated) or not len(non_mated):
        raise WrongUse(
            "Searches need people with two photos or more who are enrolled, and people who are not; add people, or "
            "leave out another share."
        )
    best, whose = _best(vectors[mated], vectors[references])
    hits = np.where(subjects[references][whose] == subjects[mated], best, -np.inf)
    candidates, _ = _best(vectors[non_mated], vectors[references])
    return Searches(len(references), away, hits, subjects[mated], candidates, subjects[non_mated])


def search_report(searches: Searches, fpirs: Sequence[float] = FPIRS, seed: int = 1) -> SearchReport:
    """All rates with 95% intervals: the middle of ``RESAMPLES`` resamplings of whole people, those enrolled and those
    left out by themselves, with the threshold taken anew in each. The gallery is held. Where no search missed, the
    interval reaches to 3 / people (rule of three).
    """
    found = np.isfinite(searches.hits)
    people = len(np.unique(searches.of_hits))
    again = [1 - float(np.average(found, weights=hits)) for hits, _ in _draws(searches, seed)]
    rank1 = _rate(1 - float(found.mean()), again, people, -np.inf)
    fnir: dict[float, Rate | None] = {}
    for fpir in fpirs:
        threshold = searches.threshold_at(fpir)
        missed = None if threshold is None else float((searches.hits < threshold).mean())
        if threshold is None or missed is None:
            fnir[fpir] = None
        else:
            fnir[fpir] = _rate(missed, list(_resampled(searches, fpir, seed)), people, threshold)
    return SearchReport(
        searches,
        Rate(1 - rank1.value, 1 - rank1.high, 1 - rank1.low, rank1.threshold),
        fnir,
        frozenset(fpir for fpir in fpirs if searches.deciding(fpir) >= RULE_OF_30),
        search_curve(searches),
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


def _best(probes: NDArray[np.float32], gallery: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Score and place in the gallery of each probe's best candidate."""
    scores, places = np.empty(len(probes)), np.empty(len(probes), dtype=np.intp)
    for row in range(0, len(probes), _ROWS):
        block = probes[row : row + _ROWS] @ gallery.T
        places[row : row + _ROWS] = block.argmax(axis=1)
        scores[row : row + _ROWS] = block.max(axis=1)
    return scores, places


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


def _resampled(searches: Searches, fpir: float, seed: int) -> Iterator[float]:
    order = np.argsort(-searches.candidates, kind="stable")
    falling = searches.candidates[order]
    for hits, candidates in _draws(searches, seed):
        counted = np.cumsum(candidates[order])
        allowed = fpir * counted[-1] * (1 + 1e-12)
        place = int(np.searchsorted(counted, allowed, side="right"))  # the first that is one too many
        threshold = _threshold(falling, place)
        yield float(hits[searches.hits < threshold].sum() / hits.sum())


def _threshold(falling: NDArray[np.float64], allowed: int) -> float:
    """Just above the first score that is one too many; any score will do where there is none."""
    return float(np.nextafter(falling[allowed], np.inf)) if allowed < len(falling) else -np.inf


def _rate(missed: float, resampled: Sequence[float], people: int, threshold: float) -> Rate:
    low, high = (float(end) for end in np.percentile(resampled, [2.5, 97.5]))
    edge = min(1.0, RULE_OF_3 / people)
    return Rate(
        float(missed),
        low if missed < 1.0 else min(low, 1 - edge),
        high if missed > 0.0 else max(high, edge),
        threshold,
    )
