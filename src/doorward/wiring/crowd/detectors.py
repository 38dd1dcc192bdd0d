"""Which detector of people a name stands for."""

from dataclasses import dataclass, replace
from pathlib import Path

from doorward.adapters.crowd.motion import MotionDetector
from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.people_cards import PERSON_FORMATS
from doorward.adapters.models.session import ModelSession, Precision, Runtime, RuntimeChoice
from doorward.crowd.detector_choice import MOTION, DetectorChoice, OwnWeights
from doorward.crowd.ports import PersonDetector
from doorward.crowd.scene import Scene
from doorward.errors import ModelMissing, WrongUse

SERVED_BY = RuntimeChoice(Runtime.ONNX_RUNTIME, Precision.F32)
"""On one thread the faster one for models of people at full precision, with a third of the memory."""

OWN_DIGITS = 12
"""Digits of its SHA-256 that tell a model of the user's own from others in what is stored."""


def clip_detector(scene: Scene, places: ModelPlaces) -> PersonDetector:
    """The scene's detector, for the pictures of its camera in their order; ``ModelMissing`` or ``ModelRefused``."""
    if scene.detector.name == MOTION:
        return MotionDetector(scene)
    return _model_detector(scene.detector, places, scene.size)


def still_detector(choice: DetectorChoice, places: ModelPlaces) -> PersonDetector:
    """The detector for single photos; ``ModelMissing``, ``ModelRefused``, or ``WrongUse`` when it needs a clip."""
    if choice.name == MOTION:
        raise WrongUse("motion finds people by what moves between pictures, so it counts nobody in single photos.")
    return _model_detector(choice, places, None)


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """The card of the chosen model, its format, and where it lies."""

    card: ModelCard
    format_name: str
    places: ModelPlaces


def chosen_model(choice: DetectorChoice, places: ModelPlaces) -> ChosenModel:
    """``ModelMissing`` for weights that are nowhere."""
    card, format_name = _card(choice)
    return ChosenModel(card, format_name, places if choice.weights is None else _own_place(card, choice.weights))


def open_model(chosen: ChosenModel) -> tuple[ModelSession, tuple[int, ...]]:
    """The model, loaded on one thread, and the shape of its input; ``ModelMissing`` or ``ModelRefused``."""
    # Model libraries are loaded by who asked for a model alone.
    from doorward.adapters.models.opening import input_shape, open_session, read_model
    from doorward.adapters.models.session import SessionOptions

    prepared = read_model(chosen.card, chosen.places)
    return open_session(chosen.card.name, prepared, SessionOptions(SERVED_BY, threads=1)), input_shape(prepared)


def _model_detector(choice: DetectorChoice, places: ModelPlaces, size: tuple[int, int] | None) -> PersonDetector:
    from doorward.adapters.crowd.model_detector import ModelDetector

    chosen = chosen_model(choice, places)
    return ModelDetector(chosen.card.name, *open_model(chosen), chosen.format_name, size)


def _card(choice: DetectorChoice) -> tuple[ModelCard, str]:
    """The card of the chosen model, and its format."""
    for format_name, cards in PERSON_FORMATS.items():
        if choice.name == format_name:
            return (
                cards[0] if choice.weights is None else _own_card(cards[0], choice.weights, format_name)
            ), format_name
        for card in cards:
            if choice.name == card.name:
                return card, format_name
    raise WrongUse(f"There is no detector {choice.name!r}; name a model or its format.")


def _own_card(like: ModelCard, own: OwnWeights, format_name: str) -> ModelCard:
    name = f"{format_name}-{own.sha256[:OWN_DIGITS]}"
    return replace(
        like, name=name, file=own.path, sha256=own.sha256, url=None, source="where you had it from", packaged=None
    )


def _own_place(card: ModelCard, own: OwnWeights) -> ModelPlaces:
    if not Path(own.path).is_file():
        raise ModelMissing(f"There is no file {own.path}; name the file of the detector's weights.")
    return ModelPlaces(paths={card.name: Path(own.path)})
