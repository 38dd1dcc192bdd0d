"""Searches as far as the evaluation goes: what they rest on, what is refused beyond, and the badge that helps then."""

from pathlib import Path
from typing import Any

import pytest

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.cli.program import run
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import Portrait, eileen_collins
from doorward.errors import Tampered
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.site import Site
from known_people import EVERYTHING

TOO_RARE = "1e-7"
"""With one reference: a tenth of what the thresholds were evaluated for."""


@pytest.fixture
def person(identifying: Site, hopper: Portrait) -> str:
    person = identifying.add_person(hopper.name, Details(badge_number="4711"))
    identifying.record_consent(person, "Notice", "1", EVERYTHING, "form")
    identifying.enroller.enrol(
        identifying.actor, person.id, identifying.capture(hopper.path).template, CapturedFrom.LIVE
    )
    identifying.doorkeeper.add("Main door")
    return str(person.id)


def at(site: Site, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    return run_json(capsys, *arguments, "--site", site.folder)


def test_a_search_is_explained_beside_its_answer(
    identifying: Site, person: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = at(identifying, capsys, "identify", hopper.path, "--checkpoint", "Main door", "--explain")
    assert (status, told["person"]) == (0, person)
    assert (told["basis"]["references"], told["basis"]["supported"]) == (1, True)
    assert told["basis"]["threshold"] == pytest.approx(told["threshold"], abs=1e-5)
    assert fits(documented()["thresholds explain"], shape(told["basis"]))
    status, told = at(identifying, capsys, "identify", hopper.path, "--checkpoint", "Main door")
    assert "basis" not in told
    site = ("--site", str(identifying.folder))
    assert run(["identify", str(hopper.path), "--checkpoint", "Main door", "--explain", *site]) == 0
    shown = capsys.readouterr().out
    for words in (
        "1 reference.",
        "One stranger in 100",
        "Somebody enrolled with one photo is missed in",
        "sface-lfw-2",
    ):
        assert words in shown


def test_beyond_the_evidence_a_badge_makes_it_one_comparison(
    identifying: Site, person: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    assert at(identifying, capsys, "checkpoint", "fpir", "Main door", TOO_RARE)[0] == 0
    here = ("identify", hopper.path, "--checkpoint", "Main door")
    status, told = at(identifying, capsys, *here, "--explain")
    assert (status, told["reason"], told["person"]) == (3, "badge_required", None)
    assert "evaluated down to" in told["basis"]["refusal"]
    assert (told["basis"]["threshold"], told["basis"]["missed"]) == (None, None)
    status, told = at(identifying, capsys, *here, "--badge", "47 11")
    assert (status, told["reason"], told["person"]) == (0, "matched", person)
    status, told = at(identifying, capsys, *here, "--badge", "4712")
    assert (status, told["reason"], told["person"]) == (3, "not_matched", None)
    assert run([*map(str, here), "--site", str(identifying.folder)]) == 3
    assert "Refused: This model was evaluated down to" in capsys.readouterr().out


def test_a_camera_without_a_reader_is_not_set_up_where_nobody_would_be_let_in(
    identifying: Site, person: str, hopper: Portrait, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_checkpoint_clip(tmp_path / "door.mp4", [hopper, eileen_collins()])
    at(identifying, capsys, "checkpoint", "fpir", "Main door", TOO_RARE)
    status, told = at(identifying, capsys, "checkpoint", "run", "Main door", "--source", clip)
    assert (status, told["error"]["code"]) == (1, "evidence_missing")
    assert "badge" in told["error"]["message"]
    (tmp_path / "badges").write_text("4711\n")
    reader = ("--badges", tmp_path / "badges", "--face-first", "--presentations", 1)
    status, told = at(identifying, capsys, "checkpoint", "run", "Main door", "--source", clip, *reader)
    assert [(one["reason"], one["person"]) for one in told["decisions"]] == [("matched", person)]
    at(identifying, capsys, "checkpoint", "fpir", "Main door")
    status, told = at(identifying, capsys, "checkpoint", "run", "Main door", "--source", clip)
    assert [one["person"] for one in told["decisions"]] == [person, None]


def test_whoever_plans_asks_without_a_photo(identifying: Site, person: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = at(identifying, capsys, "thresholds", "explain", "--checkpoint", "main door")
    assert (status, told["references"], told["fpir"]) == (0, 1, 0.01)
    status, told = at(identifying, capsys, "thresholds", "explain", "--people", "10000")
    assert (status, told["supported"], told["most_references"]) == (0, True, 10_000)
    assert (told["rests_on_tail"], told["named_at_most"]) == (True, pytest.approx(0.01))
    assert told["threshold"] == told["tail_threshold"]["high"]
    status, told = at(identifying, capsys, "thresholds", "explain", "--people", "2565724")
    assert (status, told["supported"], told["needed_fmr"]) == (3, False, pytest.approx(3.9e-9, rel=0.01))
    status, told = at(identifying, capsys, "thresholds", "explain", "--people", "1000", "--fpir", "0.001")
    assert (status, told["most_references"]) == (0, 1_000)
    assert run(["thresholds", "explain", "--people", "50000", "--site", str(identifying.folder)]) == 3
    assert "smaller group (10,000 at most" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("thresholds", "explain"), "wrong_use"),
        (("thresholds", "explain", "--people", "0"), "wrong_use"),
        (("thresholds", "explain", "--people", "10", "--checkpoint", "Main door"), "wrong_use"),
        (("thresholds", "explain", "--people", "10", "--fpir", "0"), "wrong_use"),
        (("thresholds", "explain", "--checkpoint", "Main door", "--fpir", "1.5"), "wrong_use"),
        (("thresholds", "explain", "--checkpoint", "Side door"), "checkpoint_unknown"),
        (("profile", "fpir", "0"), "wrong_use"),
        (("profile", "fpir", "1.01"), "wrong_use"),
        (("profile", "fpir", "nan"), "wrong_use"),
        (("profile", "fpir", "one"), "wrong_use"),
        (("checkpoint", "fpir", "Main door", "1"), "wrong_use"),
        (("checkpoint", "fpir", "Side door", "0.01"), "checkpoint_unknown"),
        (("checkpoint", "add", "Side door", "--fpir", "2"), "wrong_use"),
    ],
)
def test_what_is_no_rate_or_no_door_is_refused(
    identifying: Site, person: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: str
) -> None:
    status, told = at(identifying, capsys, *arguments)
    assert told["error"]["code"] == code
    assert status == (2 if code == "wrong_use" else 1)
    assert identifying.search_policy.fpir() == 0.01
    assert [door.name for door in identifying.doorkeeper.all()] == ["Main door"]


def test_a_rate_is_kept_recorded_and_authenticated(
    identifying: Site, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = at(identifying, capsys, "profile", "fpir", "0.002")
    assert told["fpir"] == 0.002
    _, told = at(identifying, capsys, "checkpoint", "list")
    assert [door["fpir"] for door in told["checkpoints"]] == [0.002]
    at(identifying, capsys, "checkpoint", "fpir", "Main door", "0.004")
    assert at(identifying, capsys, "thresholds", "explain", "--checkpoint", "Main door")[1]["fpir"] == 0.004
    acts = [logged.entry.action for logged in identifying.stores.trail.listed(20)]
    assert "false-positive identification rate of the site: 0.002" in acts
    assert "false-positive identification rate at Main door: 0.004" in acts
    with identifying.stores.data.begin() as connection:
        connection.exec_driver_sql("UPDATE grants SET payload = replace(payload, '0.002', '0.1')")
    with pytest.raises(Tampered):
        identifying.search_policy.fpir()


def test_where_nobody_can_be_found_that_is_said(
    identifying: Site, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    identifying.doorkeeper.add("Main door")
    identifying.doorkeeper.add("Lab", "a group that nobody knows")
    for door in ("Main door", "Lab"):
        status, told = at(identifying, capsys, "identify", hopper.path, "--checkpoint", door)
        assert (status, told["reason"], told["person"]) == (3, "nobody_enrolled", None)
        assert "enrolled" in told["sentence"]
