"""Counting on real walks stays within its gates, and `doorward crowd evaluate` tells how well it does.

Short forms of the gates; docs/crowd.md has the commands of the long ones, and what they gave.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doorward.cli.program import run
from doorward.crowd.noisy_sight import SightNoise
from doorward.crowd.trial import TrialResult
from doorward.errors import NotFound, WrongUse
from doorward.settings.crowd.scene_file import load_scene
from doorward.wiring.crowd.evaluating import (
    WalksOptions,
    evaluate_counts,
    evaluate_noisy,
    evaluate_rendered,
    read_truth,
)
from fakes.crowd_files import write_overhead_clip, write_walks
from fakes.walk_scenes import trajectories, write_walk_scene


def unwatched(done: int, number: int) -> None:
    pass


def noisy(folder: Path, name: str, dropout: float) -> TrialResult:
    scene = load_scene(write_walk_scene(folder, name), name)
    truth = read_truth(trajectories(name), WalksOptions())
    return evaluate_noisy(scene, truth.moments, SightNoise(dropout, 0.03), unwatched)


@pytest.mark.parametrize(
    ("name", "dropout", "limit"),
    [("zara01", 0.05, 0.01), ("zara01", 0.2, 0.015), ("hotel", 0.05, 0.03), ("hotel", 0.2, 0.04)],
)
def test_real_walks_seen_poorly_are_counted(name: str, dropout: float, limit: float, tmp_path: Path) -> None:
    result = noisy(tmp_path, name, dropout)
    assert result.crossings > 400
    assert result.crossing_error is not None
    assert result.crossing_error <= limit
    assert result.occupancy.mae is not None
    assert result.occupancy.mae <= 0.3
    assert result.density_mae is not None
    assert result.density_mae < 0.005
    assert result.speed_mae is not None
    assert result.speed_mae < 0.1
    assert result.tracking.hota is not None
    assert result.tracking.hota > 0.9
    assert result.tracking.idf1 is not None
    assert result.tracking.idf1 > 0.9


@pytest.mark.parametrize("name", ["zara01", "hotel"])
def test_real_walks_drawn_and_seen_by_motion_are_counted(name: str, tmp_path: Path) -> None:
    scene = load_scene(write_walk_scene(tmp_path, name), name)
    truth = read_truth(trajectories(name), WalksOptions())
    minute = truth.moments[:300]
    result = evaluate_rendered(scene, minute, 1, unwatched)
    assert result.crossings > 40
    for line in result.lines:
        assert abs(line.counted.inward - line.truth.inward) <= 1
        assert abs(line.counted.outward - line.truth.outward) <= 1
    assert result.crossing_errors <= 1
    assert result.occupancy.mae is not None
    assert result.occupancy.mae <= 0.1


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    status = run(["crowd", "evaluate", *map(str, arguments), "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("how", [(), ("--render",), ("--dropout", "0.1", "--false-positive", "0.03")])
def test_what_is_told_has_the_documented_names(
    how: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, scene = write_overhead_clip(tmp_path, seconds=0.1)
    status, result = told(capsys, "--trajectories", write_walks(tmp_path), "--scene", scene, *how)
    assert status == 0
    assert list(result) == [
        "frames", "people", "occupancy", "crossings", "crossing_error", "density_mae", "speed_mae", "hota", "idf1",
    ]  # fmt: skip
    assert result["frames"] == 25
    assert result["people"] == 3
    assert result["crossings"] == {"door": {"in": {"truth": 2, "counted": 2}, "out": {"truth": 1, "counted": 1}}}
    assert result["crossing_error"] == 0
    assert set(result["occupancy"]) == {"mae", "bias"}
    assert 0.9 < result["idf1"] <= 1


def test_people_are_told_as_a_table_with_an_interval(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, scene = write_overhead_clip(tmp_path, seconds=0.1)
    assert run(["crowd", "evaluate", "--trajectories", str(write_walks(tmp_path)), "--scene", str(scene)]) == 0
    shown = capsys.readouterr().out
    assert "door" in shown
    assert "interval" in shown


def test_clicks_along_a_clip_are_held_against_the_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, scene = write_overhead_clip(tmp_path)
    clicks = tmp_path / "clicks.csv"
    # The two cross inwards after 3.8 and 4.2 s, the third after 3.9 s; one click is of nobody.
    clicks.write_text("seconds,line,direction\n3.9,door,in\n4.4,door,in\n4.2,door,out\n7.9,door,out\n")
    status, result = told(capsys, "--clicks", clicks, "--source", clip, "--scene", scene)
    assert status == 0
    assert result["frames"] == 80
    inward, outward = result["crossings"]["door"]["in"], result["crossings"]["door"]["out"]
    assert (inward["truth"], inward["counted"], inward["found"]) == (2, 2, 2)
    assert (outward["truth"], outward["counted"], outward["found"]) == (2, 1, 1)
    assert 0 < outward["low"] < 0.5 < outward["high"] < 1


class Everywhere:
    """A detector that finds as many people as the picture's first pixel says."""

    name = "everywhere"

    def detect(self, image: np.ndarray) -> np.ndarray:
        return np.zeros((int(image[0, 0, 0]), 2))


