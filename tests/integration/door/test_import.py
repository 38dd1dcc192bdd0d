"""Importing a list of people, as an operator types it: consents, photos, hostile files, and runs that were killed."""

import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.adapters import people_list
from doorward.adapters.people_list import rows_in
from doorward.demo.portraits import Portrait
from doorward.errors import WrongUse
from doorward.people.consent import Purpose
from doorward.people.listed import COLUMNS, REQUIRED
from doorward.people.person import Identifier
from doorward.wiring.face.opening import DATA
from doorward.wiring.face.site import Site, open_site
from throwaway_sites import PASSPHRASE, throwaway_site

CONSENT = {
    "notice": "Door notice",
    "notice_version": "3",
    "purposes": "verify;passages",
    "given_how": "signed form",
    "given_at": "2026-01-05",
}


def row(reference: str, **fields: object) -> dict[str, Any]:
    return {"reference": reference, "display_name": f"Somebody {reference}", **CONSENT, **fields}


def as_csv(file: Path, *rows: dict[str, Any]) -> Path:
    names = list(dict.fromkeys(name for one in rows for name in one))
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, names)
        writer.writeheader()
        writer.writerows(rows)
    return file


def as_lines(file: Path, *rows: object) -> Path:
    file.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return file


def codes(answer: dict[str, Any]) -> dict[int, str]:
    return {one["row"]: one["code"] for one in answer["refused"]}


def imported(site: Site, capsys: pytest.CaptureFixture[str], file: Path, *more: object) -> tuple[int, dict[str, Any]]:
    return run_json(capsys, "people", "import", file, "--site", site.folder, *more)


@pytest.mark.parametrize("write", [as_csv, as_lines])
def test_who_is_listed_is_known_with_details_consent_and_an_entry(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], write: Any
) -> None:
    listed = row("HR-1", badge_number="47 11", birth_date="1990-02-03", groups="staff; night", until="2099-01-01")
    file = write(tmp_path / ("list.csv" if write is as_csv else "list.jsonl"), listed, row("HR-2"))
    status, answer = imported(site, capsys, file, "--purpose", "moving in")
    assert status == 0
    assert {**answer, "seconds": 0} == {
        "rows": 2, "imported": 2, "pending": 0, "already_in": 0, "refused": [], "seconds": 0,
    }  # fmt: skip
    person = site.stores.people.find(Identifier.REFERENCE, "HR-1")
    assert person == site.stores.people.find(Identifier.BADGE, "4711")
    assert person is not None
    _, dossier = run_json(capsys, "people", "show", person, "--site", site.folder)
    assert (dossier["reference"], dossier["birth_date"]) == ("HR-1", "1990-02-03")
    assert dossier["groups"] == ["everyone", "night", "staff"]
    (consent,) = dossier["consents"]
    assert consent["given_at"] == "2026-01-05T00:00:00+00:00"
    assert consent["purposes"] == ["passages", "verify"]
    assert [(look["action"], look["purpose"]) for look in dossier["looks"][:1]] == [
        ("person imported from a list", "moving in")
    ]
    status, log = run_json(capsys, "audit", "verify", "--site", site.folder)
    assert (status, log["ok"]) == (0, True)


