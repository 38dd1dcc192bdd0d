"""The default models on real photos: found, judged, compared."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from doorward.adapters.face.cards import SFACE, YUNET
from doorward.adapters.images import decode_photo, read_photo
from doorward.adapters.models.library import ModelPlaces
from doorward.bench.photos import portrait_photos
from doorward.errors import MoreThanOneFace, NoFace, PoorQuality
from doorward.face.capture import capture, capture_one_close_frontal, find_subject
from doorward.face.comparison import compare
from doorward.face.quality import QualityIssue, measure_quality
from doorward.face.thresholds import SFACE_LFW
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image
from doorward.wiring.face.models import FaceModels, load_face_models
from shared_data import shared

Change = Callable[[Image, Box], Image]


@pytest.fixture(scope="module")
def models() -> FaceModels:
    return load_face_models(None)


@pytest.fixture(scope="module")
def portraits() -> list[Image]:
    return [decode_photo(octets) for octets in portrait_photos(6)]


def lfw_photos(step: int) -> list[Path]:
    return sorted(shared("lfw", "images").glob("*/*.jpg"))[::step]


def test_models_are_loaded_once_a_process(models: FaceModels) -> None:
    assert load_face_models(None) is models
    assert models.embedder.origin.model == SFACE.name


def test_portraits_match_themselves_and_not_each_other(models: FaceModels, portraits: list[Image]) -> None:
    captures = [capture_one_close_frontal(image, models.detector, models.embedder) for image in portraits]
    threshold = SFACE_LFW.at(1e-5).value
    for one, first in enumerate(captures):
        assert first.template.vector.dtype == np.float32
        assert np.linalg.norm(first.template.vector) == pytest.approx(1, abs=1e-5)
        for other, second in enumerate(captures[:one]):
            is_same = (one - other) % 2 == 0
            assert (compare(first.template, second.template) >= threshold) == is_same


def test_templates_are_those_of_opencv(models: FaceModels) -> None:
    recognizer = cv2.FaceRecognizerSF.create(str(ModelPlaces().find(SFACE)), "")
    detector = cv2.FaceDetectorYN.create(str(ModelPlaces().find(YUNET)), "", (250, 250), 0.7)
    for path in lfw_photos(400):
        image = read_photo(path)
        (face, *_) = models.detector.detect(image)
        row = np.array([[face.box.x, face.box.y, face.box.width, face.box.height, *face.landmarks.ravel(), 1]])
        same_face = recognizer.feature(recognizer.alignCrop(image, row.astype(np.float32)))[0]
        _, found = detector.detect(image)
        own_face = recognizer.feature(recognizer.alignCrop(image, max(found, key=lambda f: f[2] * f[3])[None]))[0]
        (template,) = models.embedder.embed([(image, face)])
        assert template.vector @ same_face / np.linalg.norm(same_face) > 0.99
        assert template.vector @ own_face / np.linalg.norm(own_face) > 0.8


def test_a_batch_gives_what_single_faces_give(models: FaceModels, portraits: list[Image]) -> None:
    samples = [(image, find_subject(image, models.detector)) for image in portraits] * 3
    together = models.embedder.embed(samples)
    assert len(together) == len(samples)
    for sample, template in zip(samples[:6], together, strict=False):
        (alone,) = models.embedder.embed([sample])
        assert alone.vector @ template.vector > 0.999
    assert models.embedder.embed([]) == ()


def test_a_large_photo_gives_the_same_template(models: FaceModels, portraits: list[Image]) -> None:
    for image in portraits[:2]:
        height, width = image.shape[:2]
        larger = cv2.resize(image, (width * 4, height * 4), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
        one = capture(image, models.detector, models.embedder)
        other = capture(larger, models.detector, models.embedder)
        assert compare(one.template, other.template) > 0.9
        assert other.face.box.width == pytest.approx(one.face.box.width * 4, rel=0.1)


def test_ordinary_photos_pass(models: FaceModels) -> None:
    good = total = 0
    for path in lfw_photos(19):
        image = read_photo(path)
        faces = models.detector.detect(image)
        assert faces, path.name
        total += 1
        good += measure_quality(image, faces[0]).is_good
    assert good / total > 0.96


def dimmed(image: Image, face: Box) -> Image:
    return (image * 0.15).astype(np.uint8)


def overexposed(image: Image, face: Box) -> Image:
    return np.clip(image.astype(np.float32) * 0.15 + 225, 0, 255).astype(np.uint8)


def blurred(image: Image, face: Box) -> Image:
    return cv2.GaussianBlur(image, (0, 0), face.width / 25).astype(np.uint8)


def shaken(image: Image, face: Box) -> Image:
    return cv2.blur(image, (int(face.width / 3.5), 1)).astype(np.uint8)


def tiny(image: Image, face: Box) -> Image:
    scale = 24 / face.width
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)


def cut_off(image: Image, face: Box) -> Image:
    return np.ascontiguousarray(image[int(face.y + face.height * 0.2) :])


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        (dimmed, QualityIssue.TOO_DARK),
        (overexposed, QualityIssue.TOO_BRIGHT),
        (blurred, QualityIssue.BLURRED),
        (shaken, QualityIssue.BLURRED),
        (tiny, QualityIssue.TOO_SMALL),
        (cut_off, QualityIssue.CUT_OFF),
    ],
)
def test_what_spoils_a_portrait_is_named(
    change: Change, issue: QualityIssue, models: FaceModels, portraits: list[Image]
) -> None:
    named = 0
    for image in portraits:
        spoilt = change(image, find_subject(image, models.detector).box)
        faces = models.detector.detect(spoilt)
        if faces and issue in measure_quality(spoilt, faces[0]).issues:
            named += 1
    assert named >= len(portraits) - 1


def test_landmarks_follow_a_tilt(models: FaceModels, portraits: list[Image]) -> None:
    for image in portraits[:4]:
        height, width = image.shape[:2]
        rolls = {}
        for degrees in (-20, 0, 20):
            turn = cv2.getRotationMatrix2D((width / 2, height / 3), degrees, 1)
            tilted = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
            (face, *_) = models.detector.detect(tilted)
            rolls[degrees] = measure_quality(tilted, face).roll
        assert rolls[20] < rolls[0] - 10
        assert rolls[-20] > rolls[0] + 10


def test_a_turned_head_is_told_to_look_ahead(models: FaceModels) -> None:
    image = read_photo(shared("lfw", "images", "Abdoulaye_Wade", "Abdoulaye_Wade_0003.jpg"))
    with pytest.raises(PoorQuality) as caught:
        capture_one_close_frontal(image, models.detector, models.embedder)
    assert caught.value.reason == "face_turned"
    assert "Look straight" in caught.value.message


def test_no_face_and_two_faces_are_refused(models: FaceModels, portraits: list[Image]) -> None:
    with pytest.raises(NoFace):
        capture(np.full((300, 300, 3), 128, dtype=np.uint8), models.detector, models.embedder)
    one, other = (cv2.resize(image, (400, 500)).astype(np.uint8) for image in (portraits[0], portraits[0][:, ::-1]))
    with pytest.raises(MoreThanOneFace):
        capture(np.ascontiguousarray(np.hstack([one, other])), models.detector, models.embedder)


def test_somebody_clearly_further_back_is_no_second_subject(models: FaceModels, portraits: list[Image]) -> None:
    front, back = (cv2.resize(image, (480, 600)).astype(np.uint8) for image in portraits[:2])
    scene = np.full((600, 660, 3), 90, dtype=np.uint8)
    scene[:, :480] = front
    scene[:225, 480:] = cv2.resize(back, (180, 225))
    faces = models.detector.detect(scene)
    assert len(faces) == 2
    assert find_subject(scene, models.detector).box == faces[0].box
    assert faces[0].box.area > faces[1].box.area
