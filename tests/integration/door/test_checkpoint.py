"""A checkpoint at work on a clip of two people presenting themselves, one of them enrolled."""

from pathlib import Path

import pytest
from sqlalchemy import text

from commands_in_process import run_json
from doorward.adapters.credentials.text import text_of
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.credentials import credential_from_photo, issue_card
from doorward.wiring.face.site import Site
from known_people import EVERYTHING


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint_clip(tmp_path_factory.mktemp("clip") / "door.mp4", [grace_hopper(), eileen_collins()])


def enrolled(site: Site, portrait: Portrait, purposes: list[str] = EVERYTHING, **details: str) -> str:
    person = site.add_person(portrait.name, Details(**details))
    site.record_consent(person, "Notice", "1", purposes, "form")
    site.enroller.enrol(site.actor, person.id, site.capture(portrait.path).template, CapturedFrom.LIVE)
    return person.id


def rows(site: Site) -> dict[str, int]:
    tables = ("persons", "consents", "enrolments", "passages", "audit_entries", "changes", "grants")
    with site.stores.data.connect() as connection:
        return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}


def run_door(
    site: Site, clip: Path, capsys: pytest.CaptureFixture[str], *options: object
) -> tuple[int, dict[str, object]]:
    return run_json(capsys, "checkpoint", "run", "Main door", "--source", clip, "--site", site.folder, *options)


def test_one_is_let_in_and_the_stranger_leaves_a_counter_alone(
    identifying: Site, hopper: Portrait, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(identifying, hopper)
    identifying.doorkeeper.add("Main door")
    before = rows(identifying)
    status, answer = run_door(identifying, clip, capsys)
    assert status == 0
    told = [(one["decision"], one["reason"], one["person"], one["passage_recorded"]) for one in answer["decisions"]]
    assert told == [("accepted", "matched", person, True), ("refused", "nobody", None, False)]
    assert (answer["accepted"], answer["refused"]) == (1, 1)
    after = rows(identifying)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "passages": 1,
        "audit_entries": 2,  # that somebody was looked for, and that a row was written
    }
    (passage,) = identifying.stores.passages.of(person)
    assert passage.checkpoint == identifying.doorkeeper.named("Main door").id
    assert identifying.register.looks(person)[-1].action == "identified at Main door"


def test_only_the_checkpoints_group_is_searched(
    identifying: Site, hopper: Portrait, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(identifying, hopper)
    identifying.doorkeeper.add("Main door", group="staff")
    assert [one["reason"] for one in run_door(identifying, clip, capsys)[1]["decisions"]] == ["nobody_enrolled"] * 2
    identifying.register.permit(identifying.actor, person, "staff")
    assert run_door(identifying, clip, capsys, "--presentations", "1")[1]["decisions"][0]["person"] == person


def test_no_passage_is_kept_without_consent_to_it(
    identifying: Site, hopper: Portrait, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(identifying, hopper, ["identify"])
    identifying.doorkeeper.add("Main door")
    first = run_door(identifying, clip, capsys, "--presentations", "1")[1]["decisions"][0]
    assert (first["person"], first["passage_recorded"]) == (person, False)
    assert identifying.stores.passages.count() == 0


def test_in_the_verify_profile_each_is_compared_with_the_badge_shown(
    site: Site, hopper: Portrait, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(site, hopper, badge_number="47-11")
    site.doorkeeper.add("Main door")
    status, answer = run_door(site, clip, capsys)
    assert (status, answer["error"]["code"]) == (1, "profile_off")
    badges = tmp_path / "badges"
    badges.write_text("4711\n4711\n")
    _, answer = run_door(site, clip, capsys, "--badges", badges)
    assert [(one["reason"], one["person"]) for one in answer["decisions"]] == [
        ("matched", person),
        ("not_matched", None),
    ]


def test_a_reader_may_send_a_credential_as_well(
    site: Site, hopper: Portrait, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(site, hopper)
    site.doorkeeper.add("Main door")
    site.doorkeeper.add("Staff door", "staff")
    card, lines = tmp_path / "card.png", tmp_path / "lines"
    issue_card(site.folder, site.stores, site.actor, person, card)
    text = text_of(credential_from_photo(card))
    lines.write_text(f"{text}\n{text}\n")
    _, answer = run_door(site, clip, capsys, "--badges", lines)
    assert [(one["reason"], one["person"]) for one in answer["decisions"]] == [
        ("matched", person),
        ("credential_refused", None),
    ]
    options = ("--badges", lines, "--presentations", "1", "--site", site.folder)
    _, elsewhere = run_json(capsys, "checkpoint", "run", "Staff door", "--source", clip, *options)
    assert [one["reason"] for one in elsewhere["decisions"]] == ["credential_refused"]


def test_reading_passages_leaves_a_trace(site: Site, hopper: Portrait, capsys: pytest.CaptureFixture[str]) -> None:
    person = enrolled(site, hopper)
    site.doorkeeper.let_through(site.doorkeeper.add("Main door"), person)
    _, answer = run_json(capsys, "checkpoint", "passages", person, "--purpose", "they asked", "--site", site.folder)
    assert [one["checkpoint"] for one in answer["passages"]] == ["Main door"]
    assert site.register.looks(person)[-1].actor.purpose == "they asked"
