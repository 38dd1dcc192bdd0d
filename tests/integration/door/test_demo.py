"""The demonstration, run whole as a newcomer runs it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.demo import command
from doorward.demo.claims import Claim


def test_every_claim_holds_and_the_picture_is_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    done = subprocess.run(
        [sys.executable, "-m", "doorward", "demo", "--picture", str(picture)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "15 of 15 claims held" in " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr
    assert "FAILED" not in done.stdout
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_a_failed_claim_gives_status_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def tell(_camera: str | None) -> Iterator[Claim]:
        yield Claim("Water runs uphill", ok=False, detail="it ran downhill")

    monkeypatch.setattr(command, "_tell", tell)
    status, answer = run_json(capsys, "demo")
    assert status == 3
    assert answer["ok"] is False
    assert answer["claims"] == [{"claim": "Water runs uphill", "ok": False, "detail": "it ran downhill"}]
