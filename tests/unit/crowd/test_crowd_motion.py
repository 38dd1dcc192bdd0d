"""The motion detector over drawn scenes and over a simulated hall."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from doorward.adapters.crowd.motion import MotionDetector
from doorward.errors import SourceError
from fakes.crowd_scene import DEPTH, PIXELS_A_METRE, overhead_scene

Places = list[tuple[float, float]]


def picture(places: Places, *, seed: int, light: float = 1.0) -> np.ndarray:
    """Dark ellipses the size of people on a grey floor with noise; places in metres."""
    rng = np.random.default_rng(seed)
    image = np.full((360, 640, 3), 140, np.uint8)
    for x, y in places:
        centre = (int(x * PIXELS_A_METRE), int((DEPTH - y) * PIXELS_A_METRE))
        cv2.ellipse(image, centre, (10, 6), 90, 0, 360, (40, 40, 50), -1, cv2.LINE_AA)
    noise = 3 * rng.standard_normal(image.shape, np.float32)
    return np.clip(image * light + noise, 0, 255).astype(np.uint8)


def found(detector: MotionDetector, places: Places, seed: int, light: float = 1.0) -> Places:
    pixels = detector.detect(picture(places, seed=seed, light=light))
    places = [(float(x / PIXELS_A_METRE), float(DEPTH - y / PIXELS_A_METRE)) for x, y in pixels]
    return sorted(places, key=lambda place: (round(place[0], 1), place[1]))


def started() -> MotionDetector:
    detector = MotionDetector(overhead_scene())
    for seed in range(15):
        assert found(detector, [], seed) == []
    return detector


def test_people_are_found_where_they_are() -> None:
    places = [(2.0, 3.0), (7.5, 6.2), (14.0, 1.0)]
    assert np.allclose(found(started(), places, 99), places, atol=0.06)


def test_people_shoulder_to_shoulder_are_told_apart() -> None:
    pair = [(5.0, 4.0), (5.0, 4.42)]
    assert np.allclose(found(started(), pair, 99), pair, atol=0.12)
    row = [(5.0, 4.0), (5.0, 4.45), (5.0, 4.9)]
    assert len(found(started(), row, 99)) == 3


def test_who_stands_still_stays_found() -> None:
    detector = started()
    assert all(len(found(detector, [(6.0, 4.0)], seed)) == 1 for seed in range(100, 200))


def test_the_light_goes_on_and_counting_goes_on() -> None:
    detector = started()
    for seed in range(100, 115):
        found(detector, [], seed, light=1.6)
    assert found(detector, [], 200, light=1.6) == []
    assert len(found(detector, [(6.0, 4.0)], 201, light=1.6)) == 1


def test_an_empty_floor_of_noise_holds_nobody() -> None:
    detector = started()
    assert all(found(detector, [], seed) == [] for seed in range(300, 330))


def test_a_floor_covered_for_a_good_part_is_split_in_reasonable_time() -> None:
    detector = started()
    image = picture([], seed=99)
    image[:, :320] = 30
    began = time.process_time()
    assert len(detector.detect(image)) > 100
    assert time.process_time() - began < 5


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(SourceError, match="100x100"):
        MotionDetector(overhead_scene()).detect(np.zeros((100, 100, 3), np.uint8))


def test_wide_pictures_are_counted_in_full_coordinates() -> None:
    scene = overhead_scene()
    wide = type(scene)(
        name="wide",
        size=(1280, 720),
        correspondences=tuple(((x * 2, y * 2), ground) for (x, y), ground in scene.correspondences),
        lines=scene.lines,
        person_radius=0.2,
    )
    detector = MotionDetector(wide)
    for seed in range(15):
        detector.detect(cv2.resize(picture([], seed=seed), (1280, 720)))
    pixels = detector.detect(cv2.resize(picture([(4.0, 4.0)], seed=99), (1280, 720)))
    assert np.allclose(pixels, [(320, 400)], atol=5)


def test_the_demo_clip_is_counted_as_it_was_simulated(tmp_path: Path) -> None:
    pytest.importorskip("jupedsim", reason="the demo's extra is not installed")
    from doorward.adapters.video.source import open_source
    from doorward.crowd.analysis import CrowdAnalysis
    from doorward.demo.crowd_clip import make_crowd_clip
    from doorward.settings.crowd.scene_file import load_scene
    from fakes.crowd_scene import CountingIds, FixedClock

    clip = make_crowd_clip(tmp_path, people=25, seconds=40.0)
    scene = load_scene(clip.scene, "hall")
    detector = MotionDetector(scene)
    crowd = CrowdAnalysis(scene, detector.name, FixedClock(), CountingIds())
    with open_source(str(clip.video)) as source:
        for frame in source:
            crowd.observe(frame.seconds, detector.detect(frame.image))
    crowd.finish()
    for line in crowd.summary().lines:
        assert line.inward == pytest.approx(clip.crossings[line.id][0], abs=1)
        assert line.outward == pytest.approx(clip.crossings[line.id][1], abs=1)
    assert crowd.summary().zones[0].mean == pytest.approx(clip.occupancy, abs=0.3)
