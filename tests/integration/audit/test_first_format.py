"""A site that the first version made keeps its entries, and gets a tree over them."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from doorward.errors import Tampered
from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import PersonId
from doorward.wiring.face.opening import DATA, Stores
from known_people import NOON, OFFICER
from throwaway_sites import opened_stores

FIRST = Path(__file__).with_name("site-0001.tar.xz")
ADA = PersonId("1f4e152a-d243-4c09-a8eb-c4fce594e362")
ROWS_THERE = 3
"""Entries that say which rows the site had: one of granting rows, one of people, one of consents."""

ACTIONS = [
    "person added",
    "person added",
    "person added",
    "consent recorded",
    "record read",
    "person erased",
    "list of people read",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with tarfile.open(FIRST) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "site-0001"


def told(stores: Stores) -> list[str]:
    return [logged.entry.action for logged in stores.trail.listed(99)]


def test_its_entries_are_kept_and_committed_to(folder: Path) -> None:
    stores = opened_stores(folder)
    assert told(stores) == ACTIONS
    assert [entry.action for entry in stores.trail.about(ADA)] == ["person added", "consent recorded", "record read"]
    assert stores.trail.about(ADA)[-1].actor.purpose == "asked for by the person"
    assert stores.auditing.verify().ok
    stores.trail.record(AuditEntry(OFFICER, "look", ADA, NOON))
    stores.close()
    again = opened_stores(folder)
    assert told(again) == [*ACTIONS, "look"]
    assert len(again.trail.about(ADA)) == 4
    report = again.auditing.verify()
    assert (report.ok, report.entries, report.checkpoints) == (True, len(ACTIONS) + ROWS_THERE + 1, 1)
    assert again.people.get(ADA).display_name == "Ada"
    again.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entries WHERE number = 3",
        "UPDATE audit_entries SET event = randomblob(301) WHERE number = 3",
        "UPDATE audit_entries SET subject = 'x' WHERE number = 3",
        "UPDATE audit_entries SET leaf = randomblob(32) WHERE number = 3",
    ],
)
def test_altered_entries_are_not_taken_over(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        connection.execute(statement)
    stores = opened_stores(folder)
    report = stores.auditing.verify()
    assert not report.ok
    assert "Entry 3" in report.problems[0]
    assert not any("Entry 1 " in problem or "Entry 7" in problem for problem in report.problems)
    with pytest.raises(Tampered):
        stores.trail.record(AuditEntry(OFFICER, "look", ADA, NOON))
    stores.close()
