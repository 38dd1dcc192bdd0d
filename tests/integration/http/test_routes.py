"""What each route does, from adding a person to erasing them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import cv2
import httpx
import numpy as np
import pytest
from argon2 import PasswordHasher

from doorward.adapters.stores.crowd.alarm_store import alarms_beside
from doorward.crowd.alarms import Alarm, AlarmKind
from doorward.crowd.as_json import interval_object
from doorward.crowd.intervals import IntervalAggregate, LineCount, ZoneOccupancy
from doorward.crowd.looks import LookedAt
from doorward.errors import WrongUse
from doorward.kernel.permissions import Scope
from doorward.passages.passage import Counter
from doorward.people.person import Person
from doorward.verify.attempts import FREE_WITHOUT_PAD
from doorward.wiring import serving
from doorward.wiring.crowd.stores import looks_of
from doorward.wiring.face.signatories import Signatories
from fakes.crowd_day import stored_day
from fakes.crowd_intervals import full_quarter
from integration.http.running import EILEEN, GRACE, PURPOSE, Running
from known_people import passage

READ, WRITE = Scope.PEOPLE_READ, Scope.PEOPLE_WRITE
CONSENT = {"notice": "notice", "notice_version": "1", "purposes": ["verify"], "given_how": "on paper"}


@pytest.fixture(scope="session")
def officer(running: Running) -> httpx.Client:
    return running.client(READ, WRITE, Scope.VERIFY, Scope.PASSAGES_READ)


def add(client: httpx.Client, name: str, **details: object) -> str:
    answer = client.post("/v1/people", json={"display_name": name, **details})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/people/{answer.json()['id']}"
    return str(answer.json()["id"])


def send(client: httpx.Client, address: str, photo: bytes, **fields: str) -> httpx.Response:
    return client.post(address, files={"photo": ("photo", photo)}, data=fields)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_person_is_added_enrolled_shown_and_erased(officer: httpx.Client) -> None:
    details = {
        "full_name": "Eileen Collins",
        "document": {"number": "X 123", "issued": "2020-01-01", "expires": "2030-01-01"},
        "birth_date": "1956-11-19",
        "groups": ["crew"],
    }
    person = add(officer, "Eileen", **details)
    enrolments = f"/v1/people/{person}/enrolments"
    assert code_of(send(officer, enrolments, EILEEN)) == (403, "consent_missing")
    assert officer.post(f"/v1/people/{person}/consents", json=CONSENT).status_code == 201
    enrolled = send(officer, enrolments, EILEEN)
    assert enrolled.status_code == 201
    assert (enrolled.json()["state"], enrolled.json()["captured_from"]) == ("pending", "file")
    assert officer.post(f"/v1/people/{person}/groups", json={"group": "staff"}).json()["groups"] == [
        "crew",
        "everyone",
        "staff",
    ]
    term = {"from": "2099-01-01T00:00:00Z", "until": "2099-02-01T00:00:00+01:00"}
    later = officer.post(f"/v1/people/{person}/groups", json={"group": "night", **term}).json()
    assert later["groups"] == ["crew", "everyone", "staff"]
    assert later["memberships"][2] == {
        "group": "night", "from": "2099-01-01T00:00:00Z", "until": "2099-01-31T23:00:00Z",
    }  # fmt: skip
    for wrong in ({"until": "2020-01-01T00:00:00Z"}, {"from": "2099-01-01T00:00:00"}, {"from": "soon"}, {"to": "x"}):
        refused = officer.post(f"/v1/people/{person}/groups", json={"group": "day", **wrong})
        assert code_of(refused)[1] in ("wrong_use", "request_invalid"), wrong
    assert officer.delete(f"/v1/people/{person}/groups/staff").json()["groups"] == ["crew", "everyone"]
    assert code_of(officer.delete(f"/v1/people/{person}/groups/staff")) == (404, "not_found")
    pending = send(officer, "/v1/verifications", EILEEN, person=person)
    assert (pending.status_code, pending.json()["reason"]) == (200, "not_matched")

    dossier = officer.get(f"/v1/people/{person}", headers=PURPOSE).json()
    assert dossier["full_name"] == "Eileen Collins"
    assert dossier["document"]["expires"] == "2030-01-01"
    assert [one["state"] for one in dossier["enrolments"]] == ["pending"]
    assert dossier["looks"][-1]["purpose"] == PURPOSE["Doorward-Purpose"]
    assert dossier["looks"][-1]["actor"].startswith("token ")
    assert "vector" not in str(dossier)
    assert "template" not in str(dossier)

    consent = dossier["consents"][0]["id"]
    withdrawn = officer.delete(f"/v1/people/{person}/consents/{consent}")
    assert withdrawn.json()["withdrawn_at"] is not None
    assert code_of(send(officer, enrolments, EILEEN)) == (403, "consent_missing")

    assert officer.delete(f"/v1/people/{person}").status_code == 204
    assert code_of(officer.get(f"/v1/people/{person}", headers=PURPOSE)) == (404, "person_unknown")


def test_reading_needs_a_purpose(officer: httpx.Client, grace: Person) -> None:
    for address in ("/v1/people", f"/v1/people/{grace.id}", f"/v1/people/{grace.id}/passages"):
        assert code_of(officer.get(address)) == (400, "wrong_use")
        assert code_of(officer.get(address, params={"purpose": "  "})) == (400, "wrong_use")
        assert officer.get(address, params={"purpose": "an audit"}).status_code == 200


def test_a_purpose_may_be_stated_in_any_script(officer: httpx.Client, grace: Person) -> None:
    purpose = "به درخواست خودش"
    address = f"/v1/people/{grace.id}"
    looks = officer.get(address, headers={"Doorward-Purpose": purpose.encode()}).json()["looks"]
    assert looks[-1]["purpose"] == purpose


def test_a_list_names_people_and_tells_no_more(officer: httpx.Client, grace: Person) -> None:
    listed = officer.get("/v1/people", headers=PURPOSE).json()["people"]
    (one,) = [one for one in listed if one["id"] == grace.id]
    assert (set(one), one["display_name"]) == ({"id", "display_name", "groups"}, "Grace")


def test_a_confirmed_person_is_verified_by_id_and_by_badge(officer: httpx.Client, grace: Person) -> None:
    for claim in ({"person": grace.id}, {"badge": "b77 1"}):
        decision = send(officer, "/v1/verifications", GRACE, **claim).json()
        assert (decision["decision"], decision["reason"], decision["person"]) == ("accepted", "matched", grace.id)
        assert 0 < decision["fmr"] <= 1e-4
        assert "score" not in decision


def test_an_unknown_claim_is_answered_like_a_face_that_differs(officer: httpx.Client, grace: Person) -> None:
    differs = send(officer, "/v1/verifications", EILEEN, person=grace.id)
    for claim in ({"person": str(uuid4())}, {"badge": "none"}, {"document_number": "none"}):
        unknown = send(officer, "/v1/verifications", EILEEN, **claim)
        assert (unknown.status_code, unknown.json()) == (differs.status_code, differs.json())


def test_a_score_is_told_to_who_may_see_it_and_rounded(running: Running, grace: Person) -> None:
    client = running.client(Scope.VERIFY, Scope.SCORES_READ)
    decision = send(client, "/v1/verifications?show_score=true", GRACE, person=grace.id).json()
    assert decision["score"] == 1.0
    other = send(client, "/v1/verifications?show_score=true", EILEEN, person=grace.id).json()
    assert other["score"] == round(other["score"], 2)


def test_photos_that_cannot_be_used(officer: httpx.Client, grace: Person) -> None:
    enrolments = f"/v1/people/{grace.id}/enrolments"
    assert code_of(send(officer, enrolments, b"this is a text")) == (422, "photo_unreadable")
    assert code_of(send(officer, "/v1/verifications", b"text", person=grace.id)) == (422, "photo_unreadable")
    assert code_of(send(officer, enrolments, GRACE[:5000])) == (422, "photo_unreadable")
    assert code_of(send(officer, enrolments, two_faces())) == (422, "more_than_one_face")
    decision = send(officer, "/v1/verifications", two_faces(), person=grace.id).json()
    assert (decision["decision"], decision["reason"]) == ("refused", "more_than_one_face")


def two_faces() -> bytes:
    photos = [cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_COLOR) for octets in (GRACE, GRACE)]
    return cv2.imencode(".jpg", np.hstack(photos))[1].tobytes()


def test_forms_that_are_not_as_asked_for(officer: httpx.Client, grace: Person) -> None:
    address = "/v1/verifications"
    invalid = (422, "request_invalid")
    assert code_of(send(officer, address, GRACE)) == invalid
    assert code_of(send(officer, address, GRACE, person=grace.id, badge="1")) == invalid
    assert code_of(send(officer, address, GRACE, person="no-id")) == invalid
    assert code_of(send(officer, address, GRACE, person=grace.id, sex="f")) == invalid
    assert code_of(send(officer, address, GRACE, person=grace.id, fmr="2")) == invalid
    assert code_of(officer.post(address, data={"person": grace.id})) == invalid
    assert code_of(officer.post(address, json={"person": grace.id})) == invalid
    assert code_of(officer.post(address, content=b"--x", headers={"content-type": "multipart/form-data"})) == invalid
    two = [("photo", ("a", GRACE)), ("photo", ("b", GRACE))]
    assert code_of(officer.post(address, files=two, data={"person": grace.id})) == invalid


def test_a_photo_never_reaches_a_file(officer: httpx.Client, grace: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def rolled_over(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", rolled_over)
    padded = GRACE + b"\0" * (4 * 1024 * 1024)
    assert send(officer, "/v1/verifications", padded, person=grace.id).status_code == 200


def test_an_identification_is_off_until_its_assessment_is_recorded(running: Running, grace: Person) -> None:
    client = running.client(Scope.IDENTIFY, READ, WRITE, Scope.PASSAGES_READ)
    site = running.site
    door = client.post("/v1/checkpoints", json={"name": "Main door"})
    assert (door.status_code, door.json()["group"], door.json()["accepted"]) == (201, "everyone", 0)
    assert code_of(client.post("/v1/checkpoints", json={"name": "main DOOR"})) == (409, "conflict")
    assert code_of(send(client, "/v1/identifications", GRACE, checkpoint="Main door")) == (403, "profile_off")
    site.profiles.identify(b"an assessment", "Assessment", "Notice 1", site.stores.vault.clock.now())
    try:
        found = send(client, "/v1/identifications", GRACE, checkpoint="Main door").json()
        assert (found["decision"], found["person"]) == ("accepted", grace.id)
        stranger = send(client, "/v1/identifications", EILEEN, checkpoint="Main door").json()
        assert (stranger["decision"], stranger["reason"], stranger["person"]) == ("refused", "nobody", None)
        assert code_of(send(client, "/v1/identifications", GRACE, checkpoint="x")) == (404, "checkpoint_unknown")
        assert code_of(send(client, "/v1/identifications", GRACE)) == (422, "request_invalid")
        check_duplicates(running, client, grace)
        check_twins(running, client, grace)
    finally:
        site.profiles.verify()
    looks = client.get(f"/v1/people/{grace.id}", headers=PURPOSE).json()["looks"]
    assert "identified at Main door" in [look["action"] for look in looks]


def check_twins(running: Running, sees: httpx.Client, grace: Person) -> None:
    """Who may read people states that two are distinct; from then on the face needs a badge or PIN beside it."""
    twin = add(sees, "Twin", badge_number="T 2")
    sees.post(f"/v1/people/{twin}/consents", json=CONSENT)
    enrolments = f"/v1/people/{twin}/enrolments"
    stated = {"distinct_from": grace.id, "reason": "both were here, with passports"}
    assert code_of(send(running.client(WRITE), enrolments, GRACE, **stated)) == (403, "forbidden")
    assert code_of(send(sees, enrolments, GRACE, distinct_from=grace.id)) == (422, "request_invalid")
    assert code_of(send(sees, enrolments, GRACE, distinct_from="x", reason="y")) == (400, "wrong_use")
    several = {**stated, "distinct_from": f"{grace.id},{twin}"}
    assert code_of(send(sees, enrolments, GRACE, **several)) == (400, "wrong_use")
    assert send(sees, enrolments, GRACE, **stated).status_code == 201
    (paired,) = sees.get(f"/v1/people/{grace.id}", headers=PURPOSE).json()["lookalikes"]
    assert paired["person"] == twin

    search = {"checkpoint": "Main door"}
    alone = send(sees, "/v1/identifications", GRACE, **search)
    assert (alone.status_code, alone.json()["reason"]) == (200, "second_factor_required")
    assert grace.id not in alone.text
    decided = send(sees, "/v1/identifications", GRACE, **search, badge="B 77-1").json()
    assert (decided["reason"], decided["person"]) == ("matched", grace.id)
    wrong = send(sees, "/v1/identifications", GRACE, **search, pin="918273").json()
    assert (wrong["reason"], wrong["person"]) == ("not_matched", None)
    assert code_of(send(sees, "/v1/identifications", GRACE, **search, pin="1", badge="2")) == (422, "request_invalid")
    assert sees.delete(f"/v1/people/{twin}").status_code == 204
    check_beyond_the_evidence(running, sees, grace)
    again = send(sees, "/v1/identifications", GRACE, **search).json()
    assert (again["reason"], again["person"]) == ("matched", grace.id)


def check_beyond_the_evidence(running: Running, sees: httpx.Client, grace: Person) -> None:
    """A badge where more may pass than a search was evaluated for; here for a rate that is as rare."""
    doors = running.site.doorkeeper
    doors.search_at(running.site.actor, "Main door", 1e-9)
    search = {"checkpoint": "Main door"}
    alone = send(sees, "/v1/identifications", GRACE, **search)
    assert (alone.status_code, alone.json()["reason"], alone.json()["person"]) == (200, "badge_required", None)
    beside = send(sees, "/v1/identifications", GRACE, **search, badge="B 77-1").json()
    assert (beside["reason"], beside["person"]) == ("matched", grace.id)
    doors.search_at(running.site.actor, "Main door", None)
    client = running.client(WRITE, Scope.PASSAGES_READ)
    for wrong in (0, 1.5, "often"):
        assert code_of(client.post("/v1/checkpoints", json={"name": "South", "fpir": wrong}))[1] == "request_invalid"
    assert client.post("/v1/checkpoints", json={"name": "South", "fpir": 0.004}).json()["fpir"] == 0.004


def check_duplicates(running: Running, sees: httpx.Client, grace: Person) -> None:
    """An enrolled face is refused again, and told whose it is only to who may read that."""
    person = add(sees, "Grace again")
    sees.post(f"/v1/people/{person}/consents", json=CONSENT)
    told = send(sees, f"/v1/people/{person}/enrolments", GRACE)
    assert code_of(told) == (409, "already_enrolled")
    assert grace.id in told.json()["detail"]
    untold = send(running.client(WRITE), f"/v1/people/{person}/enrolments", GRACE)
    assert code_of(untold) == (409, "already_enrolled")
    assert grace.id not in untold.text
    assert "Grace" not in untold.text


def test_passages_of_a_person_and_tallies_of_a_checkpoint(running: Running, grace: Person) -> None:
    site = running.site
    door = site.doorkeeper.add("Side door")
    site.doorkeeper.let_through(door, grace.id)
    site.doorkeeper.turn_away(door)
    client = running.client(Scope.PASSAGES_READ)
    kept = client.get(f"/v1/people/{grace.id}/passages", headers=PURPOSE).json()
    assert [passage["checkpoint"] for passage in kept["passages"]] == ["Side door"]
    doors = {one["name"]: one for one in client.get("/v1/checkpoints").json()["checkpoints"]}
    assert (doors["Side door"]["accepted"], doors["Side door"]["refused"]) == (1, 1)
    assert site.doorkeeper.tallies(door) == {Counter.ACCEPTED: 1, Counter.REFUSED: 1}


def test_passages_are_read_no_further_back_than_the_site_allows(running: Running, grace: Person) -> None:
    site, address = running.site, f"/v1/people/{grace.id}/passages"
    client = running.client(Scope.PASSAGES_READ)
    assert code_of(client.get(address)) == (400, "wrong_use")
    site.reading_span.allow(site.actor, 2)
    try:
        assert client.get(address, headers=PURPOSE, params={"hours": 2}).status_code == 200
        assert site.register.looks(grace.id)[-1].action == "passages of the last 2 h read"
        assert code_of(client.get(address, headers=PURPOSE, params={"hours": 3})) == (403, "forbidden")
        assert code_of(client.get(address, headers=PURPOSE, params={"hours": 0})) == (422, "request_invalid")
    finally:
        site.reading_span.allow(site.actor, 24)
    for wrong in (0, 25):
        with pytest.raises(WrongUse):
            site.reading_span.allow(site.actor, wrong)


def test_statistics_tell_tens_of_passages_a_day_later(running: Running, grace: Person) -> None:
    site = running.site
    door, then = site.doorkeeper.add("Busy door"), datetime.now(UTC) - timedelta(hours=30)
    site.stores.passages.add_many([passage(grace.id, door.id, then) for _ in range(14)])
    client = running.client(Scope.STATISTICS_READ)
    told = client.get("/v1/statistics").json()
    hour = then.replace(minute=0, second=0, microsecond=0)
    (cell,) = told["cells"]
    assert (datetime.fromisoformat(cell["begins"]), cell["checkpoint"], cell["passages"]) == (hour, "Busy door", 10)
    assert (told["by"], told["fewest_told"], told["rounded_to"]) == ("hour", 10, 10)
    later = {"from": datetime.now(UTC).isoformat()}
    assert code_of(client.get("/v1/statistics", params=later)) == (400, "wrong_use")
    assert site.stores.trail.listed(1)[0].entry.action == "statistics of passages read"


def test_two_signatories_hold_passages_and_lift_the_hold(running: Running, grace: Person) -> None:
    site = running.site
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    signatories = Signatories(site.stores.grants, site.stores.trail, site.stores.vault.clock, cheap)
    ada, bo = ({"signatory": name, "secret": f"the secret words of {name}"} for name in ("Ada", "Bo"))
    if not signatories.all():
        signatories.appoint(site.actor, {one["signatory"]: one["secret"] for one in (ada, bo)}, {})
    site.doorkeeper.let_through(site.doorkeeper.add("Held door"), grace.id)
    client, now = running.client(Scope.HOLDS_WRITE, Scope.PASSAGES_READ), datetime.now(UTC)
    wanted = {"person": grace.id, "from": (now - timedelta(hours=1)).isoformat(), "reason": "claim 17", **ada}
    wanted |= {"until": (now + timedelta(days=9)).isoformat()}
    assert code_of(client.post("/v1/holds", json={**wanted, "secret": "wrong"})) == (401, "unauthenticated")
    asked = client.post("/v1/holds", json=wanted)
    hold = f"/v1/holds/{asked.json()['hold']}"
    assert (asked.status_code, asked.json()["approved_by"]) == (201, None)
    assert code_of(client.get(f"{hold}/passages", headers=PURPOSE)) == (409, "conflict")
    assert code_of(client.post(f"{hold}/approval", json=ada)) == (403, "forbidden")
    assert client.post(f"{hold}/approval", json=bo).json()["approved_by"] == "Bo"
    assert code_of(client.get(f"{hold}/passages")) == (400, "wrong_use")
    told = client.get(f"{hold}/passages", headers=PURPOSE).json()
    assert (told["person"], told["passages"][-1]["checkpoint"]) == (grace.id, "Held door")
    assert [one["reason"] for one in client.get("/v1/holds", headers=PURPOSE).json()["holds"]] == ["claim 17"]
    erased = running.client(Scope.PEOPLE_WRITE).delete(f"/v1/people/{grace.id}")
    assert code_of(erased) == (409, "under_legal_hold")
    assert code_of(client.post(f"{hold}/lifting", json={"signatures": [ada]})) == (403, "forbidden")
    assert client.post(f"{hold}/lifting", json={"signatures": [ada, bo]}).status_code == 204
    assert client.get("/v1/holds", headers=PURPOSE).json() == {"holds": []}


def test_who_is_inside_is_told_once_the_site_turned_it_on(running: Running, grace: Person) -> None:
    site, lists = running.site, running.site.presence_lists
    way_in, way_out = site.doorkeeper.add("Gate, in"), site.doorkeeper.add("Gate, out")
    site.doorkeeper.let_through(way_in, grace.id)
    client = running.client(Scope.PRESENCE_READ)
    assert code_of(client.get("/v1/presence", headers=PURPOSE)) == (403, "forbidden")
    for doors in ([], [way_in]):
        with pytest.raises(WrongUse):
            lists.turn_on(site.actor, [way_in], doors, "Notice 2")
    with pytest.raises(WrongUse):
        lists.turn_on(site.actor, [way_in], [way_out], " ")
    lists.turn_on(site.actor, [way_in], [way_out], "Notice 2")
    try:
        assert client.get("/v1/presence", headers=PURPOSE).json() == {"inside": [], "unreadable": 0}
        site.doorkeeper.let_through(way_in, grace.id)
        assert code_of(client.get("/v1/presence")) == (400, "wrong_use")
        before = len(site.register.looks(grace.id))
        (told,) = client.get("/v1/presence", headers=PURPOSE).json()["inside"]
        assert (told["person"], told["display_name"], told["checkpoint"]) == (grace.id, grace.display_name, "Gate, in")
        (look,) = site.register.looks(grace.id)[before:]
        assert (look.action, look.actor.purpose) == ("read on a presence list", PURPOSE["Doorward-Purpose"])
        site.doorkeeper.let_through(way_out, grace.id)
        assert client.get("/v1/presence", headers=PURPOSE).json() == {"inside": [], "unreadable": 0}
    finally:
        lists.turn_off(site.actor)
    assert code_of(client.get("/v1/presence", headers=PURPOSE)) == (403, "forbidden")


def test_crowd_intervals_by_scene_and_time(running: Running) -> None:
    first = datetime(2026, 5, 1, 8, tzinfo=UTC)
    seen = (LineCount("door", 3, 1),), (ZoneOccupancy("hall", 2.5, 1, 4, 4),)
    unseen = (LineCount("door", None, None),), (ZoneOccupancy("hall", None, None, None, None),)
    with serving.interval_store(running.site) as store:
        store.add([IntervalAggregate("hall", first, 1.0, "motion", *seen)])
        store.add([IntervalAggregate("hall", first + timedelta(minutes=1), 0.0, "motion", *unseen)])
    client = running.client(Scope.CROWD_READ)
    both = client.get("/v1/crowd/intervals", params={"scene": "hall"}).json()["intervals"]
    assert [(one["lines"][0]["in"], one["lines"][0]["out"]) for one in both] == [(3, 1), (None, None)]
    assert both[0]["zones"][0]["density"] is None
    window = {"scene": "hall", "from": "2026-05-01T08:01:00Z", "to": "2026-05-01T09:00:00Z"}
    assert [one["coverage"] for one in client.get("/v1/crowd/intervals", params=window).json()["intervals"]] == [0.0]
    later = {"scene": "hall", "from": "2026-05-02T08:01:00Z"}
    assert client.get("/v1/crowd/intervals", params=later).json()["intervals"] == []
    assert code_of(client.get("/v1/crowd/intervals", params={"scene": "none"})) == (404, "not_found")
    with looks_of(running.site.folder) as book:
        looks = [look for look in book.read() if look.scene == "hall"]
    assert sum(look.times for look in looks) >= 2
    assert {look.at for look in looks} >= {LookedAt.INTERVALS}
    assert all(look.who.startswith("token ") for look in looks)
    assert client.get("/v1/crowd/intervals", params={"scene": "hall", "every": "quarter"}).json()["intervals"] == []
    assert code_of(client.get("/v1/crowd/intervals", params={**window, "to": "noon"})) == (422, "request_invalid")


def test_a_quarter_has_over_http_what_it_has_on_the_command_line(running: Running) -> None:
    with serving.interval_store(running.site) as store:
        store.add([full_quarter()])
    client = running.client(Scope.CROWD_READ)
    (told,) = client.get("/v1/crowd/intervals", params={"scene": "hall", "every": "quarter"}).json()["intervals"]
    assert told == interval_object(full_quarter())


def test_pictures_of_crowds_are_drawn_and_the_look_is_noted(running: Running) -> None:
    with serving.interval_store(running.site) as store:
        store.add([replace(one, scene="atrium") for one in stored_day()])
    client = running.client(Scope.CROWD_READ)
    for subject, ending, begins in (
        ("heat", "svg", b"<?xml"),
        ("flow", "png", b"\x89PNG"),
        ("density", "svg", b"<?xml"),
    ):
        answer = client.get(f"/v1/crowd/pictures/{subject}", params={"scene": "atrium", "format": ending})
        assert answer.headers["content-type"] == {"svg": "image/svg+xml", "png": "image/png"}[ending]
        assert answer.content.startswith(begins)
    assert code_of(client.get("/v1/crowd/pictures/heat", params={"scene": "none"})) == (404, "not_found")
    assert code_of(client.get("/v1/crowd/pictures/faces", params={"scene": "atrium"})) == (422, "request_invalid")
    assert code_of(running.client(READ).get("/v1/crowd/pictures/heat", params={"scene": "atrium"}))[0] == 403
    with looks_of(running.site.folder) as book:
        assert sum(look.times for look in book.read() if (look.at, look.scene) == (LookedAt.PICTURE, "atrium")) == 3


def test_alarms_of_crowds_are_read_and_acknowledged_under_scopes_of_their_own(running: Running) -> None:
    with serving.interval_store(running.site) as store:
        alarms_beside(store).put(Alarm("a", "hall", "", AlarmKind.BLIND, 1, datetime(2026, 5, 1, 8, tzinfo=UTC)))
    reader, officer = running.client(Scope.CROWD_READ), running.client(Scope.CROWD_ACKNOWLEDGE)
    (alarm,) = reader.get("/v1/crowd/alarms", params={"scene": "hall"}).json()["alarms"]
    assert (alarm["kind"], alarm["place"], alarm["acknowledged_by"]) == ("blind", None, None)
    path, body = "/v1/crowd/alarms/a/acknowledgement", {"by": "control room"}
    assert code_of(reader.post(path, json=body)) == (403, "forbidden")
    assert code_of(officer.get("/v1/crowd/alarms")) == (403, "forbidden")
    assert officer.post(path, json=body).json()["acknowledged_by"] == "control room"
    assert code_of(officer.post(path, json={"by": "x" * 41})) == (422, "request_invalid")
    assert code_of(officer.post("/v1/crowd/alarms/b/acknowledgement", json=body)) == (404, "not_found")
    assert reader.get("/v1/crowd/alarms", params={"scene": "gate"}).json() == {"alarms": []}


def test_a_token_that_fails_too_often_waits(running: Running, grace: Person) -> None:
    client = running.client(Scope.VERIFY)
    for number in range(FREE_WITHOUT_PAD):
        assert send(client, "/v1/verifications", EILEEN, badge=f"none {number}").json()["reason"] == "not_matched"
    refused = send(client, "/v1/verifications", GRACE, person=grace.id)
    assert (refused.status_code, refused.json()["reason"]) == (200, "too_many_attempts")
    assert 0 < refused.json()["retry_after"] <= 30
    other = send(running.client(Scope.VERIFY), "/v1/verifications", GRACE, person=grace.id)
    assert other.json()["decision"] == "accepted"


def test_what_an_officer_saw_is_recorded_for_who_may_read_people(running: Running, grace: Person) -> None:
    address = "/v1/verifications/by-eye"
    seen = {"person": grace.id, "outcome": "accepted", "officer": "R. Vega"}
    assert code_of(running.client(Scope.VERIFY).post(address, json=seen)) == (403, "forbidden")
    client = running.client(Scope.VERIFY, READ)
    answer = client.post(address, json=seen).json()
    assert (answer["reason"], answer["person"], answer["threshold"]) == ("accepted_by_eye", grace.id, None)
    looks = client.get(f"/v1/people/{grace.id}", headers=PURPOSE).json()["looks"]
    assert "verification by eye: accepted, officer R. Vega" in [look["action"] for look in looks]
    assert code_of(client.post(address, json={**seen, "person": str(uuid4())})) == (404, "person_unknown")
    assert code_of(client.post(address, json={**seen, "outcome": "perhaps"})) == (422, "request_invalid")
