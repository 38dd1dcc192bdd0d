"""What every detector of people keeps to, by whatever it finds them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doorward.adapters.models.library import ModelPlaces
from doorward.crowd.detector_choice import BY_MOTION, DetectorChoice, OwnWeights
from doorward.crowd.ports import PersonDetector
from doorward.errors import SourceError
from doorward.wiring.crowd.detectors import clip_detector
from doorward.wiring.crowd.model_sharing import camera_detector, shared_model
from fakes.crowd_scene import overhead_scene
from fakes.person_models import nanodet_answer, write_model, yolox_answer

EMPTY = np.full((360, 640, 3), 140, np.uint8)
OCCUPIED = EMPTY.copy()
OCCUPIED[150:170, 300:318] = 30

Make = Callable[[], PersonDetector]


PEOPLE = ((20.0, 20.0, 20.0, 20.0, 0.9), (54.0, 40.0, 20.0, 40.0, 0.8))


@pytest.fixture(scope="module")
def site_of_a_running_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    site = tmp_path_factory.mktemp("site")
    path = site / "model.onnx"
    choice = DetectorChoice("yolox", OwnWeights(str(path), write_model(path, {"output": yolox_answer(*PEOPLE)})))
    with shared_model(choice, ModelPlaces(), site, lambda _: None):
        yield site


@pytest.fixture(params=["motion", "yolox", "nanodet", "yolox in a shared process"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Detectors that have seen the floor for a while. Those by models say of every picture that two people are there,
    one of whom reaches beyond it."""
    answers = {"yolox": {"output": yolox_answer(*PEOPLE)}, "nanodet": nanodet_answer(*PEOPLE)}
    path = tmp_path / "model.onnx"
    format_name, _, is_shared = request.param.partition(" ")
    site: Path = request.getfixturevalue("site_of_a_running_process") if is_shared else tmp_path
    remarks: list[str] = []
    with ExitStack() as until_tested:

        def made() -> PersonDetector:
            choice = BY_MOTION
            if format_name != "motion":
                choice = DetectorChoice(format_name, OwnWeights(str(path), write_model(path, answers[format_name])))
            scene = replace(overhead_scene(), detector=choice)
            if is_shared:
                detector = until_tested.enter_context(camera_detector(scene, ModelPlaces(), site, remarks.append))
            else:
                detector = clip_detector(scene, ModelPlaces())
            for _ in range(15):
                detector.detect(EMPTY)
            return detector

        yield made
    assert not remarks


def test_foot_points_are_pixels_of_the_picture(make: Make) -> None:
    detector = make()
    points = detector.detect(OCCUPIED)
    assert points.dtype == np.float64
    assert points.shape[1:] == (2,)
    assert len(points) >= 1
    assert (points >= 0).all()
    assert (points <= [639, 359]).all()


def test_the_same_pictures_give_the_same_points_and_stay_as_they_were(make: Make) -> None:
    picture = OCCUPIED.copy()
    assert np.array_equal(make().detect(picture), make().detect(picture))
    assert np.array_equal(picture, OCCUPIED)


def test_a_detector_has_a_name_that_what_is_stored_can_carry(make: Make) -> None:
    name = make().name
    assert 0 < len(name) <= 40
    assert name.isprintable()


def test_a_picture_of_another_size_is_refused(make: Make) -> None:
    with pytest.raises(SourceError, match="100x64"):
        make().detect(np.zeros((64, 100, 3), np.uint8))
