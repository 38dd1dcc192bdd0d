"""`doorward evaluate pad`, and what answers tell once its rates are adopted."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.adapters.face.cards import PAD_PAIRS
from doorward.cli.program import run
from doorward.face.pad import PadMethod, PadRates
from doorward.wiring.face.site import Site
from shared_data import shared, shared_models

MODEL = "minifasnet-v2-opset17+minifasnet-v1se-opset17"


def presented(folder: Path, name: str, copies: int, of: str) -> None:
    """``copies`` of a photo, each of its own brightness."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    photo = cv2.imread(str(shared("pad", f"image_{of}.jpg")))
    for number in range(copies):
        changed = cv2.convertScaleAbs(photo, alpha=1 + 0.001 * number)
        cv2.imwrite(str(folder / name / f"{number}.png"), changed, [cv2.IMWRITE_PNG_COMPRESSION, 1])


@pytest.fixture
def models(site: Site) -> Path:
    folder = site.folder / "models"
    folder.mkdir(exist_ok=True)
    for card in PAD_PAIRS[1]:
        (folder / card.file).write_bytes(shared_models(card.file).read_bytes())
    return folder


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Two bona fide photos, two prints, and a screen on which no face is found."""
    folder = tmp_path / "few"
    presented(folder, "bona_fide", 2, "T1")
    presented(folder, "print", 2, "F2")
    (folder / "screen").mkdir()
    cv2.imwrite(str(folder / "screen" / "0.png"), np.full((200, 200, 3), 90, np.uint8))
    return folder


def test_rates_are_told_by_species_with_what_they_prove(
    few: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = run_json(capsys, "evaluate", "pad", few, "--models", models)
    assert status == 0
    assert (answer["model"], answer["threshold"], answer["worst"]) == (MODEL, 0.5, "print")
    told = {one["name"]: one for one in answer["species"]}
    assert (told["print"]["errors"], told["print"]["responses"], told["print"]["apcer"]) == (0, 2, 0.0)
    assert told["print"]["high"] == pytest.approx(0.8419, abs=1e-3)
    assert "a rate of 0 is not shown" in told["print"]["proven"]
    assert (told["screen"]["responses"], told["screen"]["apcer"], told["screen"]["apnrr"]) == (0, None, 1.0)
    assert (answer["bona_fide"]["errors"], answer["bona_fide"]["bpcer"]) == (0, 0.0)
    assert answer["adopted"] is False
    assert fits(documented()["evaluate pad"], shape(answer))


def test_it_says_in_words_what_is_not_measured(
    few: Path, models: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "pad", str(few), "--site", str(site.folder)]) == 0
    printed = capsys.readouterr().out
    assert "Worst species, print: No error in 2: with 95% confidence the rate is no higher than about 3/2" in printed
    assert "Injected video is no presentation attack" in printed


def test_few_presentations_are_not_adopted(
    few: Path, models: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = run_json(capsys, "evaluate", "pad", few, "--adopt", "--site", site.folder)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
    assert "30 presentations of each species" in answer["error"]["message"]
    assert site.pad_policies.rates() is None


def test_adopted_rates_are_told_with_every_answer_of_that_model(
    tmp_path: Path, models: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    presented(tmp_path / "enough", "bona_fide", 30, "T1")
    presented(tmp_path / "enough", "print", 30, "F2")
    status, answer = run_json(capsys, "evaluate", "pad", tmp_path / "enough", "--adopt", "--site", site.folder)
    assert (status, answer["adopted"]) == (0, True)
    photo = shared("pad", "image_T1.jpg")
    arguments = ("verify", photo, "--badge", "1", "--site", site.folder)
    _, unchecked = run_json(capsys, *arguments)
    assert unchecked["pad"]["sentence"] == "Presentation attacks: not evaluated."
    _, checked = run_json(capsys, *arguments, "--require", "passive")
    assert checked["pad"] == {
        "method": "passive",
        "outcome": "bona_fide",
        "evaluated": True,
        "sentence": "Presentation attacks: evaluated: APCER 0.0% for print (n=30, 95% interval up to 11.6%), "
        "BPCER 0.0% (n=30).",
        "model": MODEL,
    }
    (newest, *_) = [one for one in site.stores.trail.listed(5) if "adopted" in one.entry.action]
    assert newest.entry.action == "presentation attack evaluation adopted: APCER 0.0000, n=30"


def test_rates_of_another_model_or_threshold_are_not_told(models: Path, site: Site) -> None:
    photo = shared("pad", "image_T1.jpg")
    for model, threshold in (("another", 0.5), (MODEL, 0.6)):
        rates = PadRates(model, threshold, "print", 0.0, 0.1, 40, 0.0, 40, "2026-11-23T12:00:00+00:00")
        site.pad_policies.adopt(site.actor, rates)
        decision = site.verify(photo, None, attack_checks=frozenset({PadMethod.PASSIVE}))
        assert decision.pad.is_evaluated is False
        assert "not_evaluated" in json.dumps(decision.to_json())


def test_a_folder_without_both_kinds_or_with_no_photo_is_refused(
    few: Path, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (tmp_path / "nothing", few / "print"):
        status, answer = run_json(capsys, "evaluate", "pad", folder, "--models", models)
        assert (status, answer["error"]["code"]) == (1, "not_found")
    (few / "print" / "broken.png").write_bytes(b"no photo")
    status, answer = run_json(capsys, "evaluate", "pad", few, "--models", models)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
    assert "broken.png" in answer["error"]["message"]


def test_without_the_models_nothing_is_evaluated(few: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = run_json(capsys, "evaluate", "pad", few, "--site", site.folder)
    assert (status, answer["error"]["code"]) == (1, "model_missing")
    status, answer = run_json(capsys, "evaluate", "pad", few, "--adopt", "--models", few, "--site", site.folder)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
