"""`doorward crowd publish` as a person or a program runs it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.cli.program import run
from fakes.crowd_intervals import NOON, full_quarter

BASE = ["crowd", "publish", "hall", "--from", "2026-05-01T12:00Z", "--to", "2026-05-01T13:00Z"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").touch()
    with open_interval_store(tmp_path) as store:
        store.add([replace(full_quarter(), start=NOON + timedelta(minutes=15 * number)) for number in range(4)])
    return tmp_path


def test_figures_are_published_once_and_again_as_they_were(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*BASE, "--site", str(site), "--out", str(site), "--json"]
    assert run(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out) == first
    table, document = map(Path, first.pop("files"))
    assert json.loads(document.read_text()) == first
    assert first["intervals"][0]["coverage"] == 0.75
    assert [line["id"] for line in first["intervals"][0]["lines"]] == ["door", "gate"]
    assert table.read_text().startswith(f"# {first['statement']}\nstart,")
    assert run([*arguments, "--every", "quarter", "--epsilon", "0.5"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "budget_spent"


def test_what_is_settled_is_given_when_the_folder_could_not_be_written(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ledger comes first: a failure afterwards costs nothing."""
    blocked = site / "out"
    blocked.mkdir()
    (blocked / "hall-20260501T1200Z-20260501T1300Z-hour.csv").mkdir()
    assert run([*BASE, "--site", str(site), "--out", str(blocked)]) == 2
    assert "settled" in capsys.readouterr().err
    assert run([*BASE, "--site", str(site), "--out", str(site), "--epsilon", "0.001"]) == 0
    assert "Written to" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"--epsilon": "0"}, 2, "wrong_use"),
        ({"--epsilon": "-1"}, 2, "wrong_use"),
        ({"--to": (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT00:00Z")}, 2, "wrong_use"),
        ({"--from": "yesterday"}, 2, "wrong_use"),
        ({"--out": "/nowhere"}, 2, "wrong_use"),
    ],
)
def test_what_cannot_be_published_is_refused_and_spends_nothing(
    site: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str], status: int, code: str
) -> None:
    options = {"--from": BASE[4], "--to": BASE[6], "--site": str(site), "--out": str(site)} | changes
    given = ["crowd", "publish", "hall", *(part for pair in options.items() for part in pair), "--json"]
    assert run(given) == status
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert not list(site.glob("*.csv"))


def test_a_camera_without_intervals_is_not_known(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["crowd", "publish", "gate", *BASE[3:], "--site", str(site), "--out", str(site), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_found"
