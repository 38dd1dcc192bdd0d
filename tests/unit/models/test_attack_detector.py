"""The pair of models that tells presentation attacks: its crops, and the three photos of the makers."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.face.cards import PAD_PAIRS
from doorward.adapters.face.minifasnet import MiniFasNetDetector, ScaledModel, crop_of
from doorward.adapters.images import read_photo
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import read_model
from doorward.errors import InternalError, ModelMissing, ModelRefused
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.wiring.face.models import load_face_models
from doorward.wiring.face.pad_models import BONA_FIDE_SCORE, load_pad_detector, pad_cards
from known_people import UNHURRIED
from shared_data import shared, shared_models

LOCAL = PAD_PAIRS[1]


@pytest.fixture(scope="module")
def folder() -> Path:
    for card in LOCAL:
        shared_models(card.file)
    return shared_models(LOCAL[0].file).parent


@pytest.mark.parametrize(("photo", "attack"), [("T1", False), ("F1", True), ("F2", True)])
def test_the_makers_photos_are_told_apart(photo: str, attack: bool, folder: Path) -> None:
    """A smoke test: three photos give no error rate."""
    image = read_photo(shared("pad", f"image_{photo}.jpg"))
    (face, *_) = load_face_models(None).detector.detect(image)
    score = load_pad_detector(folder, {}).score(image, face)
    assert (score < BONA_FIDE_SCORE) == attack
    assert not 0.4 < score < 0.6


def test_the_pair_is_named_as_an_evaluation_names_it(folder: Path) -> None:
    assert load_pad_detector(folder, {}).name == "minifasnet-v2-opset17+minifasnet-v1se-opset17"


def test_the_settings_may_name_the_files(folder: Path) -> None:
    chosen = {card.name: folder / card.file for card in LOCAL}
    assert pad_cards(ModelPlaces(None, chosen)) == LOCAL


def test_the_pair_that_can_be_pulled_comes_first(tmp_path: Path) -> None:
    for card in (*PAD_PAIRS[0], *LOCAL):
        (tmp_path / card.file).write_bytes(b"any")
    assert pad_cards(ModelPlaces(tmp_path)) == PAD_PAIRS[0]
    with pytest.raises(ModelRefused, match="minifasnet-v2 "):
        load_pad_detector(tmp_path, {})


def test_without_both_models_it_is_said_how_to_get_them(folder: Path, tmp_path: Path) -> None:
    (tmp_path / LOCAL[0].file).write_bytes((folder / LOCAL[0].file).read_bytes())
    with pytest.raises(ModelMissing, match=r"pull minifasnet-v2` and `doorward models pull minifasnet-v1se`"):
        load_pad_detector(tmp_path, {})


def test_one_changed_byte_is_refused(folder: Path, tmp_path: Path) -> None:
    for card in LOCAL:
        octets = bytearray((folder / card.file).read_bytes())
        octets[-1] ^= 1
        (tmp_path / card.file).write_bytes(octets)
    with pytest.raises(ModelRefused, match="SHA-256"):
        load_pad_detector(tmp_path, {})


@pytest.mark.parametrize("card", LOCAL, ids=lambda card: card.name)
def test_the_files_are_plain_models_of_the_stated_size(card: object, folder: Path) -> None:
    assert (folder / card.file).stat().st_size == card.size
    assert read_model(card, ModelPlaces(folder))


@given(
    x=st.floats(-200, 900),
    y=st.floats(-200, 900),
    width=st.floats(0, 900),
    height=st.floats(0, 900),
    scale=st.sampled_from([2.7, 4.0]),
    picture=st.tuples(st.integers(20, 800), st.integers(20, 800)),
)
@UNHURRIED
def test_a_crop_lies_in_the_picture(
    x: float, y: float, width: float, height: float, scale: float, picture: tuple[int, int]
) -> None:
    left, top, right, bottom = crop_of(Box(x, y, width, height), scale, *picture)
    assert 0 <= left < right <= picture[0]
    assert 0 <= top < bottom <= picture[1]


def test_a_crop_within_the_picture_is_the_scaled_box() -> None:
    assert crop_of(Box(200, 150, 100, 120), 2.7, 640, 480) == (115, 48, 386, 373)


def test_a_crop_at_the_edge_is_moved_into_the_picture() -> None:
    assert crop_of(Box(0, 0, 50, 50), 2.0, 640, 480) == (0, 0, 101, 101)


def test_a_crop_larger_than_the_picture_takes_what_there_is() -> None:
    left, top, right, bottom = crop_of(Box(100, 60, 200, 200), 4.0, 400, 300)
    assert (top, bottom) == (0, 300)
    assert right - left == 300


class Answering:
    """A session that gives the same output for everything, and keeps what it was asked."""

    choice = None

    def __init__(self, output: list[list[float]]) -> None:
        self.output = np.array(output, dtype=np.float32)

    def run(self, values: np.ndarray) -> dict[str, np.ndarray]:
        self.asked = values
        return {"logits": self.output}


def test_the_score_is_the_mean_of_the_bona_fide_class() -> None:
    sure, unsure = Answering([[-9.0, 9.0, -9.0]]), Answering([[1000.0, 1000.0, -1000.0]])
    detector = MiniFasNetDetector("pair", [ScaledModel(sure, 2.7), ScaledModel(unsure, 4.0)])
    image = cv2.merge([np.full((200, 200), value, dtype=np.uint8) for value in (10, 20, 30)])
    face = Face(Box(50, 50, 80, 90), np.zeros((5, 2), dtype=np.float32), 0.9)
    assert detector.score(image, face) == pytest.approx(0.75, abs=1e-4)
    assert sure.asked.shape == (1, 3, 80, 80)
    assert sure.asked[0, :, 0, 0].tolist() == [10.0, 20.0, 30.0]


def test_a_model_without_three_classes_is_no_such_model() -> None:
    detector = MiniFasNetDetector("pair", [ScaledModel(Answering([[0.1, 0.9]]), 2.7)])
    with pytest.raises(InternalError):
        detector.score(np.zeros((90, 90, 3), np.uint8), Face(Box(9, 9, 9, 9), np.zeros((5, 2), np.float32), 0.9))
