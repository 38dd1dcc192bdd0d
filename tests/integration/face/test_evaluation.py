"""Evaluating people's photos, two embedders beside each other, adopting thresholds, and serving by another model."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.adapters.images import decode_photo
from doorward.bench.photos import portrait_photos
from doorward.cli.evaluate_tail import tail_json, tell_tail
from doorward.cli.program import run
from doorward.errors import Conflict, NotFound, Tampered, WrongUse
from doorward.evaluation.rates import compare_all
from doorward.evaluation.report import comparison_report
from doorward.evaluation.share import share
from doorward.evaluation.tail_check import TailCheck
from doorward.face.template import TemplateOrigin
from doorward.face.thresholds import SFACE_LFW
from doorward.identify.ports import Asker
from doorward.people.consent import Purpose
from doorward.people.person import EVERYONE
from doorward.settings.embedders import embedder_card
from doorward.wiring.face.measuring import ModelEvaluation, threshold_set_of
from doorward.wiring.face.measuring_tail import TailEvaluation
from doorward.wiring.face.site import Site, open_site
from fakes.small_embedder import NAME, put_embedder
from shared_data import shared
from throwaway_sites import PASSPHRASE, throwaway_site


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos each of twenty people, and one of nobody."""
    folder: Path = tmp_path_factory.mktemp("photos") / "album"
    several = (one for one in sorted(shared("lfw", "images").iterdir()) if len(list(one.iterdir())) > 1)
    for person, _ in zip(several, range(20), strict=False):
        (folder / person.name).mkdir(parents=True)
        for number, photo in enumerate(sorted(person.iterdir())[:2]):
            shutil.copyfile(photo, folder / person.name / f"{number} of two.JPG")
    (folder / "Nobody").mkdir()
    (folder / "Nobody" / "empty.png").write_bytes(b"no photo")
    (folder / "Nobody" / "notes.txt").write_bytes(b"no photo either")
    return folder


@pytest.fixture
def few(photos: Path, tmp_path: Path) -> Path:
    """Two of them."""
    for person in sorted(photos.iterdir())[:2]:
        shutil.copytree(person, tmp_path / "few" / person.name)
    return tmp_path / "few"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def opened(site: Path) -> Iterator[Site]:
    with open_site(site, lambda: PASSPHRASE) as opened_site:
        yield opened_site


