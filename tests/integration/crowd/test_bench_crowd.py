"""`doorward bench crowd`: its parts, small, and the names it prints."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from doorward.adapters.models.library import ModelPlaces
from doorward.bench import crowd, crowd_counters, crowd_streams
from doorward.cli.program import run
from fakes.person_models import nanodet_answer, write_model, yolox_answer
from shared_data import REPOSITORY


def test_loiterers_cross_nothing_and_walkers_everything() -> None:
    ours, theirs = crowd_counters.run(people=10, loiterers=2, seconds=30.0)
    assert (ours.name, ours.crossing_error, ours.loiterer_crossings) == ("Doorward", 0.0, 0)
    assert theirs.name == "supervision"
    assert theirs.loiterer_crossings > 10


def test_streams_are_counted_from_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the bench's own, by a model in the process that they share."""
    monkeypatch.setattr(crowd_streams, "START_SECONDS", 0.5)
    monkeypatch.setattr(crowd_streams, "A_STREAM_SECONDS", 0.0)
    monkeypatch.setattr(crowd_streams, "LENGTH", 0.4)
    monkeypatch.setattr(crowd_streams, "RATE", 20.0)  # at 5 a second it takes long until a stream is open
    said = tmp_path / "said.onnx"
    write_model(said, {"output": yolox_answer((30.0, 20.0, 10.0, 20.0, 0.9))})
    choices = crowd.detectors(ModelPlaces(), [("yolox", said)])
    del choices["motion"]
    ((name, figures),) = crowd_streams.run_own(choices, ModelPlaces(), streams=2, seconds=1.0)
    assert (name, figures.streams) == ("said", 2)
    assert 2 < figures.frames_a_second <= 11
    assert 0 <= figures.model_share < figures.share
    assert figures.carried >= 1


def test_it_prints_the_names_of_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    decode = crowd.decode_timing(people=3, seconds=0.4)
    monkeypatch.setattr(crowd, "decode_timing", lambda: decode)
    real = crowd.detector_timings, crowd.stage_timings, crowd_counters.run
    monkeypatch.setattr(
        crowd, "detector_timings", lambda choices, places: real[0](choices, places, people=3, seconds=2.0)
    )
    counted = crowd_streams.StreamFigures(2, 1.0, 5.0, 0.1, 0.0)
    monkeypatch.setattr(crowd_streams, "run_own", lambda *_: iter([("motion", counted)]))
    said = tmp_path / "said.onnx"
    write_model(said, nanodet_answer((30.0, 20.0, 10.0, 20.0, 0.9)))
    monkeypatch.setattr(crowd, "stage_timings", lambda: real[1](people=5, seconds=4.0))
    monkeypatch.setattr(crowd_counters, "run", lambda: real[2](people=4, loiterers=1, seconds=4.0))
    assert run(["bench", "crowd", "--weights", f"nanodet={said}", "--cameras", "1", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    text = (REPOSITORY / "docs" / "json.md").read_text().partition("\n## `doorward bench crowd`\n")[2]
    (shown,) = re.findall(r"```json\n(.*?)```", text.partition("\n## ")[0], re.DOTALL)
    documented = json.loads(shown)
    assert told.keys() == documented.keys()
    assert set(told["detectors"]) == {"motion", "said"}
    assert told["detectors"]["motion"].keys() == documented["detectors"]["motion"].keys()
    assert told["streams"]["motion"].keys() == documented["streams"]["motion"].keys()
    assert told["streams"]["motion"]["carried"] == 20
    assert set(told["stages"]) == {"decode", "ground", "tracks", "lines", "whole"}
    assert told["counters"][0].keys() == documented["counters"][0].keys()
    assert told["day"]["bytes"] < 1_000_000
    assert run(["bench", "crowd", "--source", "hall.mp4", "--json"]) == 2
    assert run(["bench", "crowd", "--weights", "yolov5=a.onnx", "--json"]) == 2
    assert run(["bench", "crowd", "--weights", f"yolox={tmp_path / 'none.onnx'}", "--json"]) == 1
