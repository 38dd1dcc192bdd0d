"""Identity documents over HTTP: read, and held against a face. Nothing of them stays."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import httpx
import numpy as np
import pytest

from doorward.kernel.permissions import Scope
from doorward.people.person import Person
from doorward.verify.attempts import FREE_WITHOUT_PAD
from doorward.wiring.face.site import Site
from drawn_documents import EXPIRED, VALID, drawn_page
from integration.http.running import EILEEN, GRACE, PURPOSE, Running
from pages_read_once import pages_read_anew as pages_read_anew
from pages_read_once import pages_read_once as pages_read_once
from portraits import encoded, grace_hopper

pytestmark = pytest.mark.usefixtures("pages_read_once")

READINGS, VERIFICATIONS = "/v1/documents/readings", "/v1/verifications"
SCAN = encoded(drawn_page(portrait=grace_hopper()))
OF_ZONE = ("L898902C3", "ERIKSSON", "740812", "1974-08-12", "320415", "2032-04-15")


@pytest.fixture(scope="session")
def client(running: Running) -> httpx.Client:
    return running.client(Scope.VERIFY)


@pytest.fixture(autouse=True)
def _forgiven(site: Site) -> Iterator[None]:
    yield
    site.stores.attempts.lift_others([])


def read(client: httpx.Client, scan: bytes, part: str = "document", **fields: str) -> httpx.Response:
    return client.post(READINGS, files={part: ("scan", scan)}, data=fields)


def verify(client: httpx.Client, photo: bytes, scan: bytes, **fields: str) -> httpx.Response:
    return client.post(VERIFICATIONS, files={"photo": ("a", photo), "document": ("b", scan)}, data=fields)


def test_a_document_is_read_and_its_nationality_and_sex_are_not(client: httpx.Client) -> None:
    told = read(client, SCAN).raise_for_status().json()
    assert (told["ok"], told["format"], told["portrait"]) == (True, "TD3", True)
    assert told["fields"] == {
        "document_code": "P",
        "issuing_state": "UTO",
        "number": "L898902C3",
        "primary_name": "ERIKSSON",
        "secondary_name": "ANNA MARIA",
        "name_confirmed": True,
        "birth_date": "1974-08-12",
        "expiry_date": "2032-04-15",
    }
    blank = read(client, encoded(np.full((600, 900, 3), 255, np.uint8))).json()
    assert (blank["ok"], blank["reason"], blank["fields"]) == (False, "document_not_found", None)


def test_a_face_is_held_against_the_portrait(client: httpx.Client, grace: Person) -> None:
    """In the shape of every other decision, but for a person: nobody of the site is concerned."""
    accepted = verify(client, GRACE, SCAN).json()
    assert (accepted["decision"], accepted["reason"], accepted["fmr"]) == ("accepted", "document_matched", 1e-4)
    assert accepted["document"] == {"format": "TD3", "repaired": False}
    refused = verify(client, EILEEN, SCAN).json()
    assert (refused["decision"], refused["reason"]) == ("refused", "document_not_matched")
    kept = client.post(VERIFICATIONS, files={"photo": ("a", GRACE)}, data={"person": grace.id}).json()
    assert kept.keys() - {"person"} == accepted.keys() - {"document"} == refused.keys() - {"document"}
    expired = encoded(drawn_page(EXPIRED, grace_hopper()))
    assert verify(client, GRACE, expired).json()["reason"] == "document_expired"
    assert verify(client, GRACE, encoded(drawn_page())).json()["reason"] == "document_without_portrait"


def test_a_score_is_coarse_and_needs_its_scope(running: Running, client: httpx.Client) -> None:
    asked = {"files": {"photo": ("a", EILEEN), "document": ("b", SCAN)}, "params": {"show_score": "true"}}
    assert client.post(VERIFICATIONS, **asked).status_code == 403
    score = running.client(Scope.VERIFY, Scope.SCORES_READ).post(VERIFICATIONS, **asked).json()["score"]
    assert score == round(score, 2)


def test_failures_count_against_the_document_and_the_token(running: Running) -> None:
    client = running.client(Scope.VERIFY)
    for _ in range(FREE_WITHOUT_PAD):
        assert verify(client, EILEEN, SCAN).json()["reason"] == "document_not_matched"
    stopped = verify(running.client(Scope.VERIFY), GRACE, SCAN).json()
    assert stopped["reason"] == "too_many_attempts"
    assert 0 < stopped["retry_after"] <= 30


@pytest.mark.usefixtures("pages_read_anew")
def test_nothing_of_a_document_is_stored_or_logged(
    client: httpx.Client, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        read(client, SCAN)
        verify(client, GRACE, SCAN)
    kept = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file()) + caplog.text.encode()
    assert "/v1/documents/readings" in caplog.text
    assert [told for told in OF_ZONE if told.encode() in kept] == []


@pytest.mark.parametrize(
    ("scan", "status", "code"),
    [
        (b"%PDF-1.7 no picture", 422, "photo_unreadable"),
        (b"", 422, "photo_unreadable"),
        (encoded(np.zeros((5000, 6000), np.uint8)), 413, "photo_too_large"),
    ],
    ids=["no picture", "empty", "too large"],
)
def test_a_scan_that_is_no_usable_picture_is_an_error(
    client: httpx.Client, scan: bytes, status: int, code: str
) -> None:
    for answer in (read(client, scan), verify(client, GRACE, scan)):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_form_that_is_not_as_asked_for_is_refused(client: httpx.Client, grace: Person) -> None:
    wrong = (
        read(client, SCAN, part="photo"),
        read(client, SCAN, fmr="1e-4"),
        client.post(READINGS, files=[("document", SCAN), ("document", SCAN)]),
        client.post(READINGS, content=SCAN),
        client.post(VERIFICATIONS, files={"document": ("b", SCAN)}),
        client.post(VERIFICATIONS, files={"photo": ("a", GRACE)}, data={"document": "no file"}),
        verify(client, GRACE, SCAN, person=grace.id),
    )
    assert [(answer.status_code, answer.json()["code"]) for answer in wrong] == [(422, "request_invalid")] * len(wrong)
    assert "L898902C3" not in "".join(answer.text for answer in wrong)


def test_both_files_together_have_the_room_of_one(client: httpx.Client) -> None:
    answer = verify(client, GRACE, bytes(21 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_openapi_describes_both_files(client: httpx.Client) -> None:
    paths = client.get("/v1/openapi.json").json()["paths"]

    def form(path: str) -> dict:
        return paths[path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]

    file = {"type": "string", "format": "binary"}
    assert form(READINGS)["properties"] == {"document": file}
    described = form(VERIFICATIONS)
    assert {name: described["properties"]["document"][name] for name in file} == file
    assert described["required"] == ["photo"]


@pytest.fixture
def officer(running: Running) -> httpx.Client:
    return running.client(Scope.PEOPLE_READ, Scope.PEOPLE_WRITE)


def enrolled(officer: httpx.Client, photo: bytes, scan: bytes, **fields: str) -> tuple[str, httpx.Response]:
    """Of a new person who consented: their address, and the answer."""
    person = "/v1/people/" + officer.post("/v1/people", json={"display_name": "A visitor"}).json()["id"]
    consent = {"notice": "notice", "notice_version": "1", "purposes": ["verify"], "given_how": "on paper"}
    assert officer.post(f"{person}/consents", json=consent).status_code == 201
    files = {"photo": ("a", photo), "document": ("b", scan)}
    return person, officer.post(f"{person}/enrolments", files=files, data=fields)


def test_a_document_enrols_and_fills_in_the_record(officer: httpx.Client) -> None:
    person, answer = enrolled(officer, GRACE, SCAN)
    assert (answer.status_code, answer.json()["state"], answer.json()["captured_from"]) == (201, "pending", "file")
    record = officer.get(person, headers=PURPOSE).json()
    assert (record["full_name"], record["birth_date"]) == ("ANNA MARIA ERIKSSON", "1974-08-12")
    assert record["document"] == {"number": "L898902C3", "issued": None, "expires": "2032-04-15"}
    taken = enrolled(officer, GRACE, SCAN)[1]
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    assert officer.delete(person).status_code == 204


def test_a_document_that_enrols_nobody_is_refused(officer: httpx.Client) -> None:
    unprinted = encoded(drawn_page(replace(VALID, number="X7"), grace_hopper(), printed=False))
    for photo, scan, status, code in (
        (EILEEN, SCAN, 403, "not_confirmed"),
        (GRACE, encoded(drawn_page(EXPIRED, grace_hopper())), 422, "document_refused"),
        (GRACE, unprinted, 422, "document_refused"),
    ):
        person, answer = enrolled(officer, photo, scan)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert officer.get(person, headers=PURPOSE).json()["enrolments"] == []
    person, answer = enrolled(officer, GRACE, unprinted, name_checked_by="O. Fficer")
    assert answer.status_code == 201
    officer.delete(person)
    alone = officer.post(f"{person}/enrolments", files={"photo": ("a", GRACE)}, data={"name_checked_by": "O"})
    assert (alone.status_code, alone.json()["code"]) == (422, "request_invalid")
