"""A credential as a claim over HTTP: the code's text as a hand scanner reads it, or the card on the photo itself."""

from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from doorward.adapters.credentials.text import text_of
from doorward.kernel.permissions import Scope
from doorward.people.person import Person
from doorward.wiring.face.credentials import credential_from_photo, issue_card
from doorward.wiring.face.site import Site
from integration.http.running import EILEEN, GRACE, Running

ADDRESS = "/v1/verifications"


@pytest.fixture(scope="session")
def card(site: Site, grace: Person, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("card") / "card.png"
    issue_card(site.folder, site.stores, site.actor, grace.id, path)
    return path


@pytest.fixture(scope="session")
def client(running: Running) -> httpx.Client:
    return running.client(Scope.VERIFY)


def send(client: httpx.Client, photo: bytes, credential: str) -> httpx.Response:
    return client.post(ADDRESS, files={"photo": ("photo", photo)}, data={"credential": credential})


def test_the_text_of_the_code_is_a_claim(site: Site, client: httpx.Client, grace: Person, card: Path) -> None:
    text = text_of(credential_from_photo(card))
    accepted = send(client, GRACE, text).json()
    assert (accepted["decision"], accepted["person"]) == ("accepted", grace.id)
    refused = send(client, EILEEN, text)
    altered = text[:300] + ("0" if text[300] != "0" else "1") + text[301:]
    assert refused.json()["reason"] == "credential_refused"
    for shown in (altered, text[:-3], "DW1:", "DW1:" + "A" * 600, "DW1:not base45, for it is in small letters"):
        site.stores.attempts.lift_others([])
        answer = send(client, EILEEN, shown)
        assert (answer.status_code, answer.json()) == (refused.status_code, refused.json()), shown


def test_the_card_may_be_on_the_photo(client: httpx.Client, grace: Person, card: Path, site: Site) -> None:
    site.stores.attempts.lift_others([])
    face = cv2.imdecode(np.frombuffer(GRACE, np.uint8), cv2.IMREAD_COLOR)
    held = cv2.resize(cv2.imread(str(card)), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    both = np.full((max(face.shape[0], held.shape[0]), face.shape[1] + held.shape[1], 3), 128, np.uint8)
    both[: face.shape[0], : face.shape[1]] = face
    both[: held.shape[0], face.shape[1] :] = held
    photo = cv2.imencode(".jpg", both)[1].tobytes()
    assert send(client, photo, "same").json()["person"] == grace.id
    assert send(client, GRACE, "same").json()["reason"] == "credential_not_found"


def test_what_is_no_credential_or_two_claims_is_said(client: httpx.Client, grace: Person) -> None:
    assert send(client, GRACE, "https://example.org").json()["reason"] == "not_a_credential"
    assert send(client, GRACE, "DW1:" + "A" * 2000).status_code in (400, 422)
    two = {"credential": "DW1:AA", "person": grace.id}
    answer = client.post(ADDRESS, files={"photo": ("photo", GRACE)}, data=two)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
