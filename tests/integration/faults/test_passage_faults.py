"""Faults while devices deliver: what was sent is stored once, and a site that holds something else is found out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from commands_in_process import run_json
from doorward.bench.camera_faults import LATEST_S
from doorward.bench.camera_faults import run as run_camera
from doorward.bench.passage_faults import Examination, Tally
from doorward.cli.checkpoint_running import Away
from doorward.kernel.ids import CheckpointId
from doorward.passages.device import Device
from doorward.passages.passage import Counter
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.site import open_site
from known_people import NOON, passage
from shared_data import REPOSITORY
from throwaway_sites import site_with_key_file

SOON = 57
"""With which the camera is away for a moment alone."""

CHOSEN = ("server", "network")


def test_what_was_sent_is_stored_once_through_faults(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [word for name in CHOSEN for word in ("--fault", name)]
    status, answer = run_json(capsys, "bench", "faults", "--passages", *chosen, "--rounds", "1", "--seed", "3")
    text = (REPOSITORY / "docs" / "json.md").read_text().partition("\n## `doorward bench faults --passages`\n")[2]
    documented = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert tuple(answer) == CHOSEN
    for name, told in answer.items():
        assert list(told) == list(documented["server"])
        assert told.pop("sent") == told.pop("stored") > 0
        assert told.pop("log_ok") is True
        assert told.pop("rounds") == 1
        assert told.pop("failures") > 0 or name == "device"
        assert set(told.values()) == {0}
    assert status == 0


def test_a_camera_that_was_gone_is_back_in_time_and_the_gap_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    tally = run_camera(rounds=1, seed=SOON, on_progress=lambda _: None)
    assert tally.ok
    assert (tally.rounds, tally.gaps) == (1, 1)
    assert 0 < tally.back_s <= LATEST_S
    away = Away(None)
    away.gaps.began("The camera ended its stream.")
    away.gaps.ended(3.25)
    assert away.told == [{"reason": "The camera ended its stream.", "seconds": 3.2}]
    assert "away: The camera ended its stream." in (shown := capsys.readouterr().err)
    assert "back after 3.2 s" in shown


def test_what_does_not_hold_is_seen(tmp_path: Path) -> None:
    folder = site_with_key_file(tmp_path)
    with open_site(folder, lambda: "") as site:
        ada = site.add_person("Ada").id
        passages = [passage(ada, at=datetime.now(UTC)) for _ in range(3)]
        site.stores.passages.add_many(passages)
        door = site.doorkeeper.add("North")
        site.stores.passages.tally(CheckpointId(door.id), Counter.REFUSED)
        device = Device("f0a7a4a8-6d3c-4a35-9d6c-2f3e5c0f2c11", "Camera", bytes(32), frozenset({door.id}), NOON)
        site.stores.devices.add(device)
        site.devices.alarms.raised(device, Alarm.CLONED)
    first, second, _ = (one.id for one in passages)
    sender = SimpleNamespace(begun=[frozenset({first}), frozenset({second})], kept={first, "never stored"}, failures=2)
    ground, tally = SimpleNamespace(folder=folder, people=[ada], devices=[sender]), Tally(rounds=1)
    Examination().of(ground, tally)
    assert tally == Tally(
        1, failures=2, sent=3, stored=3, lost=1, doubled=0, strange=1, miscounted=1, alarms=1, log_ok=True
    )
    assert not tally.ok
