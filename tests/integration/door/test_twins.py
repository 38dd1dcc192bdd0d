"""Twins at the door: stated to be two at enrolment, told apart by badge or PIN, on the command line."""

import io
import json
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.cli.program import run
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import Portrait
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details, Person
from doorward.wiring.face.site import Site
from known_people import EVERYTHING

REASON = ("--reason", "both were here, with their passports")


@pytest.fixture
def one(identifying: Site, hopper: Portrait) -> Person:
    known = identifying.add_person("Grace Hopper", Details(badge_number="G 1"))
    identifying.record_consent(known, "Notice", "1", EVERYTHING, "form")
    taken = identifying.capture(hopper.path)
    identifying.enroller.enrol(identifying.actor, known.id, taken.template, CapturedFrom.LIVE)
    identifying.doorkeeper.add("Main door")
    return known


@pytest.fixture
def twin(identifying: Site) -> Person:
    known = identifying.add_person("Her Twin", Details(badge_number="T 2"))
    identifying.record_consent(known, "Notice", "1", EVERYTHING, "form")
    return known


def test_a_twin_is_enrolled_and_told_apart(
    identifying: Site,
    one: Person,
    twin: Person,
    hopper: Portrait,
    camera: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = ("--site", identifying.folder)
    enrol = ("people", "enrol", twin.id, "--source", camera, *at)
    status, refused = run_json(capsys, *enrol)
    assert (status, refused["error"]["code"]) == (1, "already_enrolled")
    assert f"Grace Hopper ({one.id})" in refused["error"]["message"]
    status, refused = run_json(capsys, *enrol, "--distinct-from", one.id)
    assert (status, refused["error"]["code"]) == (2, "wrong_use"), "without a reason nothing is stated"
    status, enrolled = run_json(capsys, *enrol, "--distinct-from", one.id, *REASON)
    assert (status, enrolled["state"]) == (0, "confirmed")
    _, shown = run_json(capsys, "people", "show", one.id, *at)
    assert [lookalike["person"] for lookalike in shown["lookalikes"]] == [twin.id]
    assert any(REASON[1] in look["action"] for look in shown["looks"])

    identify = ("identify", hopper.path, "--checkpoint", "Main door", *at)
    status, alone = run_json(capsys, *identify)
    assert (status, alone["reason"], alone["person"]) == (3, "second_factor_required", None)
    assert one.id not in json.dumps(alone)
    status, decided = run_json(capsys, *identify, "--badge", "t2")
    assert (status, decided["reason"], decided["person"]) == (0, "matched", twin.id)
    status, drawn = run_json(capsys, "people", "pin", one.id, "--draw", *at)
    assert (status, drawn["has_pin"], len(drawn["pin"])) == (0, True, 6)
    (tmp_path / "pin").write_text(drawn["pin"] + "\n")
    status, decided = run_json(capsys, *identify, "--pin-file", tmp_path / "pin")
    assert (status, decided["person"]) == (0, one.id)
    monkeypatch.setattr("sys.stdin", io.StringIO("918273\n"))
    status, decided = run_json(capsys, *identify, "--pin-file", "-")
    assert (status, decided["reason"], decided["person"]) == (3, "not_matched", None)
    status, listed = run_json(capsys, "attempts", "list", *at)
    assert {counted["name"]: counted["failures"] for counted in listed["attempts"]} == {one.id: 1, twin.id: 1}

    status, _ = run_json(capsys, "people", "export", one.id, "--to", tmp_path / "one.json", *at)
    held = json.loads((tmp_path / "one.json").read_text())
    assert status == 0
    assert (len(held["lookalikes"]), held["has_pin"]) == (1, True)
    assert twin.id not in (tmp_path / "one.json").read_text(), "whom they resemble is not theirs to be told"
    assert run(["people", "show", one.id, *map(str, at)]) == 0
    assert "PIN: set" in capsys.readouterr().out
    assert run_json(capsys, "people", "pin", one.id, "--remove", *at)[1] == {
        "person": one.id,
        "has_pin": False,
        "pin": None,
    }


def test_an_invited_person_states_nothing_of_others(
    identifying: Site, one: Person, twin: Person, hopper: Portrait, camera: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--site", identifying.folder)
    identifying.profiles.verify()
    identifying.enrol_photo(twin, hopper.path)
    now = identifying.stores.vault.clock.now()
    identifying.profiles.identify(b"assessment", "Assessment", "Notice 1", now)
    code, _ = identifying.invitations.invite(twin.id)
    confirm = ("people", "confirm", twin.id, "--source", camera, *at)
    status, answer = run_json(capsys, *confirm, "--invitation", code, "--distinct-from", one.id, *REASON)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
    status, answer = run_json(capsys, *confirm, "--invitation", code)
    assert answer["error"]["code"] == "already_enrolled"
    assert "Grace" not in answer["error"]["message"]
    assert one.id not in answer["error"]["message"]
    status, answer = run_json(capsys, *confirm, "--officer", "O", "--distinct-from", one.id, *REASON)
    assert (status, len(answer["confirmed"])) == (0, 1)


def test_badges_at_a_checkpoint_decide_between_twins(
    identifying: Site,
    one: Person,
    twin: Person,
    hopper: Portrait,
    camera: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    template = identifying.capture(hopper.path).template
    identifying.stores.lookalikes.pair(one.id, twin.id, identifying.stores.vault.clock.now())
    identifying.enroller.enrol(identifying.actor, twin.id, template, CapturedFrom.LIVE)
    badges = tmp_path / "badges"
    badges.write_text("T-2\n")
    arguments = ("checkpoint", "run", "Main door", "--source", camera, "--presentations", 1)
    status, answer = run_json(capsys, *arguments, "--badges", badges, "--site", identifying.folder)
    assert status == 0
    assert [(decision["reason"], decision["person"]) for decision in answer["decisions"]] == [("matched", twin.id)]


def test_face_first_asks_only_where_the_face_does_not_decide(
    identifying: Site,
    one: Person,
    twin: Person,
    hopper: Portrait,
    collins: Portrait,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    identifying.stores.pins.put(one.id, "482913")
    identifying.stores.lookalikes.pair(one.id, twin.id, identifying.stores.vault.clock.now())
    template = identifying.capture(hopper.path).template
    identifying.enroller.enrol(identifying.actor, twin.id, template, CapturedFrom.LIVE)
    clip = make_checkpoint_clip(tmp_path / "clip.mp4", [hopper, collins])
    badges = tmp_path / "badges"
    badges.write_text("pin:482913\n")
    arguments = ("checkpoint", "run", "Main door", "--source", clip, "--badges", badges, "--face-first")
    status, answer = run_json(capsys, *arguments, "--site", identifying.folder)
    told = [(decision["reason"], decision["person"]) for decision in answer["decisions"]]
    assert (status, told) == (0, [("matched", one.id), ("nobody", None)])


def test_face_first_needs_a_reader(identifying: Site, one: Person, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("checkpoint", "run", "Main door", "--source", "x.mp4", "--face-first", "--site", identifying.folder)
    status, answer = run_json(capsys, *arguments)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")


@pytest.mark.parametrize("options", [("--draw", "--remove"), ("--pin-file", "x", "--draw")])
def test_a_pin_is_set_in_one_way(site: Site, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    person = site.add_person("Grace Hopper")
    status, answer = run_json(capsys, "people", "pin", person.id, *options, "--site", site.folder)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")


def test_without_a_terminal_no_pin_is_asked_for(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = site.add_person("Grace Hopper")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    for command in (("people", "pin", person.id), ("identify", "x.jpg", "--checkpoint", "North", "--pin")):
        status, answer = run_json(capsys, *command, "--site", site.folder)
        assert (status, answer["error"]["code"]) == (2, "wrong_use")
        assert "--pin-file" in answer["error"]["message"]
