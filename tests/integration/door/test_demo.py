"""The demonstration, run whole as a newcomer runs it."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.video.source import open_source
from doorward.bench.rtsp_server import RtspServer
from doorward.demo import command
from doorward.demo.checkpoint_clip import HEIGHT, WIDTH, make_checkpoint_clip
from doorward.demo.claims import Claim
from doorward.demo.door_story import tell_door_story
from doorward.demo.house import SCOPES, House
from doorward.demo.portraits import eileen_collins, grace_hopper
from throwaway_sites import site_with_key_file


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
    def tell(_camera: str | None, _say: object) -> Iterator[Claim]:
        yield Claim("Water runs uphill", ok=False, detail="it ran downhill")

    monkeypatch.setattr(command, "_tell", tell)
    status, answer = run_json(capsys, "demo")
    assert status == 3
    assert answer["ok"] is False
    assert answer["claims"] == [{"claim": "Water runs uphill", "ok": False, "detail": "it ran downhill"}]


class HouseInProcess(House):
    """Its commands run here: that each runs as a process of its own is shown by the whole demonstration."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder)
        self._capsys = capsys

    def run(self, *arguments: str | Path) -> tuple[int, dict[str, object]]:
        return run_json(self._capsys, *arguments)


def test_with_a_camera_its_viewer_is_enrolled_and_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = make_checkpoint_clip(tmp_path / "viewer.mp4", [grace_hopper()])
    with open_source(str(recorded)) as frames:
        pictures = [frame.image for frame in frames for _ in range(2)]
    said: list[str] = []
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    house = HouseInProcess(tmp_path, capsys)
    monkeypatch.setenv("DOORWARD_SITE", str(site_with_key_file(tmp_path)))
    with (
        RtspServer(size=(WIDTH, HEIGHT), pictures=lambda: cycle(pictures)) as camera,
        house.server(str(house.do("token", "create", "--name", "test", *scopes)["token"])) as client,
    ):
        claims = list(tell_door_story(house, client, grace_hopper(), eileen_collins(), camera.url, said.append))
    assert [claim for claim in claims if not claim.ok] == []
    assert any("you tilt your head" in claim.claim for claim in claims)
    assert len(said) == 2
