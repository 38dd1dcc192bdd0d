"""How far the tail of the non-mated scores carries, from a folder of photos."""

from collections.abc import Callable
from dataclasses import dataclass

from doorward.evaluation.rates import compare_all
from doorward.evaluation.tail_check import TailCheck, check_tail
from doorward.face.template import TemplateOrigin
from doorward.wiring.face.evaluating import EmbeddedPhotos


@dataclass(frozen=True, slots=True)
class TailEvaluation:
    """``splits``: how often the people were split, by ``seed``, for each share."""

    origin: TemplateOrigin
    people: int
    splits: int
    seed: int
    checks: tuple[TailCheck, ...]


def measure_tail(photos: EmbeddedPhotos, splits: int, seed: int, on_progress: Callable[[int], None]) -> TailEvaluation:
    """Fit on some of the people and hold against the others, again and again; ``WrongUse`` when they are too few."""
    pairs = compare_all(photos.vectors[0], photos.subjects)
    checks = check_tail(pairs, splits, seed, on_progress)
    return TailEvaluation(photos.origins[0], len(photos.people), splits, seed, checks)
