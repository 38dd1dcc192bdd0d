"""Cards held before the camera of a checkpoint: read from its frames, and matched with the face that comes too."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands_in_process import run_json
from doorward.adapters.images import read_photo
from doorward.people.enrolment import CapturedFrom
from doorward.wiring.face.camera_credentials import ASK_FOR_CREDENTIAL, ONE_AT_A_TIME, OTHER_CODE, CameraCredentials
from doorward.wiring.face.checkpoint_run import run_checkpoint
from doorward.wiring.face.credentials import issue_card
from doorward.wiring.face.site import Site, open_site
from integration.credentials.test_pictures import a_code
from known_people import EVERYTHING, OFFICER
from portraits import astronaut, grace_hopper
from throwaway_sites import PASSPHRASE, throwaway_site

Picture = np.ndarray
WIDTH, HEIGHT = 1280, 720


class Door:
    """A site at whose one door Grace and Eileen are enrolled, each with a card."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.people, self.cards = {}, {}
        site.doorkeeper.add("Door", "staff")
        for name, portrait in (("Grace", grace_hopper()), ("Eileen", astronaut())):
            person = site.add_person(name, groups=["staff"])
            site.record_consent(person, "Entry", "1", EVERYTHING, "signed")
            template = site.capture(portrait).template
            site.enroller.enrol(OFFICER, person.id, template, CapturedFrom.LIVE)
            path = folder / f"{name}.png"
            issue_card(site.folder, site.stores, OFFICER, person.id, path)
            self.people[name], self.cards[name] = person.id, cv2.imread(str(path))


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    folder = tmp_path_factory.mktemp("door")
    return Door(open_site(throwaway_site(folder), lambda: PASSPHRASE), folder)


@pytest.fixture(autouse=True)
def _forgiven(door: Door) -> None:
    door.site.stores.attempts.lift_others([])


def room() -> Picture:
    return np.full((HEIGHT, WIDTH, 3), 118, np.uint8)


def with_card(card: Picture, picture: Picture | None = None, left: int = 40) -> Picture:
    """The card is 620 pixels wide: some 12 cm before a camera of this size."""
    held = cv2.resize(card, (620, 391), interpolation=cv2.INTER_AREA)
    seen = room() if picture is None else picture.copy()
    seen[280 : 280 + 391, left : left + 620] = held
    return seen


def with_face(photo: Picture) -> Picture:
    seen = room()
    height, width = min(HEIGHT, photo.shape[0]), min(520, photo.shape[1])
    seen[:height, 700 : 700 + width] = photo[:height, :width]
    return seen


GRACE = with_face(read_photo(grace_hopper()))
EILEEN = with_face(cv2.resize(read_photo(astronaut()), None, fx=2, fy=2)[:, 200:])
"""Close enough to be decided upon."""


def shown(folder: Path, frames: Sequence[tuple[Picture, int]]) -> str:
    """Pictures as a camera at 5 frames a second gives them, each for so many frames."""
    pictures = [picture for picture, count in frames for _ in range(count)]
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number:04}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return str(folder)


def decided(door: Door, folder: Path, *frames: tuple[Picture, int]) -> tuple[list[tuple[str, str | None]], set[str]]:
    """Reasons and people of the decisions, and the hints given."""
    checkpoint = door.site.doorkeeper.named("Door")
    events = list(run_checkpoint(door.site, checkpoint, shown(folder, frames), CameraCredentials()))
    decisions = [(event.decision.reason.value, event.decision.person) for event in events if event.decision is not None]
    return decisions, {event.hint for event in events if event.hint}


def test_the_card_and_then_the_face_let_its_holder_in(door: Door, tmp_path: Path) -> None:
    before = door.site.stores.trail.count()
    decisions, hints = decided(door, tmp_path, (room(), 2), (with_card(door.cards["Grace"]), 4), (GRACE, 6))
    assert decisions == [("matched", door.people["Grace"])]
    assert ASK_FOR_CREDENTIAL in hints
    acts = [one.entry.action for one in door.site.stores.trail.listed(door.site.stores.trail.count() - before)]
    assert "verification by credential: accepted" in acts
    assert len(door.site.stores.passages.of(door.people["Grace"])) >= 1


