"""`doorward crowd scene`, and what becomes of a count when the camera is moved or night falls."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.program import run
from doorward.crowd.detector_choice import DetectorChoice, OwnWeights
from doorward.errors import WrongUse
from doorward.kernel.image import Frame
from doorward.settings.crowd.scene_file import load_scene
from doorward.wiring.crowd.lookout import Lookout
from doorward.wiring.crowd.stills import check_empty, write_together
from fakes.crowd_files import write_overhead_clip
from fakes.crowd_scene import overhead_scene
from fakes.floor_clips import BY_DAY, HEIGHT, SCENE_OPTIONS, WIDTH, Camera, seen, write_floor_clip
from fakes.person_models import write_model, yolox_answer


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("floor")
    turned, night = Camera(shift=(20, 12)), Camera(light=0.05)
    return {
        "day": write_floor_clip(folder / "day.mp4", BY_DAY),
        "turned": write_floor_clip(folder / "turned.mp4", turned, seconds=1.0),
        "elsewhere": write_floor_clip(folder / "elsewhere.mp4", Camera(place=8), seconds=1.0),
        "night": write_floor_clip(folder / "night.mp4", night, seconds=6.0),
        "nightfall": write_floor_clip(folder / "nightfall.mp4", BY_DAY, night, seconds=4.0),
    }


@pytest.fixture(scope="session")
def made(clips: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is a site, with the scene of the clips' camera."""
    folder = tmp_path_factory.mktemp("scene")
    (folder / "site.toml").touch()
    assert (
        run(["crowd", "scene", "make", str(folder / "hall.toml"), "--source", str(clips["day"]), *SCENE_OPTIONS]) == 0
    )
    return folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    def ask(*arguments: object) -> tuple[int, dict[str, Any]]:
        status = run(["crowd", *map(str, arguments), "--json"])
        return status, json.loads(capsys.readouterr().out)

    return ask


def test_a_scene_is_made_with_a_still_without_people(made: Path) -> None:
    scene = load_scene(made / "hall.toml", "hall")
    assert scene.size == (WIDTH, HEIGHT)
    assert (scene.mount_height, scene.zones[0].limit, scene.lines[0].id) == (6.0, 20, "door")
    assert scene.still == str(made / "hall.still.png")
    still = cv2.imread(scene.still)
    empty = seen(BY_DAY)
    assert np.abs(still.astype(int) - empty).mean() < 6
    darker = (empty.min(axis=2).astype(int) - still.max(axis=2)) > 60
    assert darker.mean() < 0.001, "nobody's dark clothes are in it"
    for name in ("hall.toml", "hall.still.png", "hall.png"):
        assert stat.S_IMODE((made / name).stat().st_mode) == 0o600
    drawing = cv2.imread(str(made / "hall.png"))
    assert drawing.shape[1] == WIDTH
    assert drawing.shape[0] > HEIGHT
    assert np.abs(drawing[:HEIGHT].astype(int) - still).mean() > 5


def test_a_scene_is_checked_and_held_against_its_camera(made: Path, clips: dict[str, Path], told: Any) -> None:
    status, answer = told("scene", "check", made / "hall.toml")
    assert status == 0
    assert answer["camera"] is None
    zone = answer["zones"][0]
    assert (zone["id"], zone["area"], zone["seen"]) == ("hall", 50, 1)
    assert 0.03 < zone["position"] < 0.1
    assert zone["hidden_feet"] == pytest.approx(0.5 * (5**2 + 2.6**2) ** 0.5 / 5.5, abs=0.01)
    for name, exit_status, standing in (
        ("day", 0, "same"), ("turned", 3, "moved"), ("elsewhere", 0, "other"), ("night", 0, "unknown")
    ):  # fmt: skip
        status, answer = told("scene", "check", made / "hall.toml", "--source", clips[name])
        assert (status, answer["camera"]["standing"]) == (exit_status, standing)
    assert told("scene", "check", made / "hall.toml", "--source", clips["turned"])[1]["camera"][
        "pixels"
    ] == pytest.approx((20**2 + 12**2) ** 0.5, abs=1)


def test_a_scene_is_drawn_as_png_and_svg(made: Path, tmp_path: Path, told: Any) -> None:
    for name in ("drawn.png", "drawn.svg"):
        assert told("scene", "draw", made / "hall.toml", tmp_path / name)[0] == 0
    assert cv2.imread(str(tmp_path / "drawn.png")).shape[1] == WIDTH
    svg = (tmp_path / "drawn.svg").read_text()
    assert svg.count("<polygon") > 100
    assert ">hall</text>" in svg
    assert "data:image/png;base64," in svg
    assert told("scene", "draw", made / "hall.toml", tmp_path / "drawn.png")[1]["error"]["code"] == "wrong_use"
    assert told("scene", "draw", made / "hall.toml", tmp_path / "drawn.gif")[1]["error"]["code"] == "wrong_use"


