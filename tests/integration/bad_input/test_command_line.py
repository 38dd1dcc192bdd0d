"""Bad input on the command line: one clear sentence with its code, the right exit status, nothing half written."""

import io
import json
import resource
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from doorward.cli.program import run
from doorward.kernel.ids import PersonId
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.profile import Profiles
from fakes.mjpeg_server import MjpegServer
from known_people import NOON, consent, person
from portraits import astronaut, encoded, grace_hopper, side_by_side
from privileges import bound_by_permissions
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site

NOBODY = "3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11"


@dataclass
class Site:
    """A site with one person who consented, and a door; ``say`` runs a command on it."""

    folder: Path
    passphrase: Path
    ada: PersonId
    capsys: pytest.CaptureFixture[str]

    def say(self, *command: str) -> tuple[int, str, str]:
        status = run([*command, "--site", str(self.folder), "--passphrase-file", str(self.passphrase)])
        told = self.capsys.readouterr()
        return status, told.out, told.err

    def held(self) -> list[str]:
        """Everything that both databases hold."""
        lines: list[str] = []
        for file in (DATA, KEYS):
            with closing(sqlite3.connect(self.folder / file)) as connection:
                lines += connection.iterdump()
        return lines

    def refuses(self, code: str, *command: str, status: int = 1) -> str:
        """The sentence, the same for people and for machines."""
        before = self.held()
        answered, out, err = self.say(*command)
        assert (answered, out) == (status, ""), err
        assert err.startswith(f"Error ({code}): ")
        sentence = err.removeprefix(f"Error ({code}): ").rstrip("\n")
        assert "\n" not in sentence
        assert "Traceback" not in err
        assert sentence.endswith(".")
        answered, out, err = self.say(*command, "--json")
        assert (answered, err) == (status, "")
        assert json.loads(out) == {"error": {"code": code, "message": sentence}}
        assert self.held() == before
        return sentence


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    folder = throwaway_site(tmp_path)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    with closing(opened_stores(folder)) as stores:
        ada = person("Ada", badge_number="7")
        stores.people.add(ada)
        stores.consents.add(consent(ada.id))
        Profiles(stores.grants).identify(b"assessment", "DPIA", "notice", NOON)
    made = Site(folder, passphrase, ada.id, capsys)
    assert made.say("checkpoint", "add", "North")[0] == 0
    return made


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it holds 3.6 gigapixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    picture = chunk(b"IDAT", zlib.compress(bytes(100_000), 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + picture + chunk(b"IEND", b"")


UNREADABLE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "10 x 10": ("photo_too_small", lambda: encoded(np.zeros((10, 10, 3), np.uint8))),
    "40 megapixels": ("photo_too_large", lambda: encoded(np.zeros((5_000, 8_000), np.uint8), ".jpg")),
    "truncated": ("photo_unreadable", lambda: grace_hopper().read_bytes()[:20_000]),
    "text": ("photo_unreadable", lambda: b"This is no photo.\n" * 100),
    "empty": ("photo_unreadable", lambda: b""),
    "bomb": ("photo_too_large", bomb),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_is_no_usable_photo(site: Site, tmp_path: Path, what: str) -> None:
    code, made = UNREADABLE[what]
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(made())
    for command in (
        ("people", "enrol", site.ada, "--photo", str(photo)),
        ("verify", str(photo), "--person", site.ada),
        ("identify", str(photo), "--checkpoint", "North"),
    ):
        site.refuses(code, *command)


@pytest.mark.parametrize(
    ("code", "made"),
    [("no_face", lambda: encoded(np.full((400, 400, 3), 128, np.uint8))), ("more_than_one_face", side_by_side)],
)
def test_not_exactly_one_face(site: Site, tmp_path: Path, code: str, made: Callable[[], bytes]) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(made())
    site.refuses(code, "people", "enrol", site.ada, "--photo", str(photo))
    before = site.held()
    status, out, _ = site.say("verify", str(photo), "--person", site.ada, "--json")
    assert (status, json.loads(out)["decision"], json.loads(out)["reason"]) == (3, "refused", code)
    assert site.held() == before
    status, out, _ = site.say("identify", str(photo), "--checkpoint", "North", "--json")
    assert (status, json.loads(out)["decision"], json.loads(out)["reason"]) == (3, "refused", code)


def test_photos_and_files_that_are_not_there(site: Site, tmp_path: Path) -> None:
    for place in (tmp_path / "none.jpg", tmp_path):
        site.refuses("photo_unreadable", "verify", str(place), "--person", site.ada)


def test_an_unknown_person(site: Site) -> None:
    photo = str(grace_hopper())
    for command in (
        ("people", "show", NOBODY),
        ("people", "erase", NOBODY, "--yes"),
        ("people", "enrol", NOBODY, "--photo", photo),
        ("people", "permit", NOBODY, "staff"),
    ):
        site.refuses("person_unknown", *command)
    status, out, _ = site.say("verify", photo, "--person", NOBODY, "--json")
    assert (status, json.loads(out)["reason"], json.loads(out)["person"]) == (3, "not_matched", None)


def test_what_is_no_id_is_wrong_use(site: Site) -> None:
    site.refuses("wrong_use", "verify", str(grace_hopper()), "--person", "Ada", status=2)
    site.refuses("wrong_use", "verify", str(grace_hopper()), "--person", NOBODY, "--fmr", "0.9", status=2)


def test_an_unknown_checkpoint(site: Site) -> None:
    site.refuses("checkpoint_unknown", "identify", str(grace_hopper()), "--checkpoint", "South")


def test_an_expired_consent(site: Site) -> None:
    with closing(opened_stores(site.folder)) as stores:
        bo = person("Bo")
        stores.people.add(bo)
        stores.consents.add(consent(bo.id, until=datetime.now(UTC) - timedelta(days=1)))
    site.refuses("consent_missing", "people", "enrol", bo.id, "--photo", str(astronaut()))
    told = ("--notice", "Entry", "--notice-version", "1", "--purpose", "verify", "--how", "signed")
    site.refuses("consent_missing", "people", "consent", bo.id, *told, "--until", "2020-01-01")


def test_a_number_that_somebody_holds(site: Site) -> None:
    sentence = site.refuses("conflict", "people", "add", "Bo", "--badge", " 7 ")
    assert "Ada" not in sentence
    assert site.ada not in sentence


def test_a_wrong_passphrase(site: Site) -> None:
    site.passphrase.write_text("another passphrase\n")
    site.refuses("wrong_key", "people", "list")


def test_a_missing_site(site: Site, tmp_path: Path) -> None:
    status = run(["people", "list", "--site", str(tmp_path / "none"), "--json"])
    assert status == 1
    assert json.loads(site.capsys.readouterr().out)["error"]["code"] == "site_missing"


def test_a_missing_or_open_key_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = tmp_path / "site", tmp_path / "site.key"
    assert run(["init", str(folder), "--key-file", str(key)]) == 0
    key.chmod(0o644)
    statuses = [run(["people", "list", "--site", str(folder)])]
    key.unlink()
    statuses.append(run(["people", "list", "--site", str(folder)]))
    assert statuses == [2, 1]
    told = capsys.readouterr().err
    assert "chmod 600" in told
    assert f"The key file {key} cannot be read" in told


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["site", "--key-file", "site/inside.key"], "wrong_use", 2),
        (["site", "--key-file", "nowhere/key"], "storage_error", 1),
        (["full", "--key-file", "key"], "site_exists", 1),
        (["site", "--key-file", "full/file"], "conflict", 1),
        (["full/file/site", "--key-file", "key"], "storage_error", 1),
    ],
)
def test_a_site_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments, code, status
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert run(["init", *arguments, "--json"]) == status
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "full" / "file").read_text() == "mine"


