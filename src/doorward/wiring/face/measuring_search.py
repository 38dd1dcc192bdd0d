"""A search evaluation from a folder of photos to rates, in galleries of one size or several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.models.library import ModelPlaces
from doorward.evaluation.rates import compare_all
from doorward.evaluation.report import Acquisition
from doorward.evaluation.search import search_all
from doorward.evaluation.search_prediction import Prediction, predictions
from doorward.evaluation.search_report import SearchReport, search_report
from doorward.evaluation.tail import fit_tail
from doorward.face.template import TemplateOrigin
from doorward.wiring.face.evaluating import embed_photos


@dataclass(frozen=True, slots=True, eq=False)
class GalleryRates:
    """What the searches in one gallery gave, and at the thresholds that a door would take."""

    rates: SearchReport
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SearchEvaluation:
    """``seed`` and ``left_out`` say who was enrolled. ``galleries``: from the smallest to the largest."""

    origin: TemplateOrigin
    acquisition: Acquisition
    seed: int
    left_out: float
    galleries: tuple[GalleryRates, ...]

    @property
    def name(self) -> str:
        return f"{self.origin.model} ({self.origin.runtime}, {self.origin.precision})"


def measure_search(
    photos: dict[tuple[str, int], Path],
    places: ModelPlaces,
    embedder: EmbedderCard,
    left_out: float,
    seed: int,
    sizes: Sequence[int],
    on_progress: Callable[[int], None],
) -> SearchEvaluation:
    """Search for the faces in ``photos`` among those of them that are enrolled; ``WrongUse`` when there are too few.

    ``sizes``: of further galleries, beside that of everybody who is not left out.
    """
    embedded = embed_photos(photos, places, (embedder,), on_progress)
    vectors, subjects = embedded.vectors[0], embedded.subjects
    everybody = search_all(vectors, subjects, left_out, seed)
    smaller = sorted(set(sizes) - {everybody.enrolled})
    searched = [*(search_all(vectors, subjects, left_out, seed, size) for size in smaller), everybody]
    pairs = compare_all(vectors, subjects)
    tail = fit_tail(pairs)
    galleries = tuple(
        GalleryRates(search_report(one, seed=seed), predictions(one, pairs, tail, seed=seed)) for one in searched
    )
    return SearchEvaluation(embedded.origins[0], embedded.acquisition, seed, left_out, galleries)
