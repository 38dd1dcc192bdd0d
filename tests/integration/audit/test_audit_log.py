"""The log of a real site: tampered with by SQL, proved to an outsider, upgraded, kept after an erasure."""

import json
import shutil
import sqlite3
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.stores.face import audit_entries
from doorward.audit.leaf import ROWS
from doorward.audit.verifier import check_checkpoint, check_consistency, check_inclusion
from doorward.errors import StorageError, Tampered
from doorward.kernel.audit import Actor, AuditEntry, LogReport
from doorward.kernel.ids import PersonId
from doorward.wiring.face.auditing import WitnessKind, WitnessSetting
from doorward.wiring.face.opening import DATA, Stores
from known_people import NOON, OFFICER, person
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


BEFORE = 2
"""Entries before the first look: that the site began without rows, and the row of who is looked at."""


def looked_at(stores: Stores, looks: int = 7) -> PersonId:
    """Somebody known, looked at every other time. The looks are the entries 3 to 9, if these are the first."""
    ada = person()
    stores.people.add(ada)
    for number in range(looks):
        about = ada.id if number % 2 else None
        stores.trail.record(AuditEntry(Actor("guard", "round"), f"look {number}", about, NOON))
    return ada.id


def sql(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def checked(folder: Path, witness: Path | None = None) -> LogReport:
    """By another process, which does not sign anything itself."""
    stores = opened_stores(folder)
    try:
        return stores.auditing.verify(witness)
    finally:
        stores.data.dispose()
        stores.keys.dispose()


def test_a_sound_log_holds(folder: Path, stores: Stores) -> None:
    assert stores.auditing.verify().ok
    looked_at(stores)
    note = stores.auditing.checkpoint()
    assert note is not None
    report = checked(folder)
    assert report.ok
    assert (report.entries, report.checkpoints) == (9, 2)
    assert check_checkpoint(note, stores.auditing.key).root == report.root


EXCHANGED = "UPDATE audit_entries SET {0} = (SELECT {0} FROM audit_entries WHERE number = 5) WHERE number = 4"

TAMPERING = {
    "the event of another entry": (["DROP_UNIQUE", EXCHANGED.format("event")], "Entry 4 was altered"),
    "an event made up": (["UPDATE audit_entries SET event = randomblob(301) WHERE number = 4"], "Entry 4 was altered"),
    "an event of another type": (["UPDATE audit_entries SET event = 'x' WHERE number = 4"], "Entry 4 was altered"),
    "a subject exchanged": ([EXCHANGED.format("subject")], "Entry 4 was altered: its subject or tag"),
    "a subject that is text": (["UPDATE audit_entries SET subject = 'x' WHERE number = 4"], "Entry 4 was altered"),
    "a tag hidden from its person": (
        ["UPDATE audit_entries SET tag = randomblob(32) WHERE number = 4"],
        "Entry 4 was altered: its subject or tag",
    ),
    "commitments": (
        ["UPDATE audit_entries SET commitments = randomblob(65) WHERE number = 4"],
        "Entry 4 was altered: its event is not the one committed to",
    ),
    "no commitments": (
        ["UPDATE audit_entries SET commitments = NULL WHERE number = 4"],
        "Entry 4 was altered: it has no commitments",
    ),
    "a leaf": (["UPDATE audit_entries SET leaf = randomblob(32) WHERE number = 4"], "its leaf is not that of"),
    "two entries reordered": (
        [
            "UPDATE audit_entries SET number = 99 WHERE number = 3",
            "UPDATE audit_entries SET number = 3 WHERE number = 5",
            "UPDATE audit_entries SET number = 5 WHERE number = 99",
        ],
        "Entry 3 was moved: it was written as entry 5",
    ),
    "an entry deleted": (["DELETE FROM audit_entries WHERE number = 3"], "Entry 3 is missing"),
    "the end deleted": (["DELETE FROM audit_entries WHERE number > 5"], "The log was truncated: it once had 9"),
    "the end and the head deleted": (
        ["DELETE FROM audit_entries WHERE number > 5", "DELETE FROM audit_head"],
        "Stored checkpoint 2 is over 9 entries, and the log has 5: it was truncated",
    ),
    "everything deleted": (["DELETE FROM audit_entries"], "The log was truncated"),
    "an entry added": (
        [
            "INSERT INTO audit_entries SELECT 10, 'x', leaf, randomblob(32), event, subject, commitments "
            "FROM audit_entries WHERE number = 9"
        ],
        "1 entries that this site did not append",
    ),
    "a head made up": (["UPDATE audit_head SET size = 5"], "The tree's head was altered"),
    "a head of another type": (["UPDATE audit_head SET peaks = 'x', mac = 7"], "The tree's head was altered"),
    "a head's root": (["UPDATE audit_head SET root = randomblob(32)"], "The tree's head was altered"),
    "nodes deleted": (["DELETE FROM audit_nodes"], "its stored nodes are not those of the entries"),
    "nodes made up": (["UPDATE audit_nodes SET hash = randomblob(32)"], "its stored nodes are not those"),
    "a checkpoint's root": (
        ["UPDATE audit_checkpoints SET note = replace(note, char(10) || '9' || char(10), char(10) || '6' || char(10))"],
        "Stored checkpoint 2 does not hold: The checkpoint is not signed by this log's key",
    ),
    "a checkpoint of another type": (["UPDATE audit_checkpoints SET note = x'00ff'"], "Stored checkpoint 1 does not"),
}


@pytest.mark.parametrize(("statements", "named"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found_and_named(folder: Path, stores: Stores, statements: list[str], named: str) -> None:
    looked_at(stores)
    stores.auditing.checkpoint()
    sql(folder, *(statement for statement in statements if statement != "DROP_UNIQUE"))
    report = checked(folder)
    assert not report.ok
    assert any(named in problem for problem in report.problems), report.problems


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM audit_entries WHERE number > 5"],
        ["DELETE FROM audit_entries WHERE number > 6", "UPDATE audit_head SET size = 6"],
        ["DELETE FROM audit_head"],
        ["UPDATE audit_head SET root = zeroblob(32)"],
    ],
)
def test_nothing_is_recorded_behind_an_altered_log(folder: Path, stores: Stores, statements: list[str]) -> None:
    ada = looked_at(stores)
    sql(folder, *statements)
    with pytest.raises((Tampered, StorageError)):
        stores.trail.record(AuditEntry(OFFICER, "look", ada, NOON))


def test_a_whole_site_rolled_back_is_found_by_the_witness(tmp_path: Path, folder: Path, stores: Stores) -> None:
    kept = tmp_path / "witness"
    kept.mkdir()
    stores.auditing.set_witness(OFFICER, WitnessSetting(WitnessKind.FOLDER, str(kept)))
    looked_at(stores)
    stores.auditing.checkpoint()
    early = throwaway_copy(folder, tmp_path / "early")
    looked_at(stores)
    stores.auditing.checkpoint()
    assert checked(folder).ok
    assert len(list(kept.iterdir())) == 3, "one was signed when the site was made"
    report = checked(early, kept)
    assert "it was truncated" in "".join(report.problems)

    forked = opened_stores(early)
    looked_at(forked, 9)
    forked.close()
    assert "the log was rewritten" in "".join(checked(early, kept).problems)
    assert len(list(kept.iterdir())) == 4, "the fork's own checkpoint is kept beside the others, none replaced"


def throwaway_copy(folder: Path, to: Path) -> Path:
    with closing(sqlite3.connect(folder / DATA)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copytree(folder, to))


def test_a_checkpoint_comes_by_itself(monkeypatch: pytest.MonkeyPatch, folder: Path, stores: Stores) -> None:
    monkeypatch.setattr(audit_entries, "CHECKPOINT_EVERY", 4)
    looked_at(stores, 9)
    assert [size for size, _ in stores.trail.not_handed_over()] == [1, 4, 8]
    stores.close()
    reopened = opened_stores(folder)
    assert [size for size, _ in reopened.trail.not_handed_over()] == [1, 4, 8, 11]
    reopened.close()
    assert [size for size, _ in stores.trail.not_handed_over()] == [1, 4, 8, 11]


def test_erasing_somebody_leaves_the_log_whole(folder: Path, stores: Stores) -> None:
    ada = looked_at(stores)
    stores.auditing.checkpoint()
    stores.people.erase(ada)
    stores.auditing.checkpoint()
    report = checked(folder)
    assert (report.ok, report.checkpoints) == (True, 3)
    assert [logged.entry.action for logged in stores.trail.listed(7)] == [f"look {number}" for number in range(7)]


def test_an_outsider_checks_a_proof_with_nothing_else(
    folder: Path, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = looked_at(stores)
    stores.auditing.checkpoint()
    place = _site_options(folder, tmp_path)
    status, proof = run_json(capsys, "audit", "prove", BEFORE + 4, "--purpose", "for the authority", *place)
    assert status == 0
    head = check_checkpoint(proof["checkpoint"], proof["key"])
    leaf = b64decode(proof["leaf"])
    check_inclusion(leaf, proof["index"], head.size, [b64decode(node) for node in proof["inclusion"]], head.root)
    earlier = check_checkpoint(proof["earlier_checkpoint"], proof["key"])
    path = [b64decode(node) for node in proof["consistency"]]
    check_consistency(earlier.size, earlier.root, head.size, head.root, path)
    assert earlier.size == BEFORE + 7
    opened = sha256(b"doorward audit event" + b64decode(proof["salt"]) + proof["event"].encode()).digest()
    assert leaf[1:33] == opened
    assert json.loads(proof["event"])["action"] == "look 3"
    assert ada not in json.dumps(proof)


def test_entries_about_rows_are_shown_when_asked_for_and_proved_like_any_other(
    folder: Path, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = looked_at(stores)
    place = _site_options(folder, tmp_path)
    _, shown = run_json(capsys, "audit", "show", "--rows", "--limit", 10, *place)
    told = [(entry["entry"], entry["action"], entry["concerns_somebody"]) for entry in shown["entries"]]
    assert told[:2] == [(1, "rows changed: 0", False), (2, "rows changed: 1", False)]
    assert told[2] == (3, "look 0", False)
    _, proof = run_json(capsys, "audit", "prove", 2, *place)
    event, leaf = json.loads(proof["event"]), b64decode(proof["leaf"])
    assert (leaf[0], event["actor"], event["action"]) == (ROWS, "doorward", "rows changed: 1")
    assert leaf[1:33] == sha256(b"doorward audit event" + b64decode(proof["salt"]) + proof["event"].encode()).digest()
    head = check_checkpoint(proof["checkpoint"], proof["key"])
    check_inclusion(leaf, proof["index"], head.size, [b64decode(node) for node in proof["inclusion"]], head.root)
    assert ada not in json.dumps(proof)


def test_the_commands_agree(folder: Path, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada = looked_at(stores)
    place, kept = _site_options(folder, tmp_path), tmp_path / "witness"
    kept.mkdir()
    assert run_json(capsys, "audit", "witness", "--folder", kept, *place)[1]["where"] == str(kept)
    status, shown = run_json(capsys, "audit", "show", "--person", ada, "--purpose", "asked by Ada", *place)
    assert status == 0
    assert [entry["action"] for entry in shown["entries"]] == ["look 1", "look 3", "look 5", "audit log read"]
    assert shown["entries"][-1]["purpose"] == "asked by Ada"
    assert {entry["person"] for entry in shown["entries"]} == {ada}
    _, everybody = run_json(capsys, "audit", "show", "--limit", 3, *place)
    assert [entry["entry"] for entry in everybody["entries"]] == [10, 12, 13], "11 is the witness's row"
    assert {entry["person"] for entry in everybody["entries"]} == {None}
    status, report = run_json(capsys, "audit", "verify", *place)
    assert (status, report["ok"], report["entries"], report["problems"]) == (0, True, 13, [])
    assert len(list(kept.iterdir())) == 4
    status, signed = run_json(capsys, "audit", "checkpoint", *place)
    head = check_checkpoint(signed["checkpoint"], signed["key"])
    assert (status, head.size) == (0, 13)
    assert b64decode(report["root"]) == head.root
    assert run_json(capsys, "audit", "prove", 99, *place)[0] == 1
    assert run_json(capsys, "audit", "witness", "--none", "--webhook", "https://example.org", *place)[0] == 2
    assert run_json(capsys, "audit", "witness", "--webhook", "http://example.org", *place)[0] == 2
    sql(folder, "UPDATE audit_entries SET event = randomblob(301) WHERE number = 4")
    status, report = run_json(capsys, "audit", "verify", *place)
    assert (status, report["ok"]) == (3, False)


def _site_options(folder: Path, tmp_path: Path) -> list[object]:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    return ["--site", folder, "--passphrase-file", passphrase]
