"""`doorward crowd` as a person or a program runs it."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from doorward.bench.rtsp_server import RtspServer
from doorward.cli.program import run
from fakes.crowd_files import write_overhead_clip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.toml").touch()
    return folder


def doorward(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from doorward.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )


def test_a_clip_is_counted_stored_and_shown(site: Path, tmp_path: Path) -> None:
    clip, scene = write_overhead_clip(tmp_path)
    done = doorward("crowd", "run", "hall", "--source", str(clip), "--scene", str(scene), "--site", str(site), "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    result = json.loads(done.stdout)
    intervals = result.pop("intervals")
    assert intervals in (1, 2)
    zone = result["zones"].pop()
    assert result == {
        "scene": "hall",
        "detector": "motion",
        "frames": 80,
        "seconds": 8.0,
        "lines": [{"id": "door", "in": 2, "out": 1}],
        "zones": [],
    }
    assert zone["id"] == "hall"
    assert zone["max"] == 3
    assert 1.5 < zone["mean"] < 2.6

    shown = doorward("crowd", "intervals", "hall", "--json", DOORWARD_SITE=str(site))
    stored = json.loads(shown.stdout)["intervals"]
    assert len(stored) == intervals
    assert sum(each["lines"][0]["in"] for each in stored) == 2
    assert sum(each["coverage"] for each in stored) == pytest.approx(8 / 60, abs=1e-3)
    table = doorward("crowd", "intervals", "hall", "--site", str(site))
    assert "door" in table.stdout


def test_a_process_that_is_back_soon_goes_on_counting_its_areas(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, scene = write_overhead_clip(tmp_path)
    scene.write_text(scene.read_text() + '[[areas]]\nid = "house"\nentrances = ["door"]\n')
    arguments = ["crowd", "run", "hall", "--source", str(clip), "--scene", str(scene), "--site", str(site)]
    for people in (1, 2):
        assert run(arguments) == 0
        capsys.readouterr()
        assert run(["crowd", "intervals", "hall", "--site", str(site), "--json"]) == 0
        last = json.loads(capsys.readouterr().out)["intervals"][-1]["areas"][0]
        assert (last["people"], last["anchor"]) == (people, None), "two came in and one went out"


def test_the_store_holds_aggregates_and_nothing_finer(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, scene = write_overhead_clip(tmp_path)
    assert run(["crowd", "run", "hall", "--source", str(clip), "--scene", str(scene), "--site", str(site)]) == 0
    assert "door" in capsys.readouterr().out
    assert {path.name for path in site.iterdir()} <= {"site.toml", "crowd.db", "crowd.db-wal", "crowd.db-shm"}
    with sqlite3.connect(site / "crowd.db") as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {row[1] for name in names for row in database.execute(f"PRAGMA table_info({name})")}
    parts = {"line_counts", "zone_occupancies", "area_counts", "heat_maps", "bounded_counts"}
    ledger = {"releases", "released_counts"}
    assert names == {"alembic_version", "scenes", "intervals", "alarms", "looks"} | parts | ledger
    for finer in ("x", "y", "box", "track", "person", "position_x", "speed", "image"):
        assert finer not in columns
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run([*arguments, "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    return status, error["code"], error["message"]


def test_what_cannot_be_run_says_so_and_stores_nothing(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, scene = write_overhead_clip(tmp_path, seconds=1.0)
    base = ["crowd", "run", "hall"]
    given = {"--source": str(clip), "--scene": str(scene), "--site": str(site)}

    def attempt(name: str = "hall", **changes: str) -> tuple[int, str, str]:
        options = given | {f"--{key}": value for key, value in changes.items()}
        return refused(capsys, *base[:2], name, *(part for pair in options.items() for part in pair))

    assert attempt(source=str(tmp_path / "missing.mp4"))[:2] == (1, "source_unreadable")
    assert attempt(source="camera:97")[:2] == (1, "source_unreadable")
    assert attempt(scene=str(tmp_path / "missing.toml"))[:2] == (2, "wrong_use")
    assert attempt(site=str(tmp_path / "nowhere"))[:2] == (1, "site_missing")
    assert attempt(name="../hall")[:2] == (2, "wrong_use")
    assert not (site / "crowd.db").exists()
    status, code, message = attempt(source="rtsp://admin:geheim@127.0.0.1:9/x")
    assert (status, code) == (1, "source_unreadable")
    assert "geheim" not in message
    assert refused(capsys, "crowd", "intervals", "hall", "--site", str(site), "--from", "today")[:2] == (2, "wrong_use")
    assert refused(capsys, "crowd", "intervals", "nobody", "--site", str(site))[:2] == (1, "not_found")


def test_a_stream_is_counted_up_to_the_limit_and_taken_up_again_when_it_dies(site: Path, tmp_path: Path) -> None:
    _, scene = write_overhead_clip(tmp_path, seconds=1.0)
    with RtspServer(size=(320, 180), die_after=60) as server:
        url = server.url.replace("://", "://admin:geheim@")
        arguments = ["--source", url, "--scene", str(scene), "--site", str(site), "--limit-seconds", "6", "--json"]
        done = doorward("crowd", "run", "hall", *arguments)
    assert done.returncode == 0, done.stderr
    assert "Trying again" in done.stderr
    assert "The source is back" in done.stderr
    assert "geheim" not in done.stdout + done.stderr
    assert 2.0 < json.loads(done.stdout)["seconds"] < 6.0, "the gap is not measured time"