def test_memberships_may_be_listed_with_a_term(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    term = {"groups_from": "2026-01-01", "groups_until": "2099-01-01T06:00+01:00"}
    rows = (
        row("HR-1", groups="staff;night", **term),
        row("HR-2", **term),
        row("HR-3", groups="staff", groups_until="2020-01-01"),
        row("HR-4", groups="staff", groups_from="2099-01-01", groups_until="2098-01-01"),
        row("HR-5", groups="staff", groups_from="next week"),
    )
    status, answer = imported(site, capsys, as_csv(tmp_path / "list.csv", *rows))
    assert (status, answer["imported"]) == (3, 1)
    assert codes(answer) == dict.fromkeys((3, 4, 5, 6), "wrong_use")
    person = site.stores.people.find(Identifier.REFERENCE, "HR-1")
    _, dossier = run_json(capsys, "people", "show", person, "--site", site.folder)
    assert dossier["groups"] == ["everyone", "night", "staff"]
    assert dossier["memberships"][1] == {
        "group": "night", "from": "2026-01-01T00:00:00+00:00", "until": "2099-01-01T05:00:00+00:00",
    }  # fmt: skip


def test_a_photo_stays_pending_until_its_person_stands_there(
    site: Site, hopper: Portrait, camera: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(hopper.path, tmp_path / "photos" / "1.jpg")
    status, answer = imported(site, capsys, as_csv(tmp_path / "list.csv", row("1", photo="photos/1.jpg")))
    assert (status, answer["imported"], answer["pending"]) == (0, 1, 1)
    person = site.stores.people.find(Identifier.REFERENCE, "1")
    _, decision = run_json(capsys, "verify", hopper.path, "--person", person, "--site", site.folder)
    assert decision["reason"] == "not_matched"
    options = ("--source", camera, "--officer", "O", "--site", site.folder)
    status, _ = run_json(capsys, "people", "confirm", person, *options)
    assert status == 0
    _, decision = run_json(capsys, "verify", hopper.path, "--person", person, "--site", site.folder)
    assert decision["reason"] == "matched"


def test_who_is_enrolled_already_is_not_imported_again_under_another_name(
    identifying: Site, hopper: Portrait, camera: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = identifying.add_person("Grace")
    identifying.record_consent(known, "N", "1", [Purpose.VERIFY, Purpose.IDENTIFY], "form")
    identifying.enrol_live(known, camera)
    shutil.copy(hopper.path, tmp_path / "h.jpg")
    status, answer = imported(identifying, capsys, as_csv(tmp_path / "list.csv", row("1", photo="h.jpg")))
    assert (status, codes(answer)) == (3, {2: "already_enrolled"})
    assert "Grace" not in str(answer)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"notice": ""}, "consent_missing"),
        ({"given_at": ""}, "consent_missing"),
        ({"purposes": " ; "}, "consent_missing"),
        ({"given_at": "2999-01-01"}, "consent_missing"),
        ({"until": "2026-01-06"}, "consent_missing"),
        ({"photo": "nowhere.jpg", "purposes": "passages"}, "consent_missing"),
        ({"purposes": "verify;spy"}, "wrong_use"),
        ({"given_at": "yesterday"}, "wrong_use"),
        ({"given_at": "2026-01-05T10:00:00"}, "wrong_use"),
        ({"until": "0001-01-01T00:00:00+14:00"}, "wrong_use"),
        ({"display_name": ""}, "wrong_use"),
        ({"display_name": "=HYPERLINK(1)"}, "wrong_use"),
        ({"address": "@SUM(A1)"}, "wrong_use"),
        ({"address": "x" * 201}, "wrong_use"),
        ({"employer": "a\u202eb"}, "wrong_use"),
        ({"notice": "n" * 201}, "wrong_use"),
        ({"birth_date": "3000-01-01"}, "wrong_use"),
        ({"document_expires": "2030-01-01"}, "wrong_use"),
        ({"photo": "/etc/passwd"}, "wrong_use"),
        ({"photo": "../outside.jpg"}, "wrong_use"),
        ({"photo": "a/../../outside.jpg"}, "wrong_use"),
        ({"photo": "..\\outside.jpg"}, "wrong_use"),
        ({"photo": "link.jpg"}, "wrong_use"),
        ({"photo": "linked/outside.jpg"}, "wrong_use"),
        ({"photo": "missing.jpg"}, "photo_unreadable"),
        ({"photo": "pipe.jpg"}, "photo_unreadable"),
        ({"photo": "loop.jpg"}, "photo_unreadable"),
        ({"photo": "."}, "photo_unreadable"),
        ({"photo": "no.jpg"}, "photo_unreadable"),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_and_the_others_are_in(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], fields: dict[str, str], code: str
) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    (tmp_path / "outside.jpg").write_bytes(b"outside")
    (folder / "no.jpg").write_bytes(b"no photo")
    (folder / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(folder / "pipe.jpg")
    report = tmp_path / "refused.csv"
    file = as_csv(folder / "list.csv", row("1"), row("2", **fields), row("3"))
    status, answer = imported(site, capsys, file, "--report", report)
    assert (status, answer["imported"], codes(answer)) == (3, 2, {3: code})
    assert fits(documented()["people import"], shape(answer))
    with report.open(newline="") as opened:
        assert [(one["row"], one["code"]) for one in csv.DictReader(opened)] == [("3", code)]
    told = str(answer["refused"]) + report.read_text()
    assert not any(text in told for text in fields.values() if len(text) > 3)
    assert "Somebody" not in told
    assert site.stores.people.count() == 2


def test_two_rows_cannot_have_one_reference_or_number(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_json(capsys, "people", "add", "Ada", "--badge", "7", "--site", site.folder)
    rows = [row("1", badge_number="8"), row("1"), row("2", badge_number="7"), row("3", badge_number="8"), row("")]
    status, answer = imported(site, capsys, as_csv(tmp_path / "list.csv", *rows))
    assert (status, answer["imported"]) == (3, 1)
    assert codes(answer) == {3: "conflict", 4: "conflict", 5: "conflict", 6: "wrong_use"}


def test_a_corrected_list_is_imported_again_and_who_is_in_stays_as_they_are(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    imported(site, capsys, as_csv(file, row("a-1"), row("a1", notice="")))
    before = site.stores.people.find(Identifier.REFERENCE, "a-1")
    status, answer = imported(site, capsys, as_csv(file, row("a-1", display_name="New"), row("a1")))
    assert (status, answer["imported"], answer["already_in"]) == (0, 1, 1)
    assert before is not None
    assert site.stores.people.get(before).display_name == "Somebody a-1"
    run_json(capsys, "people", "erase", before, "--site", site.folder)
    _, answer = imported(site, capsys, file)
    assert (answer["imported"], answer["already_in"]) == (1, 1)


def test_the_reference_is_nowhere_in_the_clear_and_survives_new_keys(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = as_csv(tmp_path / "list.csv", row("CANARY-REFERENCE-1"))
    imported(site, capsys, file)
    run_json(capsys, "keys", "rotate", "--site", site.folder)
    held = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    assert b"CANARY-REFERENCE" not in held
    _, answer = imported(site, capsys, file)
    assert (answer["imported"], answer["already_in"]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b""),
        ("list.csv", b"display_name,notice\nA,B\n"),
        ("list.csv", b"reference,display_name,reference\n"),
        ("list.csv", b"reference,display_name,password\n1,A,x\n"),
        ("list.csv", b"reference;display_name\n1;A\n"),
        ("list.csv", "reference,display_name\n1,A\n".encode("utf-16")),
        ("list.csv", b"reference,display_name," + b"x" * 20_000),
        ("list.xlsx", b"PK"),
    ],
)
def test_a_list_of_another_form_is_refused_whole(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    status, answer = imported(site, capsys, file)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
    status, answer = imported(site, capsys, tmp_path / "gone.csv")
    assert (status, answer["error"]["code"]) == (1, "not_found")


def test_faults_of_one_line_stay_in_it(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.dumps(row("1", purposes=["verify"], badge_number=None)).encode()
    lines = [
        b"\xef\xbb\xbf" + whole, b"\xff\xfe", b"", b"[" * 9_000, b'{"reference": "2", "reference": "3"}', b"7",
        b'{"reference": 9}', b'{"secret": "2"}', b'{"x": "' + b"y" * 40_000 + b'"}', b'{"reference": {"a": "b"}}',
        b'{"reference": ' + b"9" * 9_000 + b"}", b'{"reference": ["a;b"]}', json.dumps(row("2\0")).encode(),
        json.dumps(row("4")).encode(),
    ]  # fmt: skip
    file = tmp_path / "list.jsonl"
    file.write_bytes(b"\r\n".join(lines))
    status, answer = imported(site, capsys, file)
    assert (status, answer["imported"]) == (3, 2)
    assert codes(answer) == dict.fromkeys((2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13), "wrong_use")
    broken = tmp_path / "list.csv"
    text = "reference,display_name," + ",".join(CONSENT) + "\n" + '5,"open quote\n' + "6\n"
    broken.write_text(text + ",".join(["7", "B", *CONSENT.values()]))
    status, answer = imported(site, capsys, broken)
    assert (status, answer["imported"], codes(answer)) == (3, 1, {2: "wrong_use", 3: "wrong_use"})
    for limit in ("LARGEST_FILE", "MOST_ROWS"):
        with monkeypatch.context() as patch:
            patch.setattr(people_list, limit, 1)
            status, answer = imported(site, capsys, file)
            assert (status, answer["error"]["code"]) == (2, "wrong_use")


def test_the_report_does_not_replace_the_list(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = as_csv(tmp_path / "list.csv", row("1"))
    status, _ = imported(site, capsys, file, "--report", file)
    assert status == 2
    assert "Somebody" in file.read_text()


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400), kind=st.sampled_from([".csv", ".jsonl"]), headed=st.booleans())
def test_any_bytes_give_rows_or_one_of_our_errors(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, kind: str, headed: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / f"any{kind}"
    file.write_bytes((b"reference,display_name\n" if headed else b"") + content)
    with suppress(WrongUse):
        for one in rows_in(file, COLUMNS, REQUIRED):
            assert (one.fields is None) != (one.fault is None)


PEOPLE = 400


def test_killed_at_any_time_and_run_again_everybody_is_there_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = throwaway_site(tmp_path)
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    references = [f"R{number}" for number in range(PEOPLE)]
    file = as_lines(tmp_path / "list.jsonl", *(row(one, badge_number=f"B{one}") for one in references))
    command = ("people", "import", str(file), "--site", str(folder), "--passphrase-file", str(secret))
    killed = []
    for wanted in (1, PEOPLE // 2):
        with subprocess.Popen([sys.executable, "-m", "doorward", *command], stderr=subprocess.DEVNULL) as process:
            until = time.monotonic() + 60
            while stored(folder) < wanted and process.poll() is None and time.monotonic() < until:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
        killed.append(stored(folder))
    assert 0 < killed[0] <= killed[1]
    assert killed[0] < PEOPLE
    status, answer = run_json(capsys, *command)
    assert (status, answer["refused"]) == (0, [])
    assert answer["imported"] + answer["already_in"] == PEOPLE
    with open_site(folder, lambda: PASSPHRASE) as site:
        held = Counter(person.details.reference for person in site.stores.people.all())
        assert held == Counter(references)
        for person in site.stores.people.all():
            assert len(site.stores.consents.of(person.id)) == 1
            assert [look.action for look in site.register.looks(person.id)] == ["person imported from a list"]
    status, log = run_json(capsys, "audit", "verify", "--site", folder, "--passphrase-file", secret)
    assert (status, log["ok"]) == (0, True)


def stored(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / DATA}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM persons").fetchone()[0])