def test_counted_photos_are_held_against_their_truth(tmp_path: Path) -> None:
    from PIL import Image

    for name, people in (("a.png", 3), ("b.png", 0)):
        Image.new("RGB", (80, 80), (0, 0, people)).save(tmp_path / name)
    counts = tmp_path / "persons.json"
    counts.write_text(json.dumps({"format": "boxes", "images": {"a.png": [[0, 0, 1, 1]], "b.png": []}}))
    result = evaluate_counts(counts, tmp_path, Everywhere(), unwatched)
    assert (result.images, result.people) == (2, 1)
    assert (result.errors.mae, result.errors.bias) == (1.0, 1.0)
    assert result.errors.rmse == pytest.approx(2**0.5)
    assert (result.exact.count, result.exact.of) == (1, 2)
    coco = {
        "images": [{"id": 7, "file_name": "a.png"}, {"id": 8, "file_name": "b.png"}],
        "annotations": [{"image_id": 7, "category_id": 1}, {"image_id": 8, "category_id": 3}],
    }
    counts.write_text(json.dumps(coco))
    assert evaluate_counts(counts, tmp_path, Everywhere(), unwatched).people == 1
    for broken in ("[]", "{", json.dumps({"images": {"a.png": 3}}), json.dumps({"images": {}})):
        counts.write_text(broken)
        with pytest.raises(WrongUse):
            evaluate_counts(counts, tmp_path, Everywhere(), unwatched)
    counts.write_text(json.dumps({"images": {"gone.png": []}}))
    with pytest.raises(NotFound, match=r"gone\.png"):
        evaluate_counts(counts, tmp_path, Everywhere(), unwatched)


def test_what_cannot_be_evaluated_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, scene = write_overhead_clip(tmp_path, seconds=0.1)
    walks = write_walks(tmp_path)
    empty, words, far, twice = (tmp_path / name for name in ("empty", "words", "far", "twice"))
    empty.write_text("")
    words.write_text("frame id x y\n")
    far.write_text("0 1 1e9 0\n")
    twice.write_text("0 1 1 1\n0 1 2 2\n")

    def refused(*arguments: object) -> tuple[int, str]:
        status, answer = told(capsys, *arguments)
        return status, answer["error"]["code"]

    of = ("--scene", scene, "--trajectories")
    assert refused() == (2, "wrong_use")
    assert refused("--trajectories", walks) == (2, "wrong_use")
    assert refused(*of, walks, "--counts", words) == (2, "wrong_use")
    assert refused(*of, walks, "--render", "--dropout", "0.1") == (2, "wrong_use")
    assert refused(*of, walks, "--dropout", "1") == (2, "wrong_use")
    assert refused(*of, tmp_path / "missing") == (1, "not_found")
    assert refused(*of, tmp_path) == (2, "wrong_use")
    for broken in (empty, words, far, twice):
        assert refused(*of, broken) == (2, "wrong_use")
    assert refused("--counts", words, "--images", tmp_path, "--detector", "motion") == (2, "wrong_use")
    assert refused("--counts", words, "--images", tmp_path, "--detector", "psychic") == (2, "wrong_use")
    assert refused("--clicks", words, "--scene", scene, "--source", "none.mp4") == (2, "wrong_use")
    words.write_text("1.0,door,sideways\n")
    assert refused("--clicks", words, "--scene", scene, "--source", "none.mp4") == (2, "wrong_use")
    words.write_text("1.0,door,in\n")
    assert refused("--clicks", words, "--scene", scene, "--source", "none.mp4") == (1, "source_unreadable")
