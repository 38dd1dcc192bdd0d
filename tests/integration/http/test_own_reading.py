"""A person reads their own passages at a terminal: by their face and what else they have, and nobody else's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from doorward.face.decision import Reason
from doorward.face.template import Template
from doorward.kernel.permissions import Scope
from doorward.people.credential import Issued
from doorward.people.person import Details, Person
from doorward.verify.attempts import FREE_WITHOUT_PAD
from doorward.wiring.face.site import Site
from integration.http.running import EILEEN, GRACE, PURPOSE, Running
from known_people import EVERYTHING, OFFICER, enrolment, passage

PIN = "583920"


@pytest.fixture(scope="session")
def template(site: Site) -> Template:
    return site.capture(GRACE).template


@pytest.fixture
def own(site: Site, template: Template) -> Iterator[Person]:
    """Somebody with the face of Grace who passed a door."""
    known = site.add_person("Own", Details(badge_number="O 1"))
    site.record_consent(known, "notice", "1", EVERYTHING, "on paper")
    site.stores.enrolments.add(enrolment(known.id, template))
    door = site.doorkeeper.add(f"Door of {known.id}"[:60])
    site.stores.passages.add(passage(known.id, door.id, datetime.now(UTC)))
    site.doorkeeper.passages_of(OFFICER, known.id, 2)
    yield known
    site.register.erase(OFFICER, known.id)


def asked(client: httpx.Client, photo: bytes = GRACE, **claim: str) -> dict[str, object]:
    answer = client.post("/v1/own-passages", files={"photo": photo}, data=claim)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


def nothing_told(told: dict[str, object]) -> bool:
    return all(told[name] is None for name in ("person", "passages", "holds", "looks"))


def test_who_is_verified_reads_their_passages_and_every_look(running: Running, own: Person) -> None:
    client = running.client(Scope.OWN_READ)
    told = asked(client, badge="O 1")
    assert (told["decision"], told["person"], told["holds"]) == ("accepted", own.id, [])
    assert [one["checkpoint"] for one in told["passages"]] == [f"Door of {own.id}"[:60]]
    actions = [(one["actor"], one["action"]) for one in told["looks"]]
    assert (OFFICER.name, "passages of the last 2 h read") in actions
    assert actions[-1][0].startswith("the person, at token ")
    assert actions[-1][1] == "own passages and looks read"
    refused = client.get(f"/v1/people/{own.id}/passages", headers=PURPOSE)
    assert refused.status_code == 403


def test_another_face_and_an_unknown_claim_are_told_nothing_alike(running: Running, own: Person) -> None:
    client = running.client(Scope.OWN_READ)
    another, unknown = asked(client, EILEEN, badge="O 1"), asked(client, badge="O 2")
    assert all(map(nothing_told, (another, unknown)))
    assert another["reason"] == unknown["reason"] == Reason.NOT_MATCHED
    looks = [one.action for one in running.site.register.looks(own.id)]
    assert looks[-1] == "verification by face, for their own data: the face is another"
    assert "own passages and looks read" not in looks


def test_who_has_a_pin_needs_it_too_and_failures_in_a_row_make_a_wait(running: Running, own: Person) -> None:
    running.site.pins.choose(OFFICER, own.id, PIN)
    client = running.client(Scope.OWN_READ)
    assert asked(client, badge="O 1", pin=PIN)["decision"] == "accepted"
    for pin in ({}, {"pin": "583921"}, {"pin": "x"}, {"pin": PIN[:-1]}, {"pin": PIN + "0"})[:FREE_WITHOUT_PAD]:
        told = asked(running.client(Scope.OWN_READ), badge="O 1", **pin)
        assert (told["reason"], nothing_told(told)) == (Reason.NOT_MATCHED, True)
    told = asked(client, badge="O 1", pin=PIN)
    assert (told["reason"], nothing_told(told)) == (Reason.TOO_MANY_ATTEMPTS, True)


def test_who_carries_a_credential_has_to_show_it(running: Running, own: Person) -> None:
    now = datetime.now(UTC)
    issued = Issued(running.site.stores.randomness.uuid(), own.id, now, now + timedelta(days=9))
    running.site.stores.credentials.issue(issued, None)
    assert nothing_told(asked(running.client(Scope.OWN_READ), badge="O 1"))


def test_a_claim_is_made_once(running: Running) -> None:
    for claim in ({}, {"badge": "O 1", "document_number": "X"}):
        answer = running.client(Scope.OWN_READ).post("/v1/own-passages", files={"photo": GRACE}, data=claim)
        assert answer.status_code == 422
