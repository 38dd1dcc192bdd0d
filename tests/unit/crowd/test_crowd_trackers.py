"""The comparison of trackers: every rival is fed the same, and counted the same."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from doorward.bench.crowd_trackers import ByOverlap, Ours, TrackerFigures, contenders, run
from doorward.crowd.noisy_sight import SightNoise
from doorward.crowd.scene import Scene
from doorward.crowd.tracks import Track
from doorward.errors import WrongUse
from doorward.settings.crowd.scene_file import load_scene
from doorward.wiring.crowd.evaluating import WalksOptions, read_truth
from fakes.crowd_files import write_overhead_clip, write_walks


class Blind:
    """Follows nobody."""

    def __init__(self, scene: Scene) -> None:
        pass

    def update(self, seconds: float, pixels: np.ndarray) -> Sequence[Track]:
        return ()


class Found:
    def __init__(self, xyxy: np.ndarray, confidence: np.ndarray) -> None:
        self.xyxy, self.tracker_id = xyxy, np.arange(len(xyxy))


class ByOrder:
    """A tracker of boxes, whose ids are the order in which they come."""

    def update(self, boxes: Found) -> Found:
        return boxes


def test_errors_are_of_all_crossings(tmp_path: Path) -> None:
    _, scene_file = write_overhead_clip(tmp_path, seconds=0.1)
    scene = load_scene(scene_file, "hall")
    truth = read_truth(write_walks(tmp_path), WalksOptions()).moments
    rivals = {
        "ours": Ours,
        "blind": Blind,
        "by order": lambda scene: ByOverlap(scene.homography, ByOrder(), Found, 0.5),
    }
    done: list[int] = []
    figures = run(scene, truth, [SightNoise(), SightNoise(seed=2)], rivals, done.append)
    errors = {each.name: each.crossing_error for each in figures}
    assert errors == {"ours": 0.0, "blind": 1.0, "by order": 0.0}
    assert done == [1, 2, 3, 4, 5, 6]
    assert all(isinstance(each, TrackerFigures) and each.milliseconds > 0 for each in figures)
    # With dropouts the order says nothing about who is who.
    poor = run(scene, truth, [SightNoise(dropout=0.3)], rivals, lambda _: None)
    assert poor[2].crossing_error > poor[0].crossing_error


def test_the_package_of_the_others_is_asked_for() -> None:
    if find_spec("trackers") is not None:
        assert len(contenders(5)) == 7
        return
    with pytest.raises(WrongUse, match="not installed"):
        contenders(5)
