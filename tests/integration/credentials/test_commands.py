"""`doorward credential` and `doorward verify --credential`, as an officer types them."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
import pytest

from doorward.bench.rtsp_server import RtspServer
from doorward.cli.program import run
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.wiring.face.credentials import credential_from_photo
from doorward.wiring.face.needles import needles_for_octets, needles_for_vector
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.site import Site, open_site
from known_people import OFFICER
from portraits import astronaut, grace_hopper
from throwaway_sites import PASSPHRASE, throwaway_site


@dataclass
class Desk:
    """A site in which Grace is enrolled and confirmed; ``say`` runs a command on it."""

    folder: Path
    passphrase: Path
    grace: str
    capsys: pytest.CaptureFixture[str]

    def say(self, *command: object, status: int = 0) -> dict:
        arguments = [*map(str, command), "--json", "--site", str(self.folder)]
        answered = run([*arguments, "--passphrase-file", str(self.passphrase)])
        out = self.capsys.readouterr().out
        assert answered == status, out
        return json.loads(out)

    def opened(self) -> Site:
        return open_site(self.folder, lambda: PASSPHRASE)

    def reason(self, photo: object, shown: object) -> str:
        decision = self.say("verify", photo, "--credential", shown, status=3)
        assert decision["decision"] == "refused"
        return str(decision["reason"])

    def accepts(self, shown: object) -> bool:
        return self.say("verify", grace_hopper(), "--credential", shown)["person"] == self.grace


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = throwaway_site(tmp_path_factory.mktemp("prepared"))
    with open_site(folder, lambda: PASSPHRASE) as site:
        grace = site.add_person("Grace")
        site.record_consent(grace, "Entry", "1", [Purpose.VERIFY], "signed")
        template = site.capture(grace_hopper()).template
        site.enroller.enrol(OFFICER, grace.id, template, CapturedFrom.LIVE)
    return folder, grace.id


@pytest.fixture
def desk(tmp_path: Path, prepared: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> Desk:
    folder = Path(shutil.copytree(prepared[0], tmp_path / "site"))
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    return Desk(folder, passphrase, prepared[1], capsys)


def test_a_credential_is_issued_shown_listed_and_revoked(desk: Desk, tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    issued = desk.say("credential", "issue", desk.grace, "--to", card)
    assert issued["bytes"] <= 500
    assert issued["references_kept"] is True
    assert card.stat().st_mode & 0o077 == 0
    assert desk.accepts(card)
    assert desk.reason(astronaut(), card) == "credential_refused"
    listed = desk.say("credential", "list")
    assert [one["credential"] for one in listed["credentials"]] == [issued["credential"]]
    desk.say("credential", "revoke", issued["credential"])
    assert desk.reason(grace_hopper(), card) == "credential_refused"
    ended = desk.say("credential", "list")["ended"]
    assert [(one["credential"], one["cause"]) for one in ended] == [(issued["credential"], "revoked")]
    assert "person" not in ended[0]
    assert desk.say("credential", "revoke", desk.grace, status=1)["error"]["code"] == "not_found"
    assert desk.say("credential", "revoke", "no id", status=2)["error"]["code"] == "wrong_use"


def test_a_new_card_makes_the_old_one_useless(desk: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    desk.say("credential", "issue", desk.grace, "--to", first)
    desk.say("credential", "issue", desk.grace, "--to", second, "--until", "2027-01-01")
    assert desk.accepts(second)
    assert desk.reason(grace_hopper(), first) == "credential_refused"
    with desk.opened() as site:
        actions = [logged.entry.action for logged in site.stores.trail.listed(100)]
    assert "verification by credential: replaced by a newer one" in actions


def test_a_card_that_cannot_be_written_ends_nothing(desk: Desk, tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    desk.say("credential", "issue", desk.grace, "--to", card)
    for place, status, code in (
        (card, 1, "conflict"),
        (tmp_path / "card.jpeg", 2, "wrong_use"),
        (tmp_path / "nowhere" / "card.svg", 1, "storage_error"),
    ):
        assert desk.say("credential", "issue", desk.grace, "--to", place, status=status)["error"]["code"] == code
    assert desk.accepts(card)


@pytest.mark.parametrize("form", ["pdf", "svg"])
def test_other_forms_are_written(desk: Desk, tmp_path: Path, form: str) -> None:
    card = tmp_path / f"card.{form}"
    desk.say("credential", "issue", desk.grace, "--to", card, "--name")
    assert card.read_bytes()[:4] in (b"%PDF", b"<svg")


def test_carried_only_leaves_no_reference_on_the_site(desk: Desk, tmp_path: Path) -> None:
    """Nor what opens its remnants: the old key of the person is gone from keys.db."""
    with desk.opened() as site:
        (held,) = site.stores.enrolments.of(desk.grace)
        vector = held.template.vector
        before = (desk.folder / DATA).read_bytes()
    with closing(sqlite3.connect(desk.folder / KEYS)) as connection:
        query = "SELECT wrapped FROM keys WHERE kind = 'person' AND owner = ?"
        old_keys = [row[0] for row in connection.execute(query, (desk.grace,))]
    card = tmp_path / "card.png"
    assert desk.say("credential", "issue", desk.grace, "--to", card, "--carried-only")["references_kept"] is False
    shown = desk.say("people", "show", desk.grace)
    assert shown["enrolments"] == []
    assert len(shown["consents"]) == 1
    assert desk.accepts(card)
    assert desk.say("verify", grace_hopper(), "--person", desk.grace, status=3)["reason"] == "not_matched"
    files = [place for place in desk.folder.rglob("*") if place.is_file() and "models" not in place.parts]
    written = b"\n".join(place.read_bytes() for place in files)
    assert len(old_keys) == 1
    assert old_keys[0] not in written
    for needle in needles_for_vector("reference", vector):
        assert needle.octets not in written + before
    assert (
        desk.say("credential", "issue", desk.grace, "--to", tmp_path / "b.png", status=1)["error"]["code"] == "conflict"
    )


def test_what_lies_on_the_disk_tells_nothing_of_a_credential(desk: Desk, tmp_path: Path) -> None:
    """Neither the code's bytes nor a part of them: who steals the site cannot make the card."""
    card = tmp_path / "card.png"
    desk.say("credential", "issue", desk.grace, "--to", card)
    octets = credential_from_photo(card)
    files = [place for place in desk.folder.rglob("*") if place.is_file() and "models" not in place.parts]
    written = b"\n".join(place.read_bytes() for place in files)
    for place in range(0, len(octets) - 16, 16):
        if octets[place : place + 16].count(0) < 8:
            for needle in needles_for_octets("code", octets[place : place + 16]):
                assert needle.octets not in written


