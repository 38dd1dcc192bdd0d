"""The passive detector of presentation attacks: its pair of models found, verified, loaded once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from doorward.adapters.face.cards import PAD_PAIRS
from doorward.adapters.face.minifasnet import SIDE, MiniFasNetDetector, ScaledModel
from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import fastest_choice, open_session, read_model
from doorward.adapters.models.session import ModelSession, Precision, SessionOptions
from doorward.errors import ModelMissing
from doorward.face.ports import PresentationAttackDetector
from doorward.wiring.face.loading import LoadedOnce

SCALES = (2.7, 4.0)
"""How much larger than the face's box each model's crop is, in the order of ``PAD_PAIRS``."""

BONA_FIDE_SCORE = 0.5
"""The score from which a capture is taken for bona fide: more likely than both kinds of attack together. Of 400 of
LFW's photos, small press photos and no captures at a door, .11 lie below it; what it lets through was not measured.
"""


def load_pad_detector(model_folder: Path | None, paths: Mapping[str, Path]) -> PresentationAttackDetector:
    """The detector, one a process; ``ModelMissing`` says which commands fetch it, or ``ModelRefused``."""
    places = ModelPlaces(model_folder, paths)
    cards = pad_cards(places)
    return _loaded.get(cards, places, cards, lambda: _built(places, cards))


_loaded: LoadedOnce[PresentationAttackDetector] = LoadedOnce()


def pad_cards(places: ModelPlaces) -> tuple[ModelCard, ...]:
    """The first pair whose files are both here; ``ModelMissing`` when there is none."""
    for pair in PAD_PAIRS:
        if all(_is_here(card, places) for card in pair):
            return pair
    commands = " and ".join(f"`doorward models pull {card.name}`" for card in PAD_PAIRS[0])
    raise ModelMissing(f"The models that detect presentation attacks are not here; run {commands}.")


def _built(places: ModelPlaces, cards: tuple[ModelCard, ...]) -> PresentationAttackDetector:
    return MiniFasNetDetector(
        "+".join(card.name for card in cards),
        [ScaledModel(_session(card, places), scale) for card, scale in zip(cards, SCALES, strict=True)],
    )


def _session(card: ModelCard, places: ModelPlaces) -> ModelSession:
    choice = replace(fastest_choice(card.name), precision=Precision.F32)
    return open_session(card.name, read_model(card, places), SessionOptions(choice, 1, (1, 3, SIDE, SIDE)))


def _is_here(card: ModelCard, places: ModelPlaces) -> bool:
    try:
        places.find(card)
    except ModelMissing:
        return False
    return True
