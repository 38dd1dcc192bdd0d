"""Open-set identification after ISO/IEC 19795-1: searches for who is enrolled, and for who is not.

A share of the people is left out of enrolment, by a seeded draw. Everybody else is enrolled with one photo; their other
photos are mated searches, all photos of the people left out are non-mated searches. A search returns one candidate
at most, the best at or above the threshold. A smaller gallery holds some of those whom a larger one of that seed holds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse
from doorward.evaluation.rates import RULE_OF_3

_ROWS = 1024
_PLACES = 3
"""Decimal places of the shares of people that a draw may leave out."""


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """What the searches gave, in a gallery of ``enrolled`` people with one reference each.

    ``hits``: for each mated search the score of the candidate, -inf where it is another person; ``of_hits`` the person
    searched for, and ``ranks`` their place among all candidates, from 1 on. ``candidates``: for each non-mated search
    the score of its candidate; ``of_candidates`` the person. ``left_out``: people who are in no gallery.
    """

    enrolled: int
    left_out: int
    hits: NDArray[np.float64]
    of_hits: NDArray[np.intp]
    ranks: NDArray[np.intp]
    candidates: NDArray[np.float64]
    of_candidates: NDArray[np.intp]

    def threshold_at(self, fpir: float) -> float | None:
        """The lowest score at or above which at most ``fpir`` of the non-mated searches have a candidate; None where
        fewer than three of them would decide (rule of 3).
        """
        if self.deciding(fpir) < RULE_OF_3:
            return None
        return first_above(-np.sort(-self.candidates), self.deciding(fpir))

    def deciding(self, fpir: float) -> int:
        """How many non-mated searches may give a candidate at ``fpir``."""
        return int(fpir * len(self.candidates) * (1 + 1e-12))


def search_all(
    vectors: NDArray[np.float32],
    subjects: NDArray[np.intp],
    left_out: float = 0.5,
    seed: int = 1,
    size: int | None = None,
) -> Searches:
    """Search for every photo that is not enrolled; ``vectors`` n x d of unit length, ``subjects`` (n) from 0 on.

    ``size``: of the gallery, all of the people not left out if not given; those of them who are in none then are not
    searched for. ``WrongUse`` when ``left_out`` (0..1) leaves nobody in or out, ``size`` asks for more people than are
    left, or there is no search for somebody who is enrolled.
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
    if size is not None:
        if not 1 <= size <= len(references):
            raise WrongUse(f"A gallery of {size} people was asked for, and only {len(references)} can be enrolled.")
        references = np.sort(generator.permutation(references)[:size])
    enrolled = np.zeros(len(out), dtype=np.bool_)
    enrolled[subjects[references]] = True
    is_reference = np.zeros(len(subjects), dtype=np.bool_)
    is_reference[references] = True
    mated = np.flatnonzero(enrolled[subjects] & ~is_reference)
    non_mated = np.flatnonzero(out[subjects])
    if not len(mated) or not len(non_mated):
        raise WrongUse(
            "Searches need people with two photos or more who are enrolled, and people who are not; add people, "
            "enrol more of them, or leave out another share."
        )
    place = np.zeros(len(out), dtype=np.intp)
    place[subjects[references]] = np.arange(len(references))
    hits, ranks = _hits(vectors[mated], vectors[references], place[subjects[mated]])
    candidates = _best(vectors[non_mated], vectors[references])
    return Searches(len(references), away, hits, subjects[mated], ranks, candidates, subjects[non_mated])


def first_above(falling: NDArray[np.float64], allowed: int) -> float:
    """Just above the first score that is one too many; any score will do where there is none."""
    return float(np.nextafter(falling[allowed], np.inf)) if allowed < len(falling) else -np.inf


def _hits(
    probes: NDArray[np.float32], gallery: NDArray[np.float32], own: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The candidates' scores, -inf where another than the place ``own`` is nearest, and the rank of ``own``."""
    hits, ranks = np.empty(len(probes)), np.empty(len(probes), dtype=np.intp)
    for row in range(0, len(probes), _ROWS):
        block = probes[row : row + _ROWS] @ gallery.T
        scores = block[np.arange(len(block)), own[row : row + _ROWS]]
        ranks[row : row + _ROWS] = 1 + (block > scores[:, None]).sum(axis=1)
        hits[row : row + _ROWS] = np.where(ranks[row : row + _ROWS] == 1, scores, -np.inf)
    return hits, ranks


def _best(probes: NDArray[np.float32], gallery: NDArray[np.float32]) -> NDArray[np.float64]:
    """The score of each probe's best candidate."""
    scores = np.empty(len(probes))
    for row in range(0, len(probes), _ROWS):
        scores[row : row + _ROWS] = (probes[row : row + _ROWS] @ gallery.T).max(axis=1)
    return scores