def test_erasing_and_withdrawing_end_it(desk: Desk, tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    issued = desk.say("credential", "issue", desk.grace, "--to", card)
    consent = desk.say("people", "show", desk.grace)["consents"][0]["id"]
    desk.say("people", "withdraw", desk.grace, consent)
    (ended,) = desk.say("credential", "list")["ended"]
    assert (ended["credential"], ended["cause"]) == (issued["credential"], "consent withdrawn")
    desk.say("people", "erase", desk.grace)
    assert desk.reason(grace_hopper(), card) == "credential_refused"
    with closing(sqlite3.connect(desk.folder / DATA)) as connection:
        rows = connection.execute("SELECT id, payload FROM grants WHERE kind LIKE '%credential%'").fetchall()
    assert rows
    assert desk.grace not in json.dumps(rows)


def test_keys_are_renewed_and_cards_go_on_to_hold(desk: Desk, tmp_path: Path) -> None:
    card, newer = tmp_path / "card.png", tmp_path / "newer.png"
    desk.say("credential", "issue", desk.grace, "--to", card)
    desk.say("keys", "rotate", "credential")
    assert desk.accepts(card)
    desk.say("credential", "issue", desk.grace, "--to", newer)
    assert desk.accepts(newer)


def test_a_camera_a_folder_or_the_photo_itself_may_show_it(desk: Desk, tmp_path: Path) -> None:
    card, folder, both = tmp_path / "card.png", tmp_path / "pictures", tmp_path / "both.png"
    desk.say("credential", "issue", desk.grace, "--to", card)
    picture = cv2.resize(cv2.imread(str(card)), (1010, 638), interpolation=cv2.INTER_AREA)
    face = cv2.imread(str(grace_hopper()))
    beside = np.full((max(face.shape[0], 638), face.shape[1] + 1010, 3), 128, np.uint8)
    beside[: face.shape[0], : face.shape[1]] = face
    beside[:638, face.shape[1] :] = picture
    cv2.imwrite(str(both), beside)
    folder.mkdir()
    cv2.imwrite(str(folder / "1.png"), np.full((400, 400, 3), 90, np.uint8))
    cv2.imwrite(str(folder / "2.png"), picture)
    assert desk.say("verify", both, "--credential", "same")["person"] == desk.grace
    assert desk.accepts(folder)
    with RtspServer(size=(1010, 638), pictures=lambda: cycle([picture])) as camera:
        assert desk.accepts(camera.url)


def test_what_is_no_credential_is_told(desk: Desk, tmp_path: Path) -> None:
    blank, address = tmp_path / "blank.png", tmp_path / "address.png"
    cv2.imwrite(str(blank), np.full((300, 300, 3), 200, np.uint8))
    assert desk.reason(grace_hopper(), blank) == "credential_not_found"
    assert desk.reason(grace_hopper(), "same") == "credential_not_found"
    missing = desk.say("verify", grace_hopper(), "--credential", address, status=1)
    assert missing["error"]["code"] == "photo_unreadable"
    twice = desk.say("verify", grace_hopper(), "--credential", "same", "--badge", "7", status=2)
    assert twice["error"]["code"] == "wrong_use"
