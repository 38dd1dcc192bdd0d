"""Movements asked for over HTTP, and the decision that rests on them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import cv2
import httpx
import pytest

from doorward.face import challenge_book
from doorward.face.movements import Movement
from doorward.face.pad import PadMethod
from doorward.kernel.image import Image
from doorward.kernel.permissions import Scope
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.site import Site
from integration.http.running import GRACE, Running
from known_people import EVERYTHING
from movers import held_print, performance, person, photo

ASKED = (Movement.TURN_LEFT, Movement.TURN_RIGHT)


@pytest.fixture(scope="module")
def howard(site: Site) -> str:
    """The person of the pictures."""
    known = site.add_person("Howard", Details(badge_number="H 1"))
    site.record_consent(known, "Notice", "1", EVERYTHING, "form")
    site.enroller.enrol(site.actor, known.id, site.capture(photo()).template, CapturedFrom.LIVE)
    return known.id


@pytest.fixture(scope="module")
def desk(running: Running) -> httpx.Client:
    return running.client(Scope.VERIFY, Scope.IDENTIFY)


@pytest.fixture(autouse=True)
def known_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenge_book, "draw_movements", lambda _: ASKED)


@pytest.fixture
def movements_required(site: Site) -> Iterator[None]:
    site.pad_policies.require(site.actor, {PadMethod.ACTIVE})
    yield
    site.pad_policies.require(site.actor, ())


def begin(client: httpx.Client) -> dict[str, object]:
    answer = client.post("/v1/challenges")
    assert answer.status_code == 201, answer.text
    return answer.json()


def show(client: httpx.Client, nonce: object, picture: Image | bytes, **fields: str) -> httpx.Response:
    octets = picture if isinstance(picture, bytes) else cv2.imencode(".jpg", picture)[1].tobytes()
    address = f"/v1/challenges/{nonce}/frames"
    return client.post(address, files={"photo": ("photo", octets)}, data=fields)


def verify(client: httpx.Client, image: bytes, **fields: str) -> dict[str, object]:
    answer = client.post("/v1/verifications", files={"photo": ("photo", image)}, data=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def passed(client: httpx.Client) -> str:
    """The nonce of movements that were made."""
    nonce = str(begin(client)["challenge"])
    stages = [show(client, nonce, picture).json()["stage"] for picture in performance(ASKED)]
    assert stages[-1] == "passed", stages
    return nonce


def test_movements_are_told_one_after_another_and_serve_one_decision(
    howard: str, desk: httpx.Client, movements_required: None
) -> None:
    begun = begin(desk)
    assert (begun["stage"], begun["asked"], begun["frames"]) == ("settling", None, challenge_book.MOST_FRAMES)
    assert datetime.fromisoformat(str(begun["expires_at"])) > datetime.now(UTC)
    nonce = str(begun["challenge"])
    told = [show(desk, nonce, picture).json() for picture in performance(ASKED)]
    asked = [one["asked"] for one in told]
    assert asked.index("turn_left") < asked.index("turn_right")
    assert told[-1] == {"stage": "passed", "asked": None, "sentence": "Thank you.", "reason": None}
    first = verify(desk, photo().read_bytes(), person=howard, challenge=nonce)
    assert (first["decision"], first["person"], first["pad"]["method"]) == ("accepted", howard, "active")
    assert first["pad"]["outcome"] == "not_evaluated"
    again = verify(desk, photo().read_bytes(), person=howard, challenge=nonce)
    assert (again["decision"], again["reason"]) == ("refused", "nonce_used")
    assert show(desk, nonce, person()).json()["reason"] == "nonce_used"


def test_a_photo_alone_is_refused_where_movements_are_required(
    howard: str, desk: httpx.Client, movements_required: None
) -> None:
    assert verify(desk, photo().read_bytes(), person=howard)["reason"] == "challenge_required"


def test_movements_of_one_face_do_not_speak_for_another(howard: str, desk: httpx.Client) -> None:
    assert verify(desk, GRACE, person=howard, challenge=passed(desk))["reason"] == "face_changed"


def test_another_token_cannot_use_the_nonce(howard: str, desk: httpx.Client, running: Running) -> None:
    nonce = passed(desk)
    other = running.client(Scope.VERIFY)
    assert verify(other, photo().read_bytes(), person=howard, challenge=nonce)["reason"] == "challenge_unknown"
    assert show(other, nonce, person()).json()["reason"] == "challenge_unknown"
    assert verify(desk, photo().read_bytes(), person=howard, challenge=nonce)["reason"] == "matched"


def test_after_the_deadline_it_is_refused(howard: str, desk: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenge_book, "LASTS", timedelta(0))
    nonce = str(begin(desk)["challenge"])
    answer = show(desk, nonce, person()).json()
    assert (answer["stage"], answer["reason"]) == ("refused", "challenge_expired")
    assert verify(desk, photo().read_bytes(), person=howard, challenge=nonce)["reason"] == "challenge_expired"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_camera_whose_clock_is_an_hour_off_is_refused(desk: httpx.Client, hours: int) -> None:
    nonce = begin(desk)["challenge"]
    taken = datetime.now(UTC)
    assert show(desk, nonce, person(), taken_at=taken.isoformat()).json()["stage"] == "settling"
    wrong = (taken + timedelta(hours=hours)).isoformat()
    answer = show(desk, nonce, person(), taken_at=wrong).json()
    assert (answer["reason"], answer["sentence"]) == (
        "clock_wrong",
        "The clock of the camera or of this machine is wrong; an officer must set it.",
    )


def test_a_waved_print_makes_no_turn(desk: httpx.Client) -> None:
    nonce = begin(desk)["challenge"]
    for _ in range(6):
        show(desk, nonce, held_print())
    for yaw in (20, 30, 40, 45, 30, 0, -30, -45):
        answer = show(desk, nonce, held_print(yaw=yaw)).json()
        assert answer["stage"] == "moving", (yaw, answer)


def test_what_is_no_picture_or_no_nonce_is_refused(desk: httpx.Client) -> None:
    nonce = begin(desk)["challenge"]
    assert show(desk, nonce, b"no picture").json()["code"] == "photo_unreadable"
    assert show(desk, "0" * 32, person()).json()["reason"] == "challenge_unknown"
    assert show(desk, "x", person()).json()["code"] == "request_invalid"
    assert show(desk, nonce, person(), taken_at="yesterday").json()["code"] == "request_invalid"


def test_a_challenge_needs_the_scope(running: Running) -> None:
    client = running.client(Scope.PEOPLE_READ)
    assert client.post("/v1/challenges").status_code == 403
    assert show(client, "0" * 32, person()).status_code == 403
