"""Models of people: their formats, what is kept of what they say, and which of them are refused."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.adapters.crowd.nanodet import NanodetFormat
from doorward.adapters.crowd.yolox import YoloxFormat
from doorward.adapters.models.library import ModelPlaces
from doorward.crowd.detector_choice import MOTION, DetectorChoice, OwnWeights
from doorward.crowd.ports import PersonDetector
from doorward.errors import ModelMissing, ModelRefused, SourceError, WrongUse
from doorward.settings.crowd.detector import chosen_detector
from doorward.settings.crowd.scene_file import load_scene
from doorward.wiring.crowd.detectors import clip_detector, still_detector
from fakes.crowd_files import SCENE
from fakes.person_models import SIDE, nanodet_answer, write_model, yolox_answer

# Middle x, y, width, height, score, on a canvas of 64 x 64.
TALL = (20.0, 30.0, 10.0, 40.0, 0.9)
SMALL = (50.0, 20.0, 20.0, 20.0, 0.5)
UNSURE = (50.0, 50.0, 20.0, 20.0, 0.2)
PEOPLE = (TALL, SMALL, UNSURE)

PICTURE = np.full((SIDE * 2, SIDE * 2, 3), 90, np.uint8)


def own(path: Path, format_name: str, sha256: str) -> PersonDetector:
    return still_detector(DetectorChoice(format_name, OwnWeights(str(path), sha256)), ModelPlaces())


def answers(format_name: str, form: str) -> dict[str, np.ndarray]:
    classes = 1 if form == "persons alone" else 80
    if format_name == "yolox":
        return {"output": yolox_answer(*PEOPLE, classes=classes)}
    separate = dict(nanodet_answer(*PEOPLE, classes=classes, plus=form == "plus"))
    if form != "one output":
        return separate
    names = list(separate)
    pairs = [
        np.concatenate([separate[one], separate[other]], axis=2)
        for one, other in zip(names[::2], names[1::2], strict=True)
    ]
    return {"output": np.concatenate(pairs, axis=1)}


@pytest.mark.parametrize(
    ("format_name", "form"),
    [
        ("yolox", "as made"), ("yolox", "persons alone"),
        ("nanodet", "as made"), ("nanodet", "persons alone"), ("nanodet", "one output"), ("nanodet", "plus"),
    ],
)  # fmt: skip
def test_people_stand_where_their_boxes_end(format_name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    digest = write_model(path, answers(format_name, form))
    detector = own(path, format_name, digest)
    found = detector.detect(PICTURE)
    # The picture is twice as large as the canvas.
    assert found[np.argsort(found[:, 0])] == pytest.approx(np.array([[40.0, 100.0], [100.0, 60.0]]), abs=0.05)
    assert detector.name == f"{format_name}-{digest[:12]}"


def test_a_wide_picture_keeps_its_proportions(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    low = (20.0, 10.0, 10.0, 20.0, 0.9)
    detector = own(path, "yolox", write_model(path, {"output": yolox_answer(low)}))
    wide = np.zeros((SIDE * 2, SIDE * 4, 3), np.uint8)
    assert detector.detect(wide) == pytest.approx(np.array([[80.0, 80.0]]), abs=0.05)


def test_nothing_but_persons_is_kept(tmp_path: Path) -> None:
    answer = yolox_answer(TALL)
    answer[0, :, 6:] = 0.99
    answer[0, :, 4] = np.where(answer[0, :, 5] > 0, 1.0, 0.9)
    path = tmp_path / "model.onnx"
    assert len(own(path, "yolox", write_model(path, {"output": answer})).detect(PICTURE)) == 1


def test_a_box_that_is_nowhere_is_nobody(tmp_path: Path) -> None:
    answer = yolox_answer(TALL, SMALL)
    answer[0, :, 0] = np.where(answer[0, :, 5] == np.float32(0.5), np.nan, answer[0, :, 0])
    path = tmp_path / "model.onnx"
    assert len(own(path, "yolox", write_model(path, {"output": answer})).detect(PICTURE)) == 1


SHAPES = st.lists(st.sampled_from([1, 2, 4, 16, 32, 33, 64, 84, 85, 112]), min_size=0, max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=8), st.sampled_from([0.0, 0.5, 3.0, np.nan]))
def test_outputs_of_whatever_shape_are_judged_and_never_break(shapes: list[list[int]], value: float) -> None:
    outputs = {str(place): np.full(shape, value, np.float32) for place, shape in enumerate(shapes)}
    for form in (YoloxFormat((SIDE, SIDE)), NanodetFormat((SIDE, SIDE))):
        if form.fits(outputs):
            assert value in (0.0, 0.5)
            assert form.people(outputs).boxes.shape[1:] == (4,)


def test_of_two_boxes_over_each_other_the_surer_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shifted = (29.0, 31.0, 30.0, 40.0, 0.8)
    detector = own(path, "yolox", write_model(path, {"output": yolox_answer((27.0, 30.0, 30.0, 40.0, 0.9), shifted)}))
    assert len(detector.detect(PICTURE)) == 1
    apart = (47.0, 31.0, 30.0, 40.0, 0.8)
    detector = own(path, "yolox", write_model(path, {"output": yolox_answer((27.0, 30.0, 30.0, 40.0, 0.9), apart)}))
    assert len(detector.detect(PICTURE)) == 2


def test_models_of_other_formats_are_refused(tmp_path: Path) -> None:
    logits = yolox_answer(TALL)
    logits[0, :, 4] = -3.0
    in_pixels = yolox_answer(TALL)
    in_pixels[0, :, 2:4] = 40.0
    two_classes = yolox_answer(TALL, classes=2)
    lacking = dict(nanodet_answer(TALL))
    del lacking["edges 32"]
    forms: list[tuple[str, dict[str, np.ndarray]]] = [
        ("yolox", {"output": np.zeros((1, 10, 4), np.float32)}),
        ("yolox", {"output": logits}),
        ("yolox", {"output": in_pixels}),
        ("yolox", {"output": two_classes}),
        ("yolox", dict(nanodet_answer(TALL))),
        ("nanodet", {"output": yolox_answer(TALL)}),
        ("nanodet", lacking),
        ("nanodet", {"a": np.zeros((2, 3), np.float32), "b": np.zeros((4,), np.float32)}),
    ]
    for format_name, outputs in forms:
        path = tmp_path / "model.onnx"
        with pytest.raises(ModelRefused, match=f"does not answer in the format {format_name}"):
            own(path, format_name, write_model(path, outputs))
    path = tmp_path / "model.onnx"
    with pytest.raises(ModelRefused, match="fixed size"):
        own(path, "yolox", write_model(path, {"output": yolox_answer(TALL)}, ("height", "width")))


def test_weights_are_named_by_path_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    digest = write_model(path, {"output": yolox_answer(TALL)})
    with pytest.raises(ModelRefused, match="SHA-256"):
        own(path, "yolox", "0" * 64)
    with pytest.raises(ModelMissing, match=r"gone\.onnx"):
        own(tmp_path / "gone.onnx", "yolox", digest)
    notes = tmp_path / "notes.txt"
    notes.write_text("no model")
    with pytest.raises(ModelRefused, match="not an ONNX model"):
        own(notes, "yolox", hashlib.sha256(b"no model").hexdigest())
    for name, weights, sha256 in (
        ("yolox", path, None), ("yolox", None, digest), ("yolox", path, "cafe"),
        ("yolox-nano", path, digest), (MOTION, path, digest), ("psychic", None, None),
    ):  # fmt: skip
        with pytest.raises(WrongUse):
            chosen_detector(name, weights, sha256)


def test_a_known_model_that_is_not_here_is_named_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    for name, model in (("yolox", "yolox-nano"), ("yolox-s", "yolox-s"), ("nanodet", "nanodet")):
        with pytest.raises(ModelMissing, match=f"doorward models pull {model}"):
            still_detector(chosen_detector(name, None, None), ModelPlaces(tmp_path))


def test_the_scene_names_its_detector(tmp_path: Path) -> None:
    path = tmp_path / "models" / "own.onnx"
    path.parent.mkdir()
    digest = write_model(path, {"output": yolox_answer(TALL)})
    heading = f'[detector]\nname = "yolox"\nweights = "models/own.onnx"\nsha256 = "{digest}"'
    (tmp_path / "scene.toml").write_text(SCENE.replace("[detector]", heading))
    scene = load_scene(tmp_path / "scene.toml", "hall")
    detector = clip_detector(scene, ModelPlaces())
    assert detector.name == f"yolox-{digest[:12]}"
    # The box reaches below the picture, where no ground is seen.
    assert detector.detect(np.zeros((180, 320, 3), np.uint8)) == pytest.approx(np.array([[100.0, 179.0]]), abs=0.1)
    with pytest.raises(SourceError, match="128x128"):
        detector.detect(PICTURE)
    (tmp_path / "scene.toml").write_text(SCENE.replace("[detector]", '[detector]\nname = "psychic"'))
    with pytest.raises(WrongUse, match="psychic"):
        load_scene(tmp_path / "scene.toml", "hall")