def test_card_and_face_may_be_in_one_picture_and_count_once(door: Door, tmp_path: Path) -> None:
    decisions, _ = decided(door, tmp_path, (with_card(door.cards["Grace"], GRACE), 30))
    assert decisions == [("matched", door.people["Grace"])]


def test_another_face_than_the_card_s_is_refused(door: Door, tmp_path: Path) -> None:
    decisions, _ = decided(door, tmp_path, (with_card(door.cards["Grace"]), 4), (EILEEN, 6))
    assert decisions == [("credential_refused", None)]


def test_one_after_the_other_each_by_their_own_card(door: Door, tmp_path: Path) -> None:
    decisions, _ = decided(
        door,
        tmp_path,
        (with_card(door.cards["Grace"]), 3),
        (GRACE, 6),
        (room(), 4),
        (with_card(door.cards["Eileen"]), 3),
        (EILEEN, 6),
    )
    assert decisions == [("matched", door.people["Grace"]), ("matched", door.people["Eileen"])]


def test_a_card_shown_by_somebody_else_meanwhile_decides_about_nobody(door: Door, tmp_path: Path) -> None:
    both = with_card(door.cards["Eileen"], with_card(door.cards["Grace"]), left=660)
    for number, frames in enumerate(
        (
            [(with_card(door.cards["Grace"]), 3), (with_card(door.cards["Eileen"]), 3), (EILEEN, 8)],
            [(both, 6), (GRACE, 8)],
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        decisions, hints = decided(door, folder, *frames)
        assert decisions == []
        assert ONE_AT_A_TIME in hints
    assert door.site.stores.attempts.others([]) == 0, "and nothing is counted against either card"


def test_whose_holder_left_before_another_came_decides_about_nobody(door: Door, tmp_path: Path) -> None:
    decisions, _ = decided(door, tmp_path, (with_card(door.cards["Grace"], GRACE), 2), (room(), 9), (EILEEN, 8))
    assert decisions == []


def test_nobody_is_looked_at_without_a_card_and_other_codes_are_told(door: Door, tmp_path: Path) -> None:
    address = cv2.resize(a_code("https://a.example"), (300, 300), interpolation=cv2.INTER_NEAREST)
    picture = GRACE.copy()
    picture[300:600, 100:400] = address
    assert decided(door, tmp_path, (GRACE, 6), (picture, 4)) == ([], {ASK_FOR_CREDENTIAL, OTHER_CODE})


def test_who_may_not_pass_here_is_refused_as_a_card_that_does_not_hold(door: Door, tmp_path: Path) -> None:
    door.site.doorkeeper.add("Vault", "keyholders")
    source = shown(tmp_path, [(with_card(door.cards["Grace"]), 3), (GRACE, 6)])
    events = run_checkpoint(door.site, door.site.doorkeeper.named("Vault"), source, CameraCredentials())
    assert [event.decision.reason.value for event in events if event.decision is not None] == ["credential_refused"]


def test_the_command_reads_them(door: Door, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    (tmp_path / "seen").mkdir()
    source = shown(tmp_path / "seen", [(with_card(door.cards["Grace"]), 3), (GRACE, 6)])
    at = ("--source", source, "--site", door.site.folder, "--passphrase-file", passphrase)
    status, told = run_json(capsys, "checkpoint", "run", "Door", *at, "--credentials", "camera")
    assert (status, [one["reason"] for one in told["decisions"]]) == (0, ["matched"])
    badges = tmp_path / "badges"
    badges.write_text("")
    status, told = run_json(capsys, "checkpoint", "run", "Door", *at, "--credentials", "camera", "--badges", badges)
    assert (status, told["error"]["code"]) == (2, "wrong_use")
