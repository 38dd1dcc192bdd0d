"""Processes cut short at random moments: what they acknowledged holds, and the check sees what does not."""

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.bench.faults import Ground, nursery
from doorward.bench.faults_check import Faults, check
from doorward.bench.faults_injection import Failing
from doorward.bench.faults_told import Told
from doorward.wiring.face.opening import DATA, KEYS
from shared_data import REPOSITORY

WRITER = """
import sqlite3, sys
from doorward.bench.faults_injection import Failing, fail_from_now
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=FULL")
connection.execute("CREATE TABLE t (x)")
connection.commit()
if not fail_from_now(Failing(sys.argv[2])):
    sys.exit(9)
connection.execute("INSERT INTO t VALUES (1)")
connection.commit()
"""


def test_twenty_rounds_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = run_json(capsys, "bench", "faults", "--rounds", "20", "--seed", "3")
    text = (REPOSITORY / "docs" / "json.md").read_text().partition("\n## `doorward bench faults`\n")[2]
    assert list(answer) == list(json.loads(text.partition("```json\n")[2].partition("```")[0]))
    acknowledged = answer.pop("acknowledged")
    assert answer == {"rounds": 20, "lost": 0, "half_done": 0, "log_ok": True}
    assert status == 0
    assert acknowledged > 20


@pytest.mark.parametrize("what", Failing)
def test_the_databases_own_calls_fail(tmp_path: Path, what: Failing) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path / "t.db"), what], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, "this system offers no filter"
    assert "sqlite3.OperationalError" in ran.stderr


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, Told]:
    """A site whose process was killed after somebody was enrolled, and what it told."""
    ground, told, chance = Ground.laid_out(tmp_path_factory.mktemp("faults")), Told(), random.Random(11)
    with nursery() as children:
        for number in range(20):
            for line in children.cut_short(ground, number, chance):
                told.hear(line)
            if told.numbers.keys() - told.erasing - told.withdrawing:
                break
    faults = Faults()
    check(ground.site, told, ground.identity, faults)
    assert faults == Faults()
    return ground, told


@pytest.fixture
def behind_its_back(worked_on: tuple[Ground, Told]) -> Iterator[tuple[Ground, Told]]:
    """The same files again after each test."""
    ground, told = worked_on
    files = {place: place.read_bytes() for place in (ground.site / DATA, ground.site / KEYS)}
    yield ground, told
    for place, octets in files.items():
        for log in (f"{place}-wal", f"{place}-shm"):
            Path(log).unlink(missing_ok=True)
        place.write_bytes(octets)


@pytest.mark.parametrize(
    ("file", "statement", "lost", "half_done", "log_ok"),
    [
        (DATA, "DELETE FROM enrolments", True, True, True),
        (DATA, "UPDATE persons SET record = randomblob(length(record))", True, True, True),
        (KEYS, "DELETE FROM keys WHERE kind = 'person'", True, True, True),
        (DATA, "UPDATE audit_entries SET leaf = randomblob(32) WHERE number = 1", False, False, False),
    ],
)
def test_what_is_done_behind_its_back_is_seen(
    behind_its_back: tuple[Ground, Told], file: str, statement: str, lost: bool, half_done: bool, log_ok: bool
) -> None:
    ground, told = behind_its_back
    with closing(sqlite3.connect(ground.site / file)) as database, database:
        assert database.execute(statement).rowcount > 0
    faults = Faults()
    check(ground.site, told, ground.identity, faults)
    assert (bool(faults.lost), bool(faults.half_done), faults.log_ok) == (lost, half_done, log_ok)


def test_an_erasure_that_did_not_hold_is_lost(worked_on: tuple[Ground, Told]) -> None:
    ground, told = worked_on
    person = next(iter(told.numbers.keys() - told.erasing))
    faults = Faults()
    told.erased.add(person)
    check(ground.site, told, ground.identity, faults)
    told.erased.discard(person)
    assert len(faults.lost) == 1


def test_a_backup_that_does_not_restore_is_lost(worked_on: tuple[Ground, Told], tmp_path: Path) -> None:
    ground, told = worked_on
    (tmp_path / "cut.age").write_bytes(b"age-encryption.org/v1\n")
    told.hear(["done", "backup", str(tmp_path / "cut.age"), str(tmp_path / "cut.backup")])
    faults = Faults()
    check(ground.site, told, ground.identity, faults)
    assert len(faults.lost) == 1
