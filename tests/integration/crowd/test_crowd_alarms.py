"""Alarms from the run to a broker, a webhook, the command line and HTTP."""

import json
import struct
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from uuid import UUID

import pytest

from brokers import PASSWORD, USER, Broker, broker
from doorward.adapters.notify.webhook import secret_octets, signature
from doorward.cli.program import run
from doorward.crowd.geometry import Points
from doorward.crowd.tracks import Track, Tracker
from doorward.errors import WrongUse
from doorward.settings.crowd.alarms_file import load_alarms
from fakes.crowd_files import write_overhead_clip

SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def hook() -> Iterator[tuple[str, "Queue[tuple[dict[str, str], bytes]]"]]:
    taken: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/alarms", taken
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").touch()
    return tmp_path


def counted(site: Path, alarms: Path) -> int:
    """A run over a clip in which two people fill a zone with a limit of two, at once."""
    clip, scene = write_overhead_clip(site)
    levels = "\n[levels]\nsustained = 1\n"
    scene.write_text(scene.read_text().replace("[[zones]]", "[[zones]]\nlimit = 2") + levels)
    arguments = ["--source", str(clip), "--scene", str(scene), "--site", str(site), "--alarms", str(alarms)]
    return run(["crowd", "run", "hall", *arguments])


@pytest.fixture
def tracked(monkeypatch: pytest.MonkeyPatch) -> set[bytes]:
    """What the tracker of a run in this process knew: ids, and places in metres, as text or as SQLite writes them."""
    known: set[bytes] = set()
    update = Tracker.update

    def watched(tracker: Tracker, seconds: float, points: Points) -> tuple[Track, ...]:
        tracks = update(tracker, seconds, points)
        for track in tracks:
            known.update((track.id.encode(), UUID(track.id).bytes, track.id.replace("-", "").encode()))
            for metres in (*track.position, *(track.point or ())):
                known.update((struct.pack(">d", metres), struct.pack("<d", metres), repr(metres).encode()))
        return tracks

    monkeypatch.setattr(Tracker, "update", watched)
    return known


def test_an_alarm_is_stored_told_and_acknowledged(
    site: Path,
    tracked: set[bytes],
    mosquitto: Broker,
    hook: tuple[str, "Queue[tuple[dict[str, str], bytes]]"],
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, taken = hook
    (site / "password").write_text(f"{PASSWORD}\n")
    (site / "secret").write_text(f"{SECRET}\n")
    for name in ("password", "secret"):
        (site / name).chmod(0o600)
    receivers = (
        f'[[receivers]]\nmqtt = "{mosquitto.url}"\ntopic = "doors/crowd"\nuser = "{USER}"\n'
        f'password_file = "password"\nauthority = "{mosquitto.authority}"\n'
        f'[[receivers]]\nwebhook = "{address}"\nsecret_file = "secret"\n'
        '[[receivers]]\nwebhook = "http://127.0.0.1:9/"\nsecret_file = "secret"\nhand_over = true\n'
    )
    (site / "alarms.toml").write_text(receivers)
    with mosquitto.listening("doors/crowd/#") as heard:
        assert counted(site, site / "alarms.toml") == 0
        topic, body, retained = heard.next()
    assert (topic, retained) == ("doors/crowd/hall/limit", False)
    message = json.loads(body)
    assert (message["event"], message["scene"], message["place"], message["kind"]) == (
        "raised",
        "hall",
        "hall",
        "limit",
    )

    headers, signed = taken.get(timeout=5)
    assert json.loads(signed) == message
    moment = headers["webhook-timestamp"]
    assert headers["webhook-signature"] == signature(secret_octets(SECRET), headers["webhook-id"], moment, signed)
    said = capsys.readouterr()
    assert "Alarm: limit in hall hall" in said.err.replace("\n", " ")
    assert PASSWORD not in said.err + said.out
    assert SECRET not in said.err + said.out
    assert len(tracked) > 100
    files = [path.read_bytes() for path in site.rglob("crowd.db*")]
    assert files
    for told in (body, signed, topic.encode(), said.err.encode(), said.out.encode(), *files):
        assert not [known for known in tracked if known in told], "a track, or where it was, left the process"

    assert run(["crowd", "alarms", "--site", str(site), "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["alarms"]
    assert {name: message[name] for name in shown} == shown
    take = ["crowd", "acknowledge", shown["id"], "--by", "control room", "--site", str(site), "--json"]
    assert run(take) == 0
    assert json.loads(capsys.readouterr().out)["acknowledged_by"] == "control room"
    assert run(["crowd", "alarms", "hall", "--site", str(site)]) == 0
    assert "control" in capsys.readouterr().out
    take[2] = "nowhere"
    assert run(take) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_found"
    assert run(["crowd", "acknowledge", shown["id"], "--by", "\x07", "--site", str(site)]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "zone_safety = 9",
        "zone_safety = 1.5",
        "colour = 1",
        "[[receivers]]",
        '[[receivers]]\nmqtt = "mqtts://b"',
        '[[receivers]]\nwebhook = "https://b/"',
        '[[receivers]]\nwebhook = "https://b/"\nsecret_file = "missing"',
        '[[receivers]]\nwebhook = "https://b/"\nmqtt = "mqtts://b"',
        '[[receivers]]\nmqtt = "mqtts://b"\ntopic = "t"\nsecret_file = "s"',
    ],
)
def test_an_alarms_file_that_does_not_fit_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "alarms.toml"
    path.write_text(text)
    with pytest.raises(WrongUse):
        load_alarms(path)


@pytest.mark.parametrize("address", ["http://elsewhere.example/", "https://user:geheim@b/"])
def test_an_address_that_would_tell_secrets_is_refused_before_anything_is_counted(
    site: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "secret").write_text(SECRET)
    (site / "alarms.toml").write_text(f'[[receivers]]\nwebhook = "{address}"\nsecret_file = "secret"\n')
    assert counted(site, site / "alarms.toml") == 2
    assert "geheim" not in capsys.readouterr().err
