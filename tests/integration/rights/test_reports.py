"""The record of processing and the report of an incident: from the live settings and log, naming nobody enrolled."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.cli.program import run
from doorward.kernel.audit import Actor
from doorward.kernel.permissions import Scope
from doorward.people.person import Person
from doorward.wiring.face.contact import SecurityContact
from doorward.wiring.face.site import Site
from doorward.wiring.serving import tokens_of

HOUR = timedelta(hours=1)


def span(site: Site, begin: timedelta, end: timedelta) -> tuple[str, ...]:
    now = site.stores.vault.clock.now()
    return ("--from", f"{now + begin:%Y-%m-%dT%H:%M}", "--to", f"{now + end:%Y-%m-%dT%H:%M}")


def names_nobody(text: str, *people: Person) -> bool:
    return not any(part in text for who in people for part in (who.id, *who.display_name.split(), "Augusta", "X 1"))


def test_the_record_follows_the_settings(site: Site, ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    status, before = run_json(capsys, "record-of-processing")
    assert (status, before["profile"], before["controller"]) == (0, "verify", None)
    assert [one["purpose"] for one in before["purposes"]] == ["verify", "passages"]
    assert before["held"] == {
        "people": 1,
        "consents": 1,
        "templates": 1,
        "photos": 1,
        "passages": 1,
        "log_entries": site.stores.trail.count(),
    }
    assert "Presence lists, of who is inside, for an evacuation: off" in before["uses_of_passages"]
    doors = [site.doorkeeper.named("Main door"), site.doorkeeper.add("Way out")]
    site.presence_lists.turn_on(site.actor, doors[:1], doors[1:], "Notice 2")
    site.profiles.identify(b"assessment", "DPIA 2026", "Door notice", site.stores.vault.clock.now())
    site.profiles.keep_photos(keep=True)
    tokens_of(site).create("desk", frozenset({Scope.VERIFY}))
    SecurityContact(site.stores.grants).set("mailto:security@example.org")
    status, after = run_json(capsys, "record-of-processing", "--controller", "Example Ltd")
    assert (after["profile"], after["assessment_title"], after["controller"]) == (
        "identify",
        "DPIA 2026",
        "Example Ltd",
    )
    assert [one["purpose"] for one in after["purposes"]] == ["verify", "identify", "passages", "photo"]
    assert any(one.endswith("people were told by “Notice 2”") for one in after["uses_of_passages"])
    assert "Holder of the token desk: verify" in after["recipients"]
    assert after["security_contact"] == "mailto:security@example.org"
    assert names_nobody(json.dumps(after), ada)


def test_the_record_as_a_page(site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record-of-processing", "--officer", "O. Fficer", "--to", str(tmp_path / "record.md")]) == 0
    page = (tmp_path / "record.md").read_text()
    for part in ("Art. 30", "O. Fficer", "to be filled in by the controller", "24 hours", "Argon2id", "1 templates"):
        assert part in page
    assert names_nobody(page, ada)


def test_an_incident_counts_people_and_accesses_of_the_period(
    site: Site, ada: Person, bo: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    spy = Actor("token spy", "Ada, for gossip")
    for _ in range(3):
        site.register.show(spy, ada.id)
    status, report = run_json(capsys, "incident", *span(site, -HOUR, HOUR))
    assert (status, report["people_concerned"], report["held"]["people"]) == (0, 2, 2)
    assert report["log_entries"] == site.stores.trail.count() - 1
    (spied,) = (one for one in report["accesses"] if one["actor"] == "token spy")
    assert (spied["action"], spied["times"]) == ("record read", 3)
    assert spied["first"] <= spied["last"]
    assert names_nobody(json.dumps(report), ada, bo)
    _, earlier = run_json(capsys, "incident", *span(site, -2 * HOUR, -HOUR))
    assert (earlier["people_concerned"], earlier["log_entries"], earlier["accesses"]) == (0, 0, [])


def test_an_incident_is_a_look_and_a_page(
    site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = site.stores.trail.count()
    file = tmp_path / "incident.md"
    assert run(["incident", *span(site, -HOUR, HOUR), "--to-file", str(file)]) == 0
    assert site.stores.trail.count() == before + 1
    page = file.read_text()
    for part in ("Art. 33", "72 hours", "Measures in force", "person added", "1 people who are still known"):
        assert part in page
    assert names_nobody(page, ada)
    status, told = run_json(capsys, "incident", *span(site, HOUR, -HOUR))
    assert (status, told["error"]["code"]) == (2, "wrong_use")
