"""Cameras that share the process of a model: real processes, real shared memory, a real model that answers as told."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doorward.adapters.crowd.model_process import client
from doorward.adapters.crowd.model_process.client import SharedSession
from doorward.adapters.models.library import ModelPlaces
from doorward.cli.program import run
from doorward.crowd.detector_choice import DetectorChoice, OwnWeights
from doorward.errors import ModelRefused
from doorward.wiring.crowd import model_sharing
from doorward.wiring.crowd.detectors import clip_detector
from doorward.wiring.crowd.model_sharing import camera_detector, shared_model
from fakes.crowd_files import write_overhead_clip
from fakes.crowd_scene import overhead_scene
from fakes.person_models import write_model, yolox_answer

PICTURE = np.full((360, 640, 3), 90, np.uint8)


def said(site: Path) -> DetectorChoice:
    """A model that says of every picture that one person is there."""
    path = site / "one.onnx"
    return DetectorChoice(
        "yolox", OwnWeights(str(path), write_model(path, {"output": yolox_answer((30.0, 20.0, 10.0, 20.0, 0.9))}))
    )


Held = tuple[Path, DetectorChoice, SharedSession]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """A site, its model, and somebody who has been using the model's process all the while."""
    site = tmp_path_factory.mktemp("site")
    (site / "site.toml").touch()
    choice = said(site)
    with shared_model(choice, ModelPlaces(), site, lambda _: None) as watcher:
        yield site, choice, watcher


def is_over(process: int, within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            if os.waitpid(process, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            return True
        time.sleep(0.02)
    return False


def test_a_run_counts_by_the_process_that_is_there(held: Held, capsys: pytest.CaptureFixture[str]) -> None:
    site, choice, _ = held
    clip, scene = write_overhead_clip(site, seconds=2.0)
    assert choice.weights is not None
    weights = Path(choice.weights.path)
    own = f'name = "yolox"\nweights = "one.onnx"\nsha256 = "{choice.weights.sha256}"\n'
    scene.write_text(scene.read_text().replace("[detector]\n", "[detector]\n" + own))
    octets = weights.read_bytes()
    weights.write_bytes(b"nobody reads it again")
    arguments = ["crowd", "run", "hall", "--source", str(clip), "--scene", str(scene), "--site", str(site), "--json"]
    assert run(arguments) == 0
    weights.write_bytes(octets)
    told = json.loads(capsys.readouterr().out)
    assert told["detector"] == f"yolox-{choice.weights.sha256[:12]}"
    assert told["zones"][0]["max"] == 1


def test_two_cameras_share_a_process_that_is_begun_anew_when_killed_or_hanging_and_ends_with_the_last(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, choice, watcher = held
    monkeypatch.setattr(client, "ANSWER_SECONDS", 1.0)
    remarks = [list[str](), list[str]()]
    scene = replace(overhead_scene(), detector=choice)
    expected = clip_detector(scene, ModelPlaces()).detect(PICTURE)
    with (
        camera_detector(scene, ModelPlaces(), site, remarks[0].append) as first,
        camera_detector(scene, ModelPlaces(), site, remarks[1].append) as second,
    ):
        killed = watcher.process
        assert killed not in (0, os.getpid())
        assert sockets(site) == 1
        assert np.array_equal(first.detect(PICTURE), expected)
        assert np.array_equal(second.detect(PICTURE), expected)
        os.kill(killed, signal.SIGKILL)
        assert is_over(killed)
        together = [threading.Thread(target=camera.detect, args=(PICTURE,)) for camera in (first, second)]
        for thread in together:
            thread.start()
        for thread in together:
            thread.join(20)
        assert np.array_equal(first.detect(PICTURE), expected)
        assert np.array_equal(second.detect(PICTURE), expected)
        for told in remarks:
            assert len(told) == 2
            assert "ended" in told[0]
            assert "runs again" in told[1]
        watcher.run(np.zeros(watcher.input_shape, np.float32))
        anew = watcher.process
        assert anew != killed
        assert sockets(site) == 1
        os.kill(anew, signal.SIGSTOP)
        assert np.array_equal(first.detect(PICTURE), expected)
        assert is_over(anew), "one that hangs is killed"
        assert len(remarks[0]) == 4
        watcher.run(np.zeros(watcher.input_shape, np.float32))
        last = watcher.process
    watcher.close()
    assert is_over(last)
    assert sockets(site) == 0


def sockets(folder: Path) -> int:
    return sum(path.is_socket() for path in folder.iterdir())


def test_a_damaged_model_is_refused_in_words(tmp_path: Path) -> None:
    choice = said(tmp_path)
    assert choice.weights is not None
    Path(choice.weights.path).write_bytes(b"none")
    with pytest.raises(ModelRefused, match="SHA-256"):
        shared_model(choice, ModelPlaces(), tmp_path, lambda _: None)


def test_where_no_memory_can_be_shared_a_camera_has_a_model_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_sharing, "can_share", lambda: False)
    scene = replace(overhead_scene(), detector=said(tmp_path))
    with camera_detector(scene, ModelPlaces(), tmp_path, lambda _: None) as detector:
        assert len(detector.detect(PICTURE)) == 1
        assert sockets(tmp_path) == 0
