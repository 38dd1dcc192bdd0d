"""Cards of embedders: what they must say, and that templates of another making never pass for the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doorward.adapters.face.embedder_card import SFACE_EMBEDDER
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.session import Precision, Runtime, RuntimeChoice
from doorward.errors import ModelMissing, ModelRefused, NotFound, WrongUse
from doorward.face.alignment import ALIGNED_LANDMARKS
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.settings.embedders import embedder_card, embedder_cards
from doorward.wiring.face.models import build_embedder
from fakes.small_embedder import DIMENSION, NAME, put_embedder

RUNTIMES = [RuntimeChoice(Runtime.OPENVINO, Precision.F32), RuntimeChoice(Runtime.ONNX_RUNTIME, Precision.F32)]
BOX = Box(20.0, 20.0, 80.0, 90.0)


@pytest.mark.parametrize("choice", RUNTIMES)
@pytest.mark.parametrize("count", [1, 3])
def test_a_card_says_how_a_face_becomes_a_template(tmp_path: Path, choice: RuntimeChoice, count: int) -> None:
    put_embedder(tmp_path)
    card = embedder_card(tmp_path, NAME)
    embedder = build_embedder(card, ModelPlaces(tmp_path), choice, 1)
    # Blue, green and red apart, and each square of one colour.
    image = np.zeros((112, 112, 3), dtype=np.uint8)
    image[:, :, 0], image[:, :, 1], image[:56, :, 2] = 255, 128, 64
    face = Face(BOX, ALIGNED_LANDMARKS.astype(np.float32), 0.9)
    templates = embedder.embed([(image, face)] * count)
    assert len(templates) == count
    expected = (np.repeat([255.0, 128.0, 0.0], DIMENSION // 3) - 127.5) * 0.0078125
    expected[2 * DIMENSION // 3 : 2 * DIMENSION // 3 + 32] = (64 - 127.5) * 0.0078125
    assert templates[-1].vector == pytest.approx(expected / np.linalg.norm(expected), abs=0.01)
    assert templates[0].origin.model == card.model


def test_a_template_of_another_making_has_another_origin(tmp_path: Path) -> None:
    put_embedder(tmp_path)
    card = embedder_card(tmp_path, NAME)
    others = [
        replace(card, input=replace(card.input, mean=0.0)),
        replace(card, input=replace(card.input, channels="rgb")),
        replace(card, card=replace(card.card, sha256="0" * 64)),
    ]
    assert len({card.model, *(other.model for other in others)}) == 4
    assert card.model.startswith(f"{NAME}@")
    assert embedder_card(tmp_path, "sface") is SFACE_EMBEDDER
    assert SFACE_EMBEDDER.model == "sface"
    assert embedder_cards(tmp_path) == (card,)
    assert embedder_cards(None) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "A" * 64},
        {"file": "../squares.onnx"},
        {"sha256": "abc"},
        {"licence": None},
        {"size": 8},
        {"size": "64"},
        {"size": True},
        {"mean": 300},
        {"mean": None},
        {"scale": 0},
        {"channels": "rbg"},
        {"dimension": 1},
        {"colour": "red"},
    ],
)
def test_a_card_that_is_not_as_it_must_be_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    put_embedder(tmp_path, **changes)
    with pytest.raises(WrongUse, match="card"):
        embedder_card(tmp_path, NAME)


def test_a_name_leads_nowhere_else(tmp_path: Path) -> None:
    put_embedder(tmp_path / "models")
    (tmp_path / "squares.toml").write_text("", encoding="utf-8")
    with pytest.raises(WrongUse):
        embedder_card(tmp_path / "models", "../squares")
    with pytest.raises(NotFound):
        embedder_card(tmp_path / "models", "absent")
    (tmp_path / "models" / "squares.toml").write_text("name = [", encoding="utf-8")
    with pytest.raises(WrongUse):
        embedder_card(tmp_path / "models", "squares")


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    put_embedder(tmp_path)
    card, places = embedder_card(tmp_path, NAME), ModelPlaces(tmp_path)
    (tmp_path / "squares.onnx").write_bytes(b"another")
    with pytest.raises(ModelRefused):
        build_embedder(card, places, RUNTIMES[0], 1)
    (tmp_path / "squares.onnx").unlink()
    with pytest.raises(ModelMissing) as missing:
        build_embedder(card, places, RUNTIMES[0], 1)
    assert "pull" not in missing.value.message


def test_a_card_that_promises_another_dimension_is_refused_when_a_face_comes(tmp_path: Path) -> None:
    put_embedder(tmp_path, dimension=128)
    embedder = build_embedder(embedder_card(tmp_path, NAME), ModelPlaces(tmp_path), RUNTIMES[0], 1)
    image = np.full((112, 112, 3), 9, dtype=np.uint8)
    with pytest.raises(ModelRefused, match="128"):
        embedder.embed([(image, Face(BOX, ALIGNED_LANDMARKS.astype(np.float32), 0.9))])


@pytest.mark.parametrize(
    ("licence", "is_non_commercial"),
    [
        ("MIT", False),
        ("Apache-2.0", False),
        ("CC-BY-NC-4.0", True),
        ("non-commercial research purposes only", True),
        ("Noncommercial", True),
        ("for research use only", True),
        ("NCSA", False),
    ],
)
def test_a_licence_that_forbids_commercial_use_is_seen(tmp_path: Path, licence: str, is_non_commercial: bool) -> None:
    put_embedder(tmp_path, licence=licence)
    assert embedder_card(tmp_path, NAME).is_non_commercial is is_non_commercial


def test_a_card_under_another_name_is_refused(tmp_path: Path) -> None:
    put_embedder(tmp_path)
    (tmp_path / "squares.toml").rename(tmp_path / "other.toml")
    with pytest.raises(WrongUse, match="another model"):
        embedder_card(tmp_path, "other")
