"""The face models of this process: found, verified, loaded once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from doorward.adapters.face.cards import YUNET
from doorward.adapters.face.detector import YuNetDetector
from doorward.adapters.face.embedder import AlignedFaceEmbedder
from doorward.adapters.face.embedder_card import SFACE_EMBEDDER, EmbedderCard
from doorward.adapters.face.pixels import limit_threads
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import fastest_choice, open_session, read_model
from doorward.adapters.models.session import ModelSession, RuntimeChoice, SessionOptions
from doorward.face.ports import FaceDetector, FaceEmbedder
from doorward.wiring.face.loading import LoadedOnce

_NO_PATHS: Mapping[str, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class FaceModels:
    detector: FaceDetector
    embedder: FaceEmbedder


def load_face_models(
    model_folder: Path | None,
    paths: Mapping[str, Path] = _NO_PATHS,
    threads: int = 1,
    embedder: EmbedderCard = SFACE_EMBEDDER,
) -> FaceModels:
    """Detector and embedder in the faster runtime of this machine, one session a process and model.

    ``paths``: files chosen in the settings by model name; ``model_folder``: the site's. Every file is checked
    against its pinned SHA-256, also where the same models are loaded already; ``ModelMissing`` or ``ModelRefused``.
    """
    places = ModelPlaces(model_folder, paths)

    def build() -> FaceModels:
        choices = (fastest_choice(YUNET.name), fastest_choice(embedder.card.name))
        return build_face_models(places, *choices, threads, embedder)

    return _loaded.get((embedder, threads), places, (YUNET, embedder.card), build)


_loaded: LoadedOnce[FaceModels] = LoadedOnce()


def build_face_models(
    places: ModelPlaces,
    detector_choice: RuntimeChoice,
    embedder_choice: RuntimeChoice,
    threads: int,
    embedder: EmbedderCard = SFACE_EMBEDDER,
) -> FaceModels:
    """The same with the runtimes chosen by the caller, and not cached."""
    limit_threads(threads)
    yunet = read_model(YUNET, places)

    def open_canvas(side: int) -> ModelSession:
        return open_session(YUNET.name, yunet, SessionOptions(detector_choice, threads, (1, 3, side, side)))

    return FaceModels(YuNetDetector(open_canvas), build_embedder(embedder, places, embedder_choice, threads))


def build_embedder(
    embedder: EmbedderCard, places: ModelPlaces, choice: RuntimeChoice, threads: int
) -> AlignedFaceEmbedder:
    """The embedder of a card, its file verified and inspected; ``ModelMissing`` or ``ModelRefused``."""
    side = embedder.input.size
    options = SessionOptions(choice, threads, (-1, 3, side, side))
    return AlignedFaceEmbedder(embedder, open_session(embedder.card.name, read_model(embedder.card, places), options))
