"""Scores of a folder of presentations by the passive detector that serves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doorward.adapters.images import read_photo
from doorward.errors import NotFound, PhotoError, WrongUse
from doorward.evaluation.pad import (
    LEAST_TO_ADOPT,
    PadEvaluation,
    PresentationScores,
    evaluate_pad,
    is_enough,
)
from doorward.face.pad import PadRates
from doorward.kernel.image import Image
from doorward.wiring.face.models import load_face_models
from doorward.wiring.face.pad_models import BONA_FIDE_SCORE, load_pad_detector

BONA_FIDE = "bona_fide"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class Presentations:
    """Photos by kind: those of people themselves, and those of each attack instrument species."""

    bona_fide: tuple[Path, ...]
    attacks: Mapping[str, tuple[Path, ...]]

    @property
    def count(self) -> int:
        return len(self.bona_fide) + sum(map(len, self.attacks.values()))


def presentations_in(folder: Path) -> Presentations:
    """``folder/bona_fide`` and a folder an attack species; ``NotFound`` when one of both kinds is missing."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}; name one that holds {BONA_FIDE}/ and a folder an attack species.")
    kinds = {place.name: _photos(place) for place in sorted(folder.iterdir()) if place.is_dir()}
    held = {name: photos for name, photos in kinds.items() if photos}
    bona_fide = held.pop(BONA_FIDE, ())
    if not bona_fide or not held:
        raise NotFound(
            f"{folder} needs photos in {BONA_FIDE}/ and in a folder an attack species, such as print/ and screen/."
        )
    return Presentations(bona_fide, held)


def evaluate_folder(
    found: Presentations,
    model_folder: Path | None,
    paths: Mapping[str, Path],
    on_progress: Callable[[int], None],
) -> tuple[str, PadEvaluation]:
    """The detector's name and its error rates at the threshold in use.

    ``WrongUse`` names a file that is no photo; ``ModelMissing`` says how to get the models.
    """
    faces, attacks = load_face_models(model_folder, paths).detector, load_pad_detector(model_folder, paths)
    done = 0

    def scored(photos: tuple[Path, ...]) -> PresentationScores:
        nonlocal done
        scores, missed = [], 0
        for path in photos:
            image = _read(path)
            seen = faces.detect(image)
            if seen:
                scores.append(attacks.score(image, seen[0]))
            else:
                missed += 1
            done += 1
            on_progress(done)
        return PresentationScores(scores, missed)

    bona_fide = scored(found.bona_fide)
    species = {name: scored(photos) for name, photos in found.attacks.items()}
    return attacks.name, evaluate_pad(bona_fide, species, BONA_FIDE_SCORE)


def rates_of(model: str, evaluation: PadEvaluation, now: datetime) -> PadRates:
    """What answers may tell of ``evaluation``; ``WrongUse`` when its samples are too few."""
    worst, bona_fide = evaluation.worst, evaluation.bona_fide
    if not is_enough(evaluation) or worst.value is None or worst.high is None or bona_fide.value is None:
        raise WrongUse(
            f"An evaluation is adopted with {LEAST_TO_ADOPT} presentations of each species and {LEAST_TO_ADOPT} bona "
            "fide ones at least, each answered by the detector; fewer leave more than one error in ten possible."
        )
    return PadRates(
        model=model,
        threshold=evaluation.threshold,
        species=worst.name,
        apcer=worst.value,
        apcer_high=worst.high,
        attacks=worst.responses,
        bpcer=bona_fide.value,
        bona_fide=bona_fide.responses,
        adopted_at=now.isoformat(timespec="seconds"),
    )


def _photos(folder: Path) -> tuple[Path, ...]:
    return tuple(path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file())


def _read(path: Path) -> Image:
    try:
        return read_photo(path)
    except PhotoError:
        raise WrongUse(f"{path} cannot be read as a photo; take it out of the folder, or replace it.") from None
