"""`doorward bench crowd`: its parts, small, and the names it prints."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from doorward.adapters.models.library import ModelPlaces
from doorward.bench import crowd, crowd_counters, crowd_streams
from doorward.bench.rtsp_server import RtspServer
from doorward.cli.program import run
from fakes.crowd_files import SCENE
from shared_data import REPOSITORY


def test_loiterers_cross_nothing_and_walkers_everything() -> None:
    ours, theirs = crowd_counters.run(people=10, loiterers=2, seconds=30.0)
    assert (ours.name, ours.crossing_error, ours.loiterer_crossings) == ("Doorward", 0.0, 0)
    assert theirs.name == "supervision"
    assert theirs.loiterer_crossings > 10


def test_streams_are_counted_from_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd_streams, "START_SECONDS", 1.0)
    scene = tmp_path / "hall.toml"
    scene.write_text(SCENE)
    with RtspServer(size=(320, 180), frames_a_second=10) as server:
        figures = crowd_streams.run(server.url, scene, streams=2, seconds=2.0)
    assert figures.streams == 2
    assert 2 < figures.frames_a_second <= 11
    assert figures.carried >= 1


def test_it_prints_the_names_of_the_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = crowd.detector_timings, crowd.stage_timings, crowd_counters.run
    monkeypatch.setattr(crowd, "detector_timings", lambda _: real[0](ModelPlaces(), people=3, seconds=2.0))
    monkeypatch.setattr(crowd, "stage_timings", lambda: real[1](people=5, seconds=4.0))
    monkeypatch.setattr(crowd_counters, "run", lambda: real[2](people=4, loiterers=1, seconds=4.0))
    assert run(["bench", "crowd", "--cameras", "1", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    text = (REPOSITORY / "docs" / "json.md").read_text().partition("\n## `doorward bench crowd`\n")[2]
    (shown,) = re.findall(r"```json\n(.*?)```", text.partition("\n## ")[0], re.DOTALL)
    documented = json.loads(shown)
    assert told.keys() == documented.keys()
    assert told["detectors"]["motion"].keys() == documented["detectors"]["motion"].keys()
    assert set(told["stages"]) == {"ground", "tracks", "lines", "whole"}
    assert told["counters"][0].keys() == documented["counters"][0].keys()
    assert told["day"]["bytes"] < 1_000_000
    assert run(["bench", "crowd", "--source", "hall.mp4", "--json"]) == 2