def measured(model: str, folder: Path, people: int = 800) -> ModelEvaluation:
    """An evaluation of made-up templates, with as many pairs as may be adopted from 776 photos on."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(people, 64))
    subjects = np.repeat(np.arange(people), 2)
    vectors = (centres[subjects] + 0.5 * rng.normal(size=(people * 2, 64))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    report = comparison_report(compare_all(vectors, subjects))
    return ModelEvaluation(embedder_card(folder, model), _origin(folder, model), report, (), None)


def _origin(folder: Path, model: str) -> TemplateOrigin:
    return TemplateOrigin(embedder_card(folder, model).model, "openvino", "f32")


def test_a_folder_of_people_is_evaluated_by_two_models_at_once(
    photos: Path, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_embedder(site / "models", licence="CC-BY-NC-4.0")
    groups, page, svg, png = (tmp_path / name for name in ("groups.csv", "page.html", "det.svg", "det.png"))
    names = sorted(person.name for person in photos.iterdir())
    groups.write_text("".join(f"{name},{'<b>early' if place % 2 else 'late'}\n" for place, name in enumerate(names)))
    options = ["--groups", groups, "--report", page, "--det", svg, "--det", png, "--site", site]
    status, told = run_json(
        capsys, "evaluate", "people", photos, "--embedder", "sface", "--embedder", NAME, "--title", "<i>Us", *options
    )
    assert status == 0
    assert fits(documented()["evaluate people"], shape(told))
    assert (told["photos"], told["people"], told["failures_to_enrol"]) == (41, 21, 1)
    assert (told["fta"]["count"], told["fte"]["count"]) == (1, 1)
    assert (told["mated"], told["non_mated"]) == (20, 40 * 38 / 2)
    assert told["eer"]["value"] < 0.1
    assert told["tar"]["1e-2"]["value"] > 0.9
    assert told["tar"]["1e-5"] == {"value": None, "low": None, "high": None}
    assert told["thresholds"]["1e-5"] is None
    assert not told["thresholds"]["1e-2"]["firm"]
    assert {group["group"]: group["people"] for group in told["groups"]} == {"<b>early": 10, "late": 10}
    assert all(group["too_small"] for group in told["groups"])
    (other,) = told["compared"]
    assert other["model"].startswith(f"{NAME}@")
    assert other["difference"]["1e-2"]["high"] < 0
    assert other["eer"]["value"] > told["eer"]["value"]
    written = page.read_text(encoding="utf-8")
    assert "<svg" in written
    assert "forbids commercial use" in written
    assert "&lt;b&gt;early" in written
    assert "&lt;i&gt;Us" in written
    assert not {"<script", "<b>early", "<i>Us", "http-equiv", "src=", "href="} & {
        part for part in ("<script", "<b>early", "<i>Us", "http-equiv", "src=", "href=") if part in written
    }
    assert not any(name in written for name in names)
    assert svg.read_text(encoding="utf-8").startswith("<svg")
    assert decode_photo(png.read_bytes()).shape == (960, 1280, 3)


def test_what_a_licence_forbids_is_said_before_anything_else(
    few: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_embedder(site / "models", licence="research use only")
    assert run(["evaluate", "people", str(few), "--embedder", NAME, "--models", str(site / "models")]) == 0
    shown = capsys.readouterr()
    assert "FORBIDS COMMERCIAL USE" in shown.err
    assert "Equal error rate" in shown.out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--groups", "absent.csv"), "not_found"),
        (("--det", "curve.gif"), "wrong_use"),
        (("--embedder", "absent"), "not_found"),
        (("--embedder", "sface", "--embedder", "sface"), "wrong_use"),
        (("--adopt", "ours", "--models", "models"), "wrong_use"),
        (("--adopt", "Ours & theirs"), "wrong_use"),
        (("--adopt", "sface-lfw-2"), "conflict"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(
    options: tuple[str, ...],
    code: str,
    photos: Path,
    site: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pass").write_text(PASSPHRASE)
    place = () if "--models" in options else ("--site", site, "--passphrase-file", tmp_path / "pass")
    _, told = run_json(capsys, "evaluate", "people", photos, *options, *place)
    assert told["error"]["code"] == code


def test_too_few_photos_are_never_adopted(
    few: Path, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pass").write_text(PASSPHRASE)
    options = ("--adopt", "ours", "--site", site, "--passphrase-file", tmp_path / "pass")
    status, told = run_json(capsys, "evaluate", "people", few, *options)
    assert status == 2
    assert "300,000" in told["error"]["message"]
    with open_site(site, lambda: PASSPHRASE) as opened:
        assert [one.name for one in opened.thresholds.all()] == [SFACE_LFW.name]


def test_what_is_adopted_decides_until_another_is_chosen(opened: Site, site: Path) -> None:
    thresholds, now = opened.thresholds, opened.stores.vault.clock.now()
    with pytest.raises(WrongUse):
        threshold_set_of(measured("sface", site, people=300), "ours", "300 people", opened.actor, now)
    ours = threshold_set_of(measured("sface", site), "ours", "800 people", opened.actor, now)
    assert [fmr for fmr, _ in ours.points] == [1e-2, 1e-3, 1e-4]
    assert ours.tail is not None
    assert ours.lowest_fmr == 1e-5
    assert [missed.value for _, missed in ours.misses] == sorted((m.value for _, m in ours.misses), reverse=True)
    thresholds.adopt(opened.actor, ours)
    assert thresholds.in_use("sface") == ours
    assert thresholds.all() == (SFACE_LFW, ours)
    assert ours.provenance is not None
    assert (ours.provenance.runtime, ours.provenance.adopted_by) == ("openvino", opened.actor.name)
    photo = next(iter(portrait_photos(1)))
    decision = opened.verify(photo, None)
    assert decision.threshold is not None
    assert decision.threshold.threshold_set == "ours"
    with pytest.raises(Conflict):
        thresholds.adopt(opened.actor, ours)
    with pytest.raises(Conflict):
        thresholds.remove(opened.actor, "ours")
    thresholds.choose(opened.actor, SFACE_LFW.name)
    assert thresholds.in_use("sface") == SFACE_LFW
    thresholds.remove(opened.actor, "ours")
    with pytest.raises(NotFound):
        thresholds.choose(opened.actor, "ours")
    with pytest.raises(Conflict):
        thresholds.remove(opened.actor, SFACE_LFW.name)
    acts = [logged.entry.action for logged in opened.stores.trail.listed(20)]
    assert sum("threshold set" in act for act in acts) == 3


def test_a_set_adopted_before_there_were_tails_serves_as_far_as_its_points(opened: Site, site: Path) -> None:
    now = opened.stores.vault.clock.now()
    ours = threshold_set_of(measured("sface", site), "ours", "800 people", opened.actor, now)
    held = asdict(ours)
    del held["tail"], held["misses"]
    opened.stores.grants.put("threshold set", "ours", held)
    opened.thresholds.choose(opened.actor, "ours")
    assert opened.thresholds.in_use("sface") == replace(ours, tail=None, misses=())


def test_nobody_without_the_key_lowers_a_threshold(opened: Site, site: Path) -> None:
    now = opened.stores.vault.clock.now()
    ours = threshold_set_of(measured("sface", site), "ours", "800 people", opened.actor, now)
    opened.thresholds.adopt(opened.actor, ours)
    with opened.stores.data.begin() as connection:
        connection.exec_driver_sql("UPDATE grants SET payload = replace(payload, '0.0001', '0.0000001')")
    with pytest.raises(Tampered):
        opened.thresholds.in_use("sface")


def test_a_model_serves_only_by_thresholds_of_its_own(site: Path) -> None:
    first, second = list(portrait_photos(2))
    with open_site(site, lambda: PASSPHRASE) as opened:
        ada = opened.add_person("Ada").id
        opened.record_consent(ada, "notice", "1", [Purpose.VERIFY], "on paper")
        opened.enrol_photo(ada, first)
        opened.enroller.confirm(opened.actor, ada, opened.capture(first).template)
        assert opened.verify(first, ada).is_accepted
        opened.enrol_photo(ada, first)
    put_embedder(site / "models")
    with (site / "site.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[face]\nembedder = "{NAME}"\n')
    with open_site(site, lambda: PASSPHRASE) as opened:
        with pytest.raises(WrongUse, match="doorward evaluate people FOLDER --embedder squares --adopt NAME"):
            opened.capture(first)
        adopted = threshold_set_of(
            measured(NAME, site / "models"), "ours", "800 people", opened.actor, opened.stores.vault.clock.now()
        )
        opened.thresholds.adopt(opened.actor, adopted)
        # Who was enrolled by the other model is not compared at all, until enrolled anew.
        assert not opened.verify(first, ada).is_accepted
        with pytest.raises(Conflict):
            opened.enroller.confirm(opened.actor, ada, opened.capture(first).template)
        opened.enrol_photo(ada, first)
        (confirmed,) = opened.enroller.confirm(opened.actor, ada, opened.capture(first).template)
        assert confirmed.template.origin.model == opened.embedder.model
        decision = opened.verify(first, ada)
        assert decision.is_accepted
        assert decision.threshold is not None
        assert decision.threshold.threshold_set == "ours"
        assert opened.capture(second).template.vector.shape == (192,)


def test_identification_searches_the_templates_of_the_model_in_use(site: Path) -> None:
    first, second = list(portrait_photos(2))
    with open_site(site, lambda: PASSPHRASE) as opened:
        opened.profiles.identify(b"assessment", "A", "Notice", opened.stores.vault.clock.now())
        people = [opened.add_person(name).id for name in ("Ada", "Bea")]
        for person, photo in zip(people, (first, second), strict=True):
            opened.record_consent(person, "notice", "1", [Purpose.IDENTIFY], "on paper")
            opened.enrol_photo(person, photo)
            opened.enroller.confirm(opened.actor, person, opened.capture(photo).template)
    put_embedder(site / "models")
    with (site / "site.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[face]\nembedder = "{NAME}"\n')
    with open_site(site, lambda: PASSPHRASE) as opened:
        now = opened.stores.vault.clock.now()
        opened.thresholds.adopt(
            opened.actor, threshold_set_of(measured(NAME, site / "models"), "ours", "800", opened.actor, now)
        )
        assert opened.searches.count(EVERYONE) == 0
        opened.enrol_photo(people[0], first)
        opened.enroller.confirm(opened.actor, people[0], opened.capture(first).template)
    with open_site(site, lambda: PASSPHRASE) as opened:
        assert opened.searches.count(EVERYONE) == 1
        (candidate,) = opened.searches.search(Asker("north"), opened.capture(first).template, EVERYONE, limit=2)
        assert candidate.person == people[0]
        assert candidate.score > 0.99


def test_a_share_has_wilsons_interval() -> None:
    # Newcombe, Statistics in Medicine 17, 1998, table I.
    assert (share(81, 263).low, share(81, 263).high) == (
        pytest.approx(0.2553, abs=1e-4),
        pytest.approx(0.3662, abs=1e-4),
    )
    assert (share(0, 20).low, share(0, 20).high) == (0, pytest.approx(0.1611, abs=1e-4))
    assert (share(0, 0).low, share(0, 0).high) == (0, 1)


def test_searches_among_some_of_the_people_are_evaluated(
    photos: Path, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    svg, png, page = (tmp_path / name for name in ("search.svg", "search.png", "search.html"))
    options = ("--left-out", "0.8", "--seed", "7", "--sizes", "2, 4", "--curve", svg, "--curve", png)
    options = (*options, "--report", page, "--title", "<i>Us")
    status, told = run_json(capsys, "evaluate", "search", photos, *options)
    assert status == 0
    assert fits(documented()["evaluate search"], shape(told))
    assert (told["enrolled"], told["left_out"], told["mated"], told["non_mated"]) == (4, 16, 4, 32)
    assert (told["seed"], told["failures_to_acquire"]) == (7, 1)
    assert (told["rank1"], told["cmc"]["1"]) == (1, 1)
    assert [one["enrolled"] for one in told["galleries"]] == [2, 4]
    written = page.read_text(encoding="utf-8")
    assert "&lt;i&gt;Us" in written
    assert "<svg" in written
    assert not [part for part in ("<script", "http-equiv", "src=", "href=") if part in written]
    assert not any(person.name in written for person in photos.iterdir())
    assert told["fnir"]["0.01"] is None
    assert told["intervals"]["fnir"]["0.1"]["low"] <= told["fnir"]["0.1"] <= told["intervals"]["fnir"]["0.1"]["high"]
    assert svg.read_text().startswith("<svg")
    assert png.read_bytes().startswith(b"\x89PNG")
    for wrong in (("--left-out", "0.01"), ("--sizes", "0"), ("--sizes", "1;2"), ("--sizes", "900")):
        status, told = run_json(capsys, "evaluate", "search", few, *wrong)
        assert (status, told["error"]["code"]) == (2, "wrong_use")
    status, told = run_json(capsys, "evaluate", "search", few, "--curve", tmp_path / "curve.pdf")
    assert (status, told["error"]["code"]) == (2, "wrong_use")


def test_a_tail_of_too_few_people_is_refused(few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = run_json(capsys, "evaluate", "tail", few)
    assert (status, told["error"]["code"]) == (2, "wrong_use")
    assert "too few" in told["error"]["message"]


def test_what_a_check_of_the_tail_prints(capsys: pytest.CaptureFixture[str]) -> None:
    check = TailCheck(0.5, 1e-5, 1_000, 1_000, 1e-5, (0.5, 0.7, 1.5))
    checked = TailEvaluation(TemplateOrigin("sface", "openvino", "f32"), 800, 3, 1, (check,))
    assert fits(documented()["evaluate tail"], shape(tail_json(checked)))
    assert tail_json(checked)["checks"][0]["held"] == pytest.approx(0.6667)
    tell_tail(checked)
    assert "0.70" in capsys.readouterr().out


def test_thresholds_are_listed(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pass").write_text(PASSPHRASE)
    with open_site(site, lambda: PASSPHRASE) as opened:
        now = opened.stores.vault.clock.now()
        opened.thresholds.adopt(
            opened.actor, threshold_set_of(measured("sface", site), "ours", "800 people", opened.actor, now)
        )
    where = ("--site", site, "--passphrase-file", tmp_path / "pass")
    shown = documented()
    status, told = run_json(capsys, "thresholds", "list", *where)
    assert (status, fits(shown["thresholds list"], shape(told))) == (0, True)
    assert [(one["name"], one["in_use"]) for one in told["thresholds"]] == [(SFACE_LFW.name, False), ("ours", True)]
    status, told = run_json(capsys, "thresholds", "use", SFACE_LFW.name, *where)
    assert (status, fits(shown["thresholds use"], shape(told)), told["in_use"]) == (0, True, True)
    status, told = run_json(capsys, "thresholds", "remove", "ours", *where)
    assert (status, fits(shown["thresholds remove"], shape(told))) == (0, True)
    assert run(["thresholds", "list", "--site", str(site), "--passphrase-file", str(tmp_path / "pass")]) == 0
    assert SFACE_LFW.name in json.dumps(capsys.readouterr().out)


def test_a_card_in_the_site_is_listed_and_its_file_verified(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_embedder(site / "models", licence="CC-BY-NC-4.0")
    status, told = run_json(capsys, "models", "list", "--site", site)
    assert status == 0
    assert {one["name"]: one["licence"] for one in told["models"]}[NAME] == "CC-BY-NC-4.0"
    assert run(["models", "list", "--site", str(site)]) == 0
    assert "FORBIDS" in capsys.readouterr().out
    assert run_json(capsys, "models", "verify", "--site", site)[0] == 0
    (site / "models" / f"{NAME}.onnx").write_bytes(b"another")
    status, told = run_json(capsys, "models", "verify", "--site", site)
    assert status == 3
    assert {one["name"]: one["code"] for one in told["models"]}[NAME] == "model_refused"
