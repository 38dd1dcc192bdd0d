"""The live view over HTTP: what is decided anywhere at the site, and never about whom."""

import errno
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

import doorward.http.face.live as streaming
from doorward.kernel.permissions import Scope
from doorward.passages.live import AWAY, HERE, LiveKind
from doorward.people.person import Person
from doorward.wiring.face.site import Site
from integration.http.running import EILEEN, GRACE, ROOMY, Running, run

FOLLOWS_S = 5.0


def told(lines: Iterator[str]) -> dict[str, Any]:
    """The next event that a reader of the stream sees."""
    for line in lines:
        if line.startswith("data: "):
            held: dict[str, Any] = json.loads(line.removeprefix("data: "))
            return held
    raise AssertionError("the stream ended")


@pytest.fixture
def lines(running: Running) -> Iterator[Iterator[str]]:
    """Of one stream, from when the server follows the site."""
    with running.client(Scope.LIVE_READ).stream("GET", "/v1/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        read = answer.iter_lines()
        assert next(read) == "retry: 2000"
        yield read


def test_decisions_are_told_by_random_ids_and_nobody_is_named(
    running: Running, lines: Iterator[str], grace: Person
) -> None:
    client = running.client(Scope.VERIFY)
    events = []
    for photo in (GRACE, GRACE, EILEEN):
        answer = client.post("/v1/verifications", files={"photo": photo}, data={"person": grace.id})
        events.append((answer.json()["decision"], told(lines)))
    assert [decision for decision, _ in events] == ["accepted", "accepted", "refused"]
    for decision, event in events:
        assert set(event) == {"event", "at", "kind", "checkpoint", "decision"}
        assert (event["kind"], event["checkpoint"], event["decision"]) == ("decision", None, decision)
    assert len({event["event"] for _, event in events}) == 3


def test_another_process_is_heard_and_what_holds_is_told_to_who_comes_late(
    running: Running, lines: Iterator[str], site: Site
) -> None:
    code = (
        "import sys; from doorward.adapters.unix_socket.datagrams import DatagramChannel\n"
        "from doorward.adapters.system import SystemClock, SystemRandomness\n"
        "from doorward.passages.live import LiveKind; from doorward.wiring.face.live import LiveView\n"
        "from pathlib import Path\n"
        "live = LiveView(DatagramChannel(Path(sys.argv[1])), SystemClock(), SystemRandomness())\n"
        "live.state(LiveKind.CAMERA, 'Back door', 'away'); live.decided('Back door', accepted=True)"
    )
    subprocess.run([sys.executable, "-c", code, str(site.folder / "live")], check=True)
    assert [told(lines)["state"], told(lines)["decision"]] == ["away", "accepted"]
    with running.client(Scope.LIVE_READ).stream("GET", "/v1/live") as late:
        held = told(late.iter_lines())
    assert (held["kind"], held["checkpoint"], held["state"]) == ("camera", "Back door", "away")


def test_only_a_token_for_it_opens_a_stream_and_not_too_many(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert running.client(Scope.PASSAGES_READ).get("/v1/live").status_code == 403
    assert running.client().get("/v1/live").status_code == 401
    monkeypatch.setattr(streaming, "MOST", 0)
    answer = running.client(Scope.LIVE_READ).get("/v1/live")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")


def test_a_stream_ends_by_itself_and_shows_that_it_stands(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", 0.05)
    monkeypatch.setattr(streaming, "LONGEST_S", 0.3)
    begun = time.monotonic()
    lines = running.client(Scope.LIVE_READ).get("/v1/live").text.splitlines()
    assert time.monotonic() - begun < FOLLOWS_S
    assert ":" in lines


def test_who_reads_too_slowly_is_let_go(running: Running, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "WAITING", 4)
    with running.client(Scope.LIVE_READ).stream("GET", "/v1/live") as answer:
        read = answer.iter_raw()
        next(read)
        for _ in range(3000):
            site.live.decided("x" * 190, accepted=True)
        assert sum(octets.count(b"data: ") for octets in read) < 3000


def test_who_stops_reading_is_cut_off_and_counts_until_then(
    running: Running, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MOST", 1)
    with run(site, replace(ROOMY, stalled_seconds=0.3)) as server:
        client = server.client(Scope.LIVE_READ)
        with standing(server) as still:
            until = time.monotonic() + 2 * FOLLOWS_S
            while (status := opened(client)) == 429:
                for _ in range(100):
                    site.live.decided("\U0001f6aa" * 190, accepted=True)
                assert time.monotonic() < until
            assert status == 200
            assert still.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET


def opened(client: httpx.Client) -> int:
    """The status of a stream that is closed again at once."""
    with client.stream("GET", "/v1/live") as answer:
        return answer.status_code


@contextmanager
def standing(server: Running) -> Iterator[ssl.SSLSocket]:
    """A stream of which nothing is read but its beginning."""
    place = httpx.URL(server.address)
    with socket.create_connection((place.host, place.port or 0)) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with server.context.wrap_socket(plain, server_hostname=place.host) as encrypted:
            asked = f"GET /v1/live HTTP/1.1\r\nHost: {place.host}\r\n"
            encrypted.sendall(f"{asked}Authorization: Bearer {server.token(Scope.LIVE_READ)}\r\n\r\n".encode())
            assert encrypted.recv(2000).startswith(b"HTTP/1.1 200")
            yield encrypted


def test_states_are_told_once_and_signs_of_life_keep_quiet(lines: Iterator[str], site: Site) -> None:
    for _ in range(5):
        site.live.is_here(LiveKind.CAMERA, "Side door")
    site.live.state(LiveKind.CAMERA, "Side door", AWAY)
    states = [told(lines), told(lines)]
    while states[0]["checkpoint"] != "Side door":
        states = [states[1], told(lines)]
    assert [one["state"] for one in states] == [HERE, AWAY]
