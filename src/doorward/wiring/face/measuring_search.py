"""A search evaluation from a folder of photos to rates."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.models.library import ModelPlaces
from doorward.evaluation.report import Acquisition
from doorward.evaluation.search import SearchReport, search_all, search_report
from doorward.face.template import TemplateOrigin
from doorward.wiring.face.evaluating import embed_photos


@dataclass(frozen=True, slots=True, eq=False)
class SearchEvaluation:
    """``seed`` and ``left_out`` say who was enrolled."""

    origin: TemplateOrigin
    acquisition: Acquisition
    seed: int
    left_out: float
    rates: SearchReport

    @property
    def name(self) -> str:
        return f"{self.origin.model} ({self.origin.runtime}, {self.origin.precision})"


def measure_search(
    photos: dict[tuple[str, int], Path],
    places: ModelPlaces,
    embedder: EmbedderCard,
    left_out: float,
    seed: int,
    on_progress: Callable[[int], None],
) -> SearchEvaluation:
    """Search for the faces in ``photos`` among those of them that are enrolled; ``WrongUse`` when there are too few."""
    embedded = embed_photos(photos, places, (embedder,), on_progress)
    searches = search_all(embedded.vectors[0], embedded.subjects, left_out, seed)
    return SearchEvaluation(
        embedded.origins[0], embedded.acquisition, seed, left_out, search_report(searches, seed=seed)
    )
