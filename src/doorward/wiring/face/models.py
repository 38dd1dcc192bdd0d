"""The face models of this process: found, verified, loaded once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from doorward.adapters.face.cards import MTCNN_ONET, YUNET
from doorward.adapters.face.close_up import CloseUp
from doorward.adapters.face.detector import YuNetDetector
from doorward.adapters.face.embedder import AlignedFaceEmbedder
from doorward.adapters.face.embedder_card import SFACE_EMBEDDER, EmbedderCard
from doorward.adapters.face.landmark_network import SIDE, VIEWS, LandmarkNetwork
from doorward.adapters.face.pixels import limit_threads
from doorward.adapters.face.yunet import YuNet
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import fastest_choice, open_session, read_model
from doorward.adapters.models.session import ModelSession, Precision, RuntimeChoice, SessionOptions
from doorward.face.ports import FaceDetector, FaceEmbedder, SecondLook
from doorward.wiring.face.loading import LoadedOnce

_NO_PATHS: Mapping[str, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class FaceModels:
    """``detector`` finds faces with landmarks that ``second_look`` placed, by which they are judged and compared;
    ``movement_detector`` with those that limits of movements were measured for.
    """

    detector: FaceDetector
    movement_detector: FaceDetector
    second_look: SecondLook
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

    return _loaded.get((embedder, threads), places, (YUNET, MTCNN_ONET, embedder.card), build)


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
    octets = read_model(YUNET, places)

    def open_canvas(side: int) -> ModelSession:
        return open_session(YUNET.name, octets, SessionOptions(detector_choice, threads, (1, 3, side, side)))

    yunet = YuNet(open_canvas)
    close_up = CloseUp(yunet)
    # Places within a fraction of a pixel are more than bf16 tells.
    exact = SessionOptions(replace(detector_choice, precision=Precision.F32), threads, (VIEWS, SIDE, SIDE, 3))
    onet = open_session(MTCNN_ONET.name, read_model(MTCNN_ONET, places), exact)
    second_look = LandmarkNetwork(onet, close_up)
    return FaceModels(
        detector=YuNetDetector(yunet, second_look),
        movement_detector=YuNetDetector(yunet, close_up),
        second_look=second_look,
        embedder=build_embedder(embedder, places, embedder_choice, threads),
    )


def build_embedder(
    embedder: EmbedderCard, places: ModelPlaces, choice: RuntimeChoice, threads: int
) -> AlignedFaceEmbedder:
    """The embedder of a card, its file verified and inspected; ``ModelMissing`` or ``ModelRefused``."""
    side = embedder.input.size
    options = SessionOptions(choice, threads, (-1, 3, side, side))
    return AlignedFaceEmbedder(embedder, open_session(embedder.card.name, read_model(embedder.card, places), options))