def test_a_short_passphrase_makes_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "short").write_text("too short\n")
    assert run(["init", str(tmp_path / "site"), "--passphrase-file", str(tmp_path / "short")]) == 2
    assert "too short: use at least" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_a_read_only_folder(site: Site, tmp_path: Path) -> None:
    places = [site.folder, *site.folder.rglob("*")]
    for place in places:
        place.chmod(0o500 if place.is_dir() else 0o400)
    with bound_by_permissions():
        status, out, err = site.say("people", "add", "Bo")
        made = run(["init", str(site.folder / "site"), "--key-file", str(tmp_path / "new.key")])
    for place in places:
        place.chmod(0o700 if place.is_dir() else 0o600)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("Error (storage_error): ")
    assert made == 1
    assert not (tmp_path / "new.key").exists()
    assert site.say("people", "list")[0] == 0


def test_a_full_disk(site: Site) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, 8_192))

    command = "import sys; from doorward.cli.program import run; sys.exit(run(sys.argv[1:]))"
    told = ["people", "add", "Bo", "--badge", "8", "--json"]
    at = ["--site", str(site.folder), "--passphrase-file", str(site.passphrase)]
    before = site.held()
    ran = subprocess.run(
        [sys.executable, "-c", command, *told, *at],
        capture_output=True,
        text=True,
        preexec_fn=limited,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert json.loads(ran.stdout)["error"]["code"] == "storage_error"
    assert site.held() == before
    assert site.say("people", "add", "Bo", "--badge", "8")[0] == 0


@pytest.mark.parametrize("source", ["camera:97", "none.mp4", "rtsp://127.0.0.1:9/none"])
def test_a_camera_or_clip_that_is_not_there(site: Site, source: str) -> None:
    site.refuses("source_unreadable", "people", "enrol", site.ada, "--source", source)


def test_a_recording_proves_nobodys_presence(site: Site, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.jpg").write_bytes(grace_hopper().read_bytes())
    site.refuses("wrong_use", "people", "enrol", site.ada, "--source", str(tmp_path / "pictures"), status=2)


def test_a_stream_that_dies(site: Site) -> None:
    with MjpegServer(pictures=8) as server:
        status, out, err = site.say("people", "enrol", site.ada, "--source", server.url, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["error"]["code"] == "source_unreadable"


def test_a_passphrase_on_standard_input(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(sent: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(sent))
        return run(["people", "list", "--json", "--site", str(site.folder), "--passphrase-file", "-"])

    assert [listed(f"{PASSPHRASE}\n"), listed("wrong horse\n"), listed("")] == [0, 1, 2]
    assert "Standard input gave no passphrase" in site.capsys.readouterr().out


def test_a_folder_in_use_is_refused_before_anything_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOORWARD_PASSPHRASE_FILE", raising=False)
    assert run(["init", str(site.folder), "--json"]) == 1
    assert json.loads(site.capsys.readouterr().out)["error"]["code"] == "site_exists"
