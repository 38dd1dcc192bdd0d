"""Doors are told by broker, webhook and command what was decided, never who; and what holds while nothing decides."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brokers import PASSWORD, USER, Broker, broker
from commands_in_process import run_json
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper
from doorward.errors import WrongUse
from doorward.people.enrolment import CapturedFrom
from doorward.settings.door import read_door
from doorward.wiring.face.doors import Door
from doorward.wiring.face.site import Site
from known_people import EVERYTHING
from web_hooks import SECRET, Hook


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def settings(folder: Path, fails: str, *tables: str) -> Path:
    for name, secret in (("password", PASSWORD), ("hook", SECRET)):
        (folder / name).write_text(secret + "\n")
        (folder / name).chmod(0o600)
    file = folder / "door.toml"
    file.write_text(f'fails = "{fails}"\n' + "\n".join(tables))
    return file


def by_mqtt(running: Broker, folder: Path) -> str:
    return (
        f'[mqtt]\nurl = "{running.url}"\ntopic = "doors/main"\nuser = "{USER}"\n'
        f'password_file = "{folder / "password"}"\nauthority = "{running.authority}"\n'
    )


def by_webhook(hook: Hook, folder: Path) -> str:
    return f'[webhook]\nurl = "{hook.url}"\nsecret_file = "{folder / "hook"}"\n'


def by_command(file: Path) -> str:
    return f'[command]\nrun = ["/bin/sh", "-c", "cat >> {file}; echo >> {file}"]\n'


def told(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["decision"], one["door"]) for one in lines]


def test_a_door_is_told_of_every_decision_by_all_three_and_never_who_it_was(
    identifying: Site, hopper: Portrait, mosquitto: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = identifying.add_person(hopper.name)
    identifying.record_consent(person, "Notice", "1", EVERYTHING, "form")
    identifying.enroller.enrol(
        identifying.actor, person.id, identifying.capture(hopper.path).template, CapturedFrom.LIVE
    )
    identifying.doorkeeper.add("Main door")
    clip = make_checkpoint_clip(tmp_path / "door.mp4", [grace_hopper(), eileen_collins()])
    with Hook() as hook, mosquitto.listening("doors/#") as heard:
        tables = (by_mqtt(mosquitto, tmp_path), by_webhook(hook, tmp_path), by_command(tmp_path / "told"))
        file = settings(tmp_path, "safe", *tables)
        status, answer = run_json(
            capsys, "checkpoint", "run", "Main door", "--source", clip, "--site", identifying.folder, "--door", file
        )
        assert (status, answer["accepted"], answer["refused"]) == (0, 1, 1)
        expected = [("none", "closed"), ("accepted", "open"), ("refused", "closed"), ("none", "released")]
        lines = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
        hooked = [json.loads(hook.told.get(timeout=5)[2]) for _ in range(4)]
        by_broker = []
        while len(by_broker) < 4:
            topic, payload, _ = heard.next()
            message = json.loads(payload)
            if by_broker and topic.endswith("/state") and told(by_broker)[-1] == (message["decision"], message["door"]):
                continue  # a connection begins with the state that holds
            by_broker.append(message)
    assert told(lines) == told(hooked) == told(by_broker) == expected
    assert all(set(one) == {"event", "decision", "door"} for one in lines)
    assert len({one["event"] for one in lines}) == 4
    everything = json.dumps([lines, hooked, by_broker])
    assert person.id not in everything
    assert hopper.name not in everything
    with mosquitto.listening("doors/#") as later:
        topic, payload, retained = later.next()
        assert (topic, json.loads(payload)["door"], retained) == ("doors/main/state", "released", True)
        assert later.messages.empty(), "no decision is kept by the broker"


@pytest.mark.parametrize(("fails", "state"), [("secure", "closed"), ("safe", "released")])
def test_what_a_door_does_while_nothing_decides_is_chosen(tmp_path: Path, fails: str, state: str) -> None:
    file = settings(tmp_path, fails, by_command(tmp_path / "told"))
    with Door(read_door(file), pytest.fail) as door:
        door.fails()
        door.fails()
        door.works()
    lines = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert told(lines) == [("none", "closed"), ("none", state), ("none", "closed"), ("none", state)]


def test_a_door_whose_machine_is_gone_is_told_by_the_broker(mosquitto: Broker, tmp_path: Path) -> None:
    file = settings(tmp_path, "safe", by_mqtt(mosquitto, tmp_path))
    complaints: list[str] = []
    with mosquitto.listening("doors/main/state") as heard, Door(read_door(file), complaints.append) as door:
        while json.loads(heard.next()[1])["door"] != "closed":
            continue
        door._brokers[0]._client._sock_close()  # as a machine that lost its power
        while json.loads(heard.next()[1])["door"] != "released":
            continue


def test_a_door_that_cannot_be_told_is_complained_of_and_the_others_are_told(tmp_path: Path) -> None:
    complaints: list[str] = []
    with Hook(status=500) as hook:
        file = settings(tmp_path, "secure", by_webhook(hook, tmp_path), by_command(tmp_path / "told"))
        with Door(read_door(file), complaints.append) as door:
            door.decided(accepted=True)
    assert len(complaints) == 3
    assert "500" in complaints[0]
    assert '"open"' in (tmp_path / "told").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[command]\nrun = ["/bin/true"]\n', "Choose"),
        ('fails = "open"\n[command]\nrun = ["/bin/true"]\n', "Choose"),
        ('fails = "safe"\n', "names nothing"),
        ('fails = "safe"\n[command]\nrun = "/bin/true"\n', "another kind"),
        ('fails = "safe"\n[command]\nrun = ["/bin/true"]\nshell = true\n', "command"),
        ('fails = "safe"\n[carrier_pigeon]\nname = "x"\n', "carrier_pigeon"),
        ('fails = "safe"\n[mqtt]\nurl = "mqtts://host"\n', "lacks"),
        ('fails = "safe"\n[webhook]\nurl = "https://host"\nsecret_file = "/nowhere"\n', "/nowhere"),
        ("fails = ", "TOML"),
    ],
)
def test_a_file_that_does_not_say_it_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "door.toml"
    file.write_text(text)
    with pytest.raises(WrongUse, match=said):
        read_door(file)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = settings(tmp_path, "safe", f'[webhook]\nurl = "https://host"\nsecret_file = "{tmp_path / "hook"}"\n')
    (tmp_path / "hook").chmod(0o644)
    with pytest.raises(WrongUse, match="chmod 600"):
        read_door(file)
    with pytest.raises(WrongUse, match="no file"):
        read_door(tmp_path / "none.toml")