def test_what_makes_no_scene_is_refused_and_leaves_nothing(clips: dict[str, Path], tmp_path: Path, told: Any) -> None:
    def refused(clip: str, *changed: str) -> str:
        status, answer = told("scene", "make", tmp_path / "hall.toml", "--source", clips[clip], *changed)
        assert status == 2
        assert list(tmp_path.iterdir()) == []
        message: str = answer["error"]["message"]
        return message

    in_a_line = ("--point", "0,0:0,0", "--point", "10,10:1,1", "--point", "20,20:2,2", "--point", "30,30:3,3")
    zone = ("--zone", "hall:1,1:11,1:11,6:1,6")
    assert "lie in a line" in refused("day", *in_a_line, *zone)
    points = SCENE_OPTIONS[:8]
    assert "outside the picture" in refused("day", *points, "--zone", "far:20,1:30,1:30,6:20,6")
    assert "4 to 8" in refused("day", *points[:6], *zone)
    assert "neither" in refused("day", *points)
    assert "two ends" in refused("day", *points, "--line", "door:5,0")
    assert "twice" in refused("day", *points, *zone, *zone)
    assert "no zone" in refused("day", *points, *zone, "--limit", "attic:3")
    assert "no number" in refused("day", *points, *zone, "--limit", "hall:many")
    assert "two numbers" in refused("day", *points, "--zone", "hall:1:2:3")
    assert "no polygon" in refused("day", *points, "--zone", "bow:1,1:6,6:6,1:1,6")
    assert "too dark" in refused("night", *SCENE_OPTIONS)
    assert "9 or more" in refused("turned", *SCENE_OPTIONS)


def test_what_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:

    (tmp_path / "there").write_text("before")
    with pytest.raises(WrongUse, match="there already"):
        write_together({tmp_path / "new": b"1", tmp_path / "there": b"2"})
    assert (tmp_path / "there").read_text() == "before"
    assert not (tmp_path / "new").exists()


def test_a_still_with_somebody_in_it_is_kept_nowhere(clips: dict[str, Path], tmp_path: Path, told: Any) -> None:

    for people, found in (((20.0, 30.0, 10.0, 40.0, 0.9),), True), ((), False):
        path = tmp_path / "model.onnx"
        digest = write_model(path, {"output": yolox_answer(*people)})
        scene = replace(overhead_scene(), detector=DetectorChoice("yolox", OwnWeights(str(path), digest)))
        if found:
            with pytest.raises(WrongUse, match="did not move"):
                check_empty(seen(BY_DAY), scene, ModelPlaces())
        else:
            assert check_empty(seen(BY_DAY), scene, ModelPlaces())
    status, answer = told(
        "scene", "make", tmp_path / "hall.toml", "--source", clips["day"], *SCENE_OPTIONS, "--detector", "yolox",
        "--site", tmp_path,
    )  # fmt: skip
    assert (status, answer["error"]["code"]) == (1, "site_missing")
    assert not (tmp_path / "hall.still.png").exists()


def counted(told: Any, made: Path, clip: Path) -> tuple[int, dict[str, Any]]:
    answer: tuple[int, dict[str, Any]] = told(
        "run", "hall", "--source", clip, "--scene", made / "hall.toml", "--site", made
    )
    return answer


def test_a_camera_that_moved_counts_nothing(made: Path, clips: dict[str, Path], told: Any) -> None:
    status, answer = counted(told, made, clips["turned"])
    assert (status, answer["error"]["code"]) == (1, "camera_moved")
    assert "pixels elsewhere" in answer["error"]["message"]
    assert told("intervals", "hall", "--site", made)[1].get("error", {}).get("code") in (None, "not_found")


def test_a_camera_turned_while_it_counts_is_unknown_from_the_next_look_and_known_again_when_it_is_set_right(
    made: Path,
) -> None:
    remarks: list[str] = []
    lookout = Lookout(load_scene(made / "hall.toml", "hall"), remarks.append)
    turned = Camera(shift=(30, 0))
    straight = seen(Camera(), walkers=2)
    counts = [
        lookout.can_count(Frame(seen(camera, walkers=2), seconds))
        for camera, seconds in [(BY_DAY, 0.0), (turned, 599.0), (turned, 600.0), (turned, 605.0), (BY_DAY, 609.0)]
    ]
    assert counts == [True, True, False, False, False], "it is compared every ten minutes"
    assert lookout.can_count(Frame(straight, 610.0)), "and every ten seconds while it stands otherwise"
    assert len(remarks) == 2
    assert "Values are unknown meanwhile" in remarks[0]


def test_night_is_unknown_and_never_nobody(made: Path, clips: dict[str, Path], told: Any) -> None:
    status, answer = counted(told, made, clips["night"])
    assert status == 0
    assert answer["frames"] == 0
    assert answer["zones"][0]["mean"] is None
    status, answer = counted(told, made, clips["nightfall"])
    assert status == 0
    assert 30 <= answer["frames"] <= 41
    assert answer["seconds"] == pytest.approx(4, abs=0.3), "the dark half is not measured time"


def test_a_still_that_cannot_be_read_is_said(made: Path, clips: dict[str, Path], tmp_path: Path, told: Any) -> None:
    scene = (made / "hall.toml").read_text()
    (tmp_path / "site.toml").touch()
    (tmp_path / "hall.toml").write_text(scene)
    assert "cannot be read" in counted(told, tmp_path, clips["day"])[1]["error"]["message"]
    cv2.imwrite(str(tmp_path / "hall.still.png"), np.zeros((100, 100, 3), np.uint8))
    assert "not as large" in counted(told, tmp_path, clips["day"])[1]["error"]["message"]
    _, other = write_overhead_clip(tmp_path, seconds=0.1)
    assert told("scene", "draw", other, tmp_path / "drawn.png")[1]["error"]["code"] == "wrong_use"
