"""`doorward document read` and `doorward verify --document`: what they tell, refuse and leave behind."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from commands_in_process import run_json
from doorward.face.decision import Reason
from doorward.kernel.audit import Actor
from doorward.verify.attempts import FREE_WITHOUT_PAD, Counted, Subject
from doorward.wiring.face.document_verification import verify_document
from doorward.wiring.face.site import open_site
from drawn_documents import EXPIRED, VALID, drawn_page
from pages_read_once import pages_read_anew as pages_read_anew
from pages_read_once import pages_read_once as pages_read_once
from portraits import astronaut, encoded, grace_hopper
from throwaway_sites import site_with_key_file
from zones import zone_of

pytestmark = pytest.mark.usefixtures("pages_read_once")


def saved(folder: Path, page: np.ndarray) -> Path:
    path = folder / "scan.png"
    path.write_bytes(encoded(page))
    return path


def without_zone() -> np.ndarray:
    return drawn_page(lines=["", ""])


def bar_code() -> np.ndarray:
    code = cv2.QRCodeEncoder.create().encode("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F3204157")
    page = np.full((800, 1100), 255, np.uint8)
    page[200:600, 300:700] = cv2.resize(code, (400, 400), interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(page, cv2.COLOR_GRAY2BGR)


def wrong_digit() -> list[str]:
    first, second = zone_of(VALID)
    return [first, second[:9] + str((int(second[9]) + 1) % 10) + second[10:]]


def read(capsys: pytest.CaptureFixture[str], scan: Path) -> tuple[int, dict]:
    return run_json(capsys, "document", "read", scan)


def test_a_valid_page_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = read(capsys, saved(tmp_path, drawn_page(portrait=grace_hopper())))
    assert status == 0
    assert (told["ok"], told["reason"], told["format"], told["portrait"], told["expired"]) == (
        True, None, "TD3", True, False,
    )  # fmt: skip
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
    assert set(told["check_digits"].values()) == {True}


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (np.full((700, 1000, 3), 255, np.uint8), "document_not_found"),
        (without_zone(), "document_not_found"),
        (bar_code(), "document_not_found"),
        (drawn_page(lines=zone_of(VALID)[:1]), "document_incomplete"),
        (drawn_page(lines=[line[:20] for line in zone_of(VALID)]), "document_incomplete"),
        (drawn_page(lines=wrong_digit()), "document_not_confirmed"),
    ],
    ids=["blank", "no zone", "QR code", "one line", "half lines", "wrong digit"],
)
def test_a_page_without_a_confirmed_zone_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: np.ndarray, reason: str
) -> None:
    status, told = read(capsys, saved(tmp_path, page))
    assert (status, told["ok"], told["reason"], told["fields"]) == (3, False, reason, None)


def test_an_expired_page_without_portrait_is_read_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = read(capsys, saved(tmp_path, drawn_page(EXPIRED)))
    assert (status, told["expired"], told["portrait"]) == (0, True, False)


def test_a_name_printed_otherwise_is_not_confirmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = zone_of(replace(VALID, primary="ERIKSSDN"))
    _, told = read(capsys, saved(tmp_path, drawn_page(lines=lines)))
    assert (told["fields"]["primary_name"], told["fields"]["name_confirmed"]) == ("ERIKSSDN", False)


def test_files_that_are_no_usable_picture_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = tmp_path / "scan.png"
    Pillow.new("L", (6000, 5000)).save(scan)
    assert [read(capsys, scan)[1]["error"]["code"], read(capsys, tmp_path)[1]["error"]["code"]] == [
        "photo_too_large",
        "photo_unreadable",
    ]
    scan.write_bytes(b"%PDF-1.7 not a picture")
    status, told = read(capsys, scan)
    assert (status, told["error"]["code"]) == (1, "photo_unreadable")


@pytest.fixture
def at_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    site_with_key_file(tmp_path)
    monkeypatch.setenv("DOORWARD_SITE", str(tmp_path / "site"))
    return tmp_path


def verify(
    capsys: pytest.CaptureFixture[str], folder: Path, page: np.ndarray, photo: Path, *more: str
) -> tuple[int, str, dict]:
    status, told = run_json(capsys, "verify", photo, "--document", saved(folder, page), *more)
    return status, told["reason"], told


def test_the_face_of_the_portrait_is_accepted_and_another_refused(
    at_site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = drawn_page(portrait=grace_hopper())
    mirrored = at_site / "photo.png"
    mirrored.write_bytes(encoded(np.ascontiguousarray(cv2.imread(str(grace_hopper()))[:, ::-1])))
    status, reason, told = verify(capsys, at_site, page, mirrored)
    assert (status, reason, told["decision"], "person" in told) == (0, "document_matched", "accepted", False)
    assert told["fmr"] == 1e-4
    assert verify(capsys, at_site, page, astronaut())[:2] == (3, "document_not_matched")
    assert verify(capsys, at_site, page, mirrored, "--show-score")[2]["score"] > told["threshold"]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (drawn_page(EXPIRED, grace_hopper()), "document_expired"),
        (drawn_page(), "document_without_portrait"),
        (drawn_page(portrait=grace_hopper(), lines=wrong_digit()), "document_not_confirmed"),
        (drawn_page(portrait=grace_hopper(), lines=["", ""]), "document_not_found"),
    ],
    ids=["expired", "no portrait", "wrong digit", "no zone"],
)
def test_a_document_that_proves_nothing_admits_nobody(
    at_site: Path, capsys: pytest.CaptureFixture[str], page: np.ndarray, reason: str
) -> None:
    assert verify(capsys, at_site, page, grace_hopper())[:2] == (3, reason)


def test_a_photo_without_a_face_is_refused_and_every_decision_leaves_an_entry_about_nobody(
    at_site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blank = at_site / "blank.png"
    blank.write_bytes(encoded(np.full((300, 300, 3), 128, np.uint8)))
    assert verify(capsys, at_site, drawn_page(), blank)[:2] == (3, "no_face")
    assert verify(capsys, at_site, drawn_page(), grace_hopper())[:2] == (3, "document_without_portrait")
    entries = run_json(capsys, "audit", "show")[1]["entries"]
    assert [entry["action"] for entry in entries].count("document verification") == 2
    assert not [entry for entry in entries if entry["action"] == "document verification" and entry["concerns_somebody"]]


@pytest.mark.usefixtures("pages_read_anew")
def test_nothing_of_the_document_is_kept(at_site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verify(capsys, at_site, drawn_page(portrait=grace_hopper()), grace_hopper())
    assert run_json(capsys, "people", "list")[1]["people"] == []
    kept = b"".join(path.read_bytes() for path in (at_site / "site").rglob("*") if path.is_file())
    assert not [secret for secret in (b"L898902C3", b"ERIKSSON", b"740812") if secret in kept]


def test_a_document_is_one_claim_and_no_other_beside_it(at_site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scan = saved(at_site, drawn_page())
    status, told = run_json(capsys, "verify", grace_hopper(), "--document", scan, "--badge", "4711")
    assert (status, told["error"]["code"]) == (2, "wrong_use")


def test_what_a_site_asks_against_attacks_is_asked_here_too(at_site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = drawn_page(portrait=grace_hopper())
    assert verify(capsys, at_site, page, grace_hopper(), "--require", "active")[:2] == (3, "challenge_required")


def test_failures_count_against_the_document_and_the_device(at_site: Path) -> None:
    scan = saved(at_site, drawn_page(portrait=grace_hopper()))
    with open_site(at_site / "site", lambda: "") as site:
        for _ in range(FREE_WITHOUT_PAD):
            assert verify_document(site, astronaut(), scan).reason is Reason.DOCUMENT_NOT_MATCHED
        refused = verify_document(site, grace_hopper(), scan)
        assert refused.reason is Reason.TOO_MANY_ATTEMPTS
        assert 0 < (refused.to_json()["retry_after"] or 0) <= 30
        assert site.stores.attempts.lift_others([]) == 1
        by = Actor("token desk", "verification")
        verify_document(site, astronaut(), scan, actor=by)
        assert site.stores.attempts.streaks([Subject(Counted.DEVICE, by.name)])[0].failures == 1
        assert verify_document(site, grace_hopper(), scan, actor=by).is_accepted
        assert site.stores.attempts.others([]) == 0
