"""The live view of a site at work: of its checkpoints and devices, on the command line and at a broker."""

import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from brokers import PASSWORD, USER, Broker, Heard, broker
from commands_in_process import run_json
from doorward.cli.program import run
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper
from doorward.errors import WrongUse
from doorward.kernel.ids import DeviceId
from doorward.passages.device import Device
from doorward.passages.live import AWAY, HERE, LiveKind
from doorward.people.enrolment import CapturedFrom
from doorward.settings.live import read_live
from doorward.wiring.face.live_broker import LiveBroker
from doorward.wiring.face.site import Site
from known_people import EVERYTHING
from live_views import deciding


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def settings(running: Broker, folder: Path, *, more: str = "") -> Path:
    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "password").chmod(0o600)
    file = folder / "live.toml"
    file.write_text(
        f'[mqtt]\nurl = "{running.url}"\ntopic = "doorward/hall"\nuser = "{USER}"\n'
        f'password_file = "{folder / "password"}"\nauthority = "{running.authority}"\n{more}'
    )
    return file


def test_a_checkpoint_at_work_is_followed_and_nobody_is_named(
    identifying: Site, hopper: Portrait, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = identifying.add_person(hopper.name)
    identifying.record_consent(person, "Notice", "1", EVERYTHING, "form")
    identifying.enroller.enrol(
        identifying.actor, person.id, identifying.capture(hopper.path).template, CapturedFrom.LIVE
    )
    identifying.doorkeeper.add("Main door")
    clip = make_checkpoint_clip(tmp_path / "door.mp4", [grace_hopper(), eileen_collins()])
    with identifying.live.follow() as following:
        status, _ = run_json(capsys, "checkpoint", "run", "Main door", "--source", clip, "--site", identifying.folder)
        events = [event for _ in range(6) for event in following.next(0.05)]
    assert status == 0
    assert [(one.kind.value, one.told, one.name) for one in events] == [
        ("camera", HERE, "Main door"),
        ("decision", "accepted", "Main door"),
        ("decision", "refused", "Main door"),
        ("camera", AWAY, "Main door"),
    ]
    everything = json.dumps([one.to_json() for one in events])
    assert person.id not in everything
    assert hopper.name not in everything
    assert not (identifying.folder / "live").exists(), "nothing is left of who followed"


def published(site: Site, file: Path) -> "Publishing":
    return Publishing(site, LiveBroker(site, read_live(file), lambda _: None))


class Publishing:
    """A broker told in a thread of its own, until the block ends."""

    def __init__(self, site: Site, teller: LiveBroker) -> None:
        self._live = site.live
        self._events = teller.follow()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Publishing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        while self._thread.is_alive():
            self._live.decided("the last one", accepted=True)
            self._thread.join(0.2)

    def _run(self) -> None:
        for _ in self._events:
            if self._over.is_set():
                break
        self._events.close()


def heard_of(heard: Heard, topic: str) -> bytes:
    """The next message under ``topic``."""
    while (message := heard.next())[0] != topic:
        continue
    return message[1]


def kept(running: Broker) -> dict[str, bytes]:
    """What the broker tells whoever asks later."""
    held: dict[str, bytes] = {}
    with running.listening("#") as heard:
        time.sleep(0.3)
        while not heard.messages.empty():
            topic, payload, retained = heard.next()
            assert retained
            held[topic] = payload
    return held


def test_a_broker_keeps_states_and_no_decision_and_home_assistant_is_told_what_there_is(
    identifying: Site, mosquitto: Broker, tmp_path: Path
) -> None:
    site, live = identifying, identifying.live
    door = site.doorkeeper.add("Main door")
    file = settings(mosquitto, tmp_path, more='[homeassistant]\nprefix = "homeassistant"\n')
    with mosquitto.listening("#") as heard, published(site, file):
        config = f"homeassistant/device/doorward_{door.id}/config"
        while heard.next()[0] != config:
            continue
        live.decided(door.name, accepted=True)
        live.decided(None, accepted=False)
        live.state(LiveKind.CAMERA, door.name, HERE)
        told: dict[str, Any] = {}
        while len(told) < 3:
            topic, payload, retained = heard.next()
            assert not retained
            told[topic] = payload
        held = kept(mosquitto)
    camera = f"doorward/hall/checkpoints/{door.id}/camera"
    decision = f"doorward/hall/checkpoints/{door.id}/decision"
    assert json.loads(told[decision])["event_type"] == json.loads(told[decision])["decision"] == "accepted"
    assert json.loads(told["doorward/hall/decision"])["decision"] == "refused"
    assert told[camera] == b"here"
    assert held.keys() == {config, camera, "doorward/hall/status"}
    assert held["doorward/hall/status"] == b"online"
    announced = json.loads(held[config])
    assert announced["origin"]["name"] == "Doorward"
    assert announced["device"]["identifiers"]
    parts = announced["components"]
    assert {one["platform"] for one in parts.values()} == {"event", "binary_sensor"}
    assert (parts["decision"]["state_topic"], parts["decision"]["event_types"]) == (decision, ["accepted", "refused"])
    assert (parts["camera"]["state_topic"], parts["camera"]["payload_on"]) == (camera, "here")
    assert len({one["unique_id"] for one in parts.values()}) == 2
    assert kept(mosquitto)["doorward/hall/status"] == b"offline"


def test_a_broker_that_was_gone_and_lost_everything_is_told_what_holds_now(
    identifying: Site, mosquitto: Broker, tmp_path: Path
) -> None:
    site, live = identifying, identifying.live
    door = site.doorkeeper.add("Main door")
    camera, config = f"doorward/hall/checkpoints/{door.id}/camera", f"homeassistant/device/doorward_{door.id}/config"
    file = settings(mosquitto, tmp_path, more='[homeassistant]\nprefix = "homeassistant"\n')
    with published(site, file):
        with mosquitto.listening("#") as heard:
            heard_of(heard, config)
            live.state(LiveKind.CAMERA, door.name, HERE)
            assert heard_of(heard, camera) == b"here"
        mosquitto.stop()
        live.state(LiveKind.CAMERA, door.name, AWAY)
        mosquitto.start()
        told = {}
        with mosquitto.listening("#") as heard:
            while told.keys() != {config, camera, "doorward/hall/status"} or told[camera] != b"away":
                topic, payload, _ = heard.next(15)
                told[topic] = payload
    assert told["doorward/hall/status"] == b"online"


def test_a_revoked_device_is_taken_out_and_a_renamed_one_stays(
    identifying: Site, mosquitto: Broker, tmp_path: Path
) -> None:
    site, live, devices = identifying, identifying.live, identifying.stores.devices
    door = site.doorkeeper.add("Main door")
    for name in ("Pole 1", "Pole 2"):
        devices.add(Device(DeviceId(str(uuid4())), name, os.urandom(32), frozenset({door.id}), datetime.now(UTC)))
    revoked, renamed = devices.named("Pole 1"), devices.named("Pole 2")
    file = settings(mosquitto, tmp_path, more='[homeassistant]\nprefix = "homeassistant"\n')
    state, discovery = "doorward/hall/devices/{}/state", "homeassistant/device/doorward_{}/config"
    with mosquitto.listening("#") as heard, published(site, file):
        for device in (revoked, renamed):
            heard_of(heard, discovery.format(device.id))
        for device in (revoked, renamed):
            live.state(LiveKind.DEVICE, device.name, HERE)
            assert heard_of(heard, state.format(device.id)) == b"here"
        site.devices.revoke(site.actor, revoked)
        assert heard_of(heard, state.format(revoked.id)) == b"away"
        site.devices.rename(site.actor, renamed, "Gate")
        live.state(LiveKind.DEVICE, "Gate", HERE)
        assert heard_of(heard, state.format(revoked.id)) == b""
        live.state(LiveKind.DEVICE, "Pole 2", AWAY)  # what falls silent is the name
        live.state(LiveKind.DEVICE, revoked.name, AWAY)
    after = kept(mosquitto)
    assert after.keys() & {discovery.format(revoked.id), state.format(revoked.id)} == set()
    assert after[state.format(renamed.id)] == b"here"
    announced = json.loads(after[discovery.format(renamed.id)])
    assert announced["device"]["name"] == "Device Gate"
    assert announced["origin"]["name"]
    assert all({"platform", "unique_id", "state_topic"} <= one.keys() for one in announced["components"].values())


def test_watching_shows_a_line_each_and_stops_after_so_many(
    identifying: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with deciding(identifying.folder):
        assert run(["live", "watch", "--events", "1", "--site", str(identifying.folder)]) == 0
        line = capsys.readouterr().out
        assert run(["live", "watch", "--events", "1", "--json", "--site", str(identifying.folder)]) == 0
    assert line.split()[2:] == ["decision", "accepted", "checkpoint", "Main", "door"]
    assert set(json.loads(capsys.readouterr().out)) == {"event", "at", "kind", "checkpoint", "decision"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("topic = ", "TOML"),
        ("", "lacks"),
        ('[mqtt]\nurl = "mqtts://broker"', "lacks"),
        ('[mqtt]\nurl = "mqtts://broker"\ntopic = "t"\nretain = true', "one too many"),
        ('[mqtt]\nurl = "mqtts://broker"\ntopic = "t"\n[people]\nnames = true', "people"),
        ('[mqtt]\nurl = "mqtts://broker"\ntopic = "t"\n[homeassistant]\nprefix = ""', "lacks"),
    ],
)
def test_settings_that_do_not_hold_are_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "live.toml").write_text(text)
    with pytest.raises(WrongUse, match=said):
        read_live(tmp_path / "live.toml")
    with pytest.raises(WrongUse, match="no file"):
        read_live(tmp_path / "none.toml")


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("known to all")
    os.chmod(tmp_path / "password", 0o644)
    text = f'[mqtt]\nurl = "mqtts://b"\ntopic = "t"\nuser = "u"\npassword_file = "{tmp_path / "password"}"\n'
    (tmp_path / "live.toml").write_text(text)
    with pytest.raises(WrongUse, match="chmod 600"):
        read_live(tmp_path / "live.toml")
