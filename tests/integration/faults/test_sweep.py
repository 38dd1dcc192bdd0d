"""Acts cut short at chosen writes, syncs and names: each is whole or not there, and can be done again."""

import os
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.bench.faults_supervision import Call, Fault, Point
from supervised_acts import supervised

NEVER = 1_000


def test_a_sample_of_all_points_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = run_json(capsys, "bench", "faults", "--sweep", "--rounds", "30", "--seed", "5")
    assert answer.pop("acknowledged") > 0
    assert answer == {"rounds": 30, "lost": 0, "half_done": 0, "log_ok": True}
    assert status == 0


def three_writes(place: Path) -> None:
    """Every write is tried; the first error is raised at the end."""
    failed = None
    file = os.open(place, os.O_WRONLY | os.O_CREAT)
    for letter in (b"a", b"b", b"c"):
        try:
            os.write(file, letter)
        except OSError as error:
            failed = failed or error
    os.fsync(file)
    if failed:
        raise failed
    os.rename(place, place.with_name("named"))


@pytest.mark.parametrize(
    ("point", "status", "held"),
    [
        (Point(Fault.ONCE, (Call.WRITE,), NEVER), 0, b"abc"),
        (Point(Fault.ONCE, (Call.WRITE,), 2), 5, b"ac"),
        (Point(Fault.FOR_GOOD, (Call.WRITE,), 2), 28, b"a"),
        (Point(Fault.ONCE, (Call.SYNC,), 1), 5, b"abc"),
        (Point(Fault.KILL, (Call.WRITE, Call.SYNC, Call.NAME), 3), -9, b"ab"),
        (Point(Fault.KILL, (Call.WRITE, Call.SYNC, Call.NAME), 5), -9, b"abc"),
    ],
)
def test_a_call_fails_once_for_good_or_is_the_last(tmp_path: Path, point: Point, status: int, held: bytes) -> None:
    place = tmp_path / "file"
    ended, seen = supervised(lambda: three_writes(place), point)
    assert ended == status
    assert (place if status else place.with_name("named")).read_bytes() == held
    if status == 0:
        assert seen == {Call.WRITE: 3, Call.SYNC: 1, Call.NAME: 1}
