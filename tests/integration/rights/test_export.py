"""`doorward people export`: everything held on a person, for the person, and recorded."""

import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from commands_in_process import run_json
from doorward.errors import StorageError
from doorward.people.person import Person
from doorward.wiring.face.credentials import issue_card
from doorward.wiring.face.rights import write_private
from doorward.wiring.face.site import Site
from integration.rights.conftest import PHOTO
from known_people import EVERYTHING, face


def exported(capsys: pytest.CaptureFixture[str], file: Path, who: Person, *options: str) -> dict[str, object]:
    status, told = run_json(capsys, "people", "export", who.id, "--to", file, *options)
    assert (status, told["bytes"]) == (0, file.stat().st_size)
    held = json.loads(file.read_text())
    assert isinstance(held, dict)
    return held


def test_everything_held_is_in_it_and_nothing_of_anybody_else(
    site: Site, ada: Person, bo: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = exported(capsys, tmp_path / "ada.json", ada)
    assert (held["display_name"], held["full_name"], held["badge_number"]) == ("Ada Lovelace", "Augusta Ada King", "7")
    assert held["document"] == {"number": "X 1", "issued": None, "expires": None}
    assert held["consents"][0]["purposes"] == sorted(EVERYTHING)
    (enrolled,) = held["enrolments"]
    assert (enrolled["state"], enrolled["model"], enrolled["dimensions"]) == ("confirmed", "sface", 128)
    assert enrolled["template"] is None
    assert b64decode(enrolled["photo_base64"]) == PHOTO
    assert [one["checkpoint"] for one in held["passages"]] == ["Main door"]
    assert len(held["invitations"]) == 1
    assert held["holds"] == []
    assert held["credential"] is None
    text = (tmp_path / "ada.json").read_text()
    assert bo.id not in text
    assert "Bo Ek" not in text


def test_what_the_person_carries_is_named_in_it(
    site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issued = issue_card(site.folder, site.stores, site.actor, ada.id, tmp_path / "card.png").issued
    told = exported(capsys, tmp_path / "ada.json", ada)["credential"]
    assert (told["credential"], told["until"]) == (issued.id, issued.until.isoformat())


def test_the_export_is_a_look_that_the_person_sees_in_it(
    site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = exported(capsys, tmp_path / "ada.json", ada, "--purpose", "Ada asked")
    last = held["looks"][-1]
    assert (last["action"], last["purpose"]) == ("everything held exported, without templates", "Ada asked")
    assert site.stores.trail.about(ada.id)[-1].actor.purpose == "Ada asked"


def test_templates_only_when_asked_for(
    site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = exported(capsys, tmp_path / "ada.json", ada, "--with-templates")
    vector = np.array(held["enrolments"][0]["template"], dtype=np.float32)
    assert np.array_equal(vector, face(len("Ada Lovelace")).vector)
    assert held["looks"][-1]["action"] == "everything held exported, with templates"


def test_the_file_is_the_owners_and_no_file_is_overwritten(
    site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(capsys, tmp_path / "ada.json", ada)
    assert (tmp_path / "ada.json").stat().st_mode & 0o777 == 0o600
    status, told = run_json(capsys, "people", "export", ada.id, "--to", tmp_path / "ada.json")
    assert (status, told["error"]["code"]) == (1, "conflict")
    with pytest.raises(StorageError):
        write_private(tmp_path / "nowhere" / "ada.json", "")


def test_of_nobody_nothing_is_written(
    site: Site, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.register.erase(site.actor, ada.id)
    status, told = run_json(capsys, "people", "export", ada.id, "--to", tmp_path / "ada.json")
    assert (status, told["error"]["code"]) == (1, "person_unknown")
    assert not (tmp_path / "ada.json").exists()
