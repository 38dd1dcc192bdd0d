"""Errors, limits, headers and the log: what a client can and cannot make the server do or say."""

import json
import logging
import re
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import DoorwardError
from doorward.http import app
from doorward.http.limits import TokenBuckets
from doorward.kernel.permissions import Scope
from doorward.people.membership import lasting
from doorward.people.person import Person
from doorward.wiring.face.housekeeping import Undone
from doorward.wiring.face.site import Site
from integration.http.running import GRACE, PURPOSE, ROOMY, SLOW, Running, run

CANARY = "Zebulon"


def all_errors(root: type[DoorwardError] = DoorwardError) -> dict[str, type[DoorwardError]]:
    found = {root.code: root}
    for error in root.__subclasses__():
        found |= all_errors(error)
    return found


@pytest.mark.parametrize(
    ("method", "address", "content", "status", "code"),
    [
        ("GET", f"/v1/{CANARY}", b"", 404, "not_found"),
        ("PUT", "/v1/people", b"", 405, "method_not_allowed"),
        ("GET", f"/v1/people/{CANARY}", b"", 422, "request_invalid"),
        ("POST", "/v1/people", b"{", 422, "request_invalid"),
        ("POST", "/v1/people", b"\xff", 422, "request_invalid"),
        ("POST", "/v1/people", b"[" * 60_000, 422, "request_invalid"),
        ("POST", "/v1/people", b"", 422, "request_invalid"),
        ("POST", "/v1/people", b'{"display_name": "A", "%s": 1}' % CANARY.encode(), 422, "request_invalid"),
        ("POST", "/v1/people", b'{"display_name": "A", "birth_date": "%s"}' % CANARY.encode(), 422, "request_invalid"),
        ("POST", "/v1/people", b'{"display_name": "%s"}' % (CANARY.encode() * 100), 422, "request_invalid"),
        ("POST", "/v1/people", b'{"display_name": "A", "birth_date": "2999-01-01"}', 400, "wrong_use"),
        ("POST", "/v1/people", b'{"display_name": "%s"}' % (b"A" * 70_000), 413, "body_too_large"),
    ],
)
def test_every_error_is_a_problem_document(
    running: Running, method: str, address: str, content: bytes, status: int, code: str
) -> None:
    client = running.client(Scope.PEOPLE_READ, Scope.PEOPLE_WRITE)
    json_type = {"content-type": "application/json"}
    answer = client.request(method, address, content=content or None, headers={**PURPOSE, **json_type})
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert document["type"] == f"urn:doorward:error:{code}"
    assert set(document) == {"type", "title", "status", "detail", "code"}
    assert all_errors()[code].status == status
    assert CANARY not in answer.text


def test_a_fault_of_the_servers_own_tells_nobody_anything(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def read(self, *_: object) -> None:
            raise RuntimeError(f"{CANARY} was in a message")

    with caplog.at_level(logging.DEBUG), run(running.site, crowd=Broken()) as server:
        answer = server.client(Scope.CROWD_READ).get("/v1/crowd/intervals?scene=hall")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text + caplog.text
    assert CANARY not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


def test_work_that_takes_too_long_is_not_waited_for(running: Running) -> None:
    class Slow:
        def read(self, *_: object) -> None:
            time.sleep(0.6)

    with run(running.site, replace(ROOMY, request_seconds=0.2), crowd=Slow()) as server:
        answer = server.client(Scope.CROWD_READ).get("/v1/crowd/intervals?scene=hall")
    assert (answer.status_code, answer.json()["code"]) == (503, "time_limit_exceeded")
    assert int(answer.headers["retry-after"]) > 0


def test_an_oversized_photo_is_refused_by_its_announced_and_by_its_real_length(running: Running) -> None:
    client = running.client(Scope.VERIFY)
    announced = client.post("/v1/verifications", files={"photo": b"\0" * (21 * 1024 * 1024)})
    assert (announced.status_code, announced.json()["code"]) == (413, "body_too_large")

    def endless() -> object:
        for _ in range(70):
            yield b"\0" * 1024

    streamed = running.client(Scope.PEOPLE_WRITE).post(
        "/v1/people",
        content=endless(),  # type: ignore[arg-type] # a generator of bytes
        headers={"content-type": "application/json"},
    )
    assert (streamed.status_code, streamed.json()["code"]) == (413, "body_too_large")


def test_a_slow_body_and_slow_headers_are_not_waited_for(running: Running) -> None:
    with run(running.site, replace(SLOW, header_seconds=0.5)) as server:
        secret = server.token(Scope.PEOPLE_WRITE)
        head = f"POST /v1/people HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
        began = time.monotonic()
        told = speak(server, head + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        assert b" 408 " in told.splitlines()[0]
        assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "body_too_slow"
        assert speak(server, "GET /healthz HTTP/1.1\r\nHost: ") == b""
        assert time.monotonic() - began < 5


def test_what_is_no_http_is_told_so_in_a_problem_document(running: Running) -> None:
    for sent in ("NONSENSE\r\n\r\n", f"GET / HTTP/1.1\r\nX: {'x' * 20_000}\r\n\r\n"):
        told = speak(running, sent)
        assert b" 400 " in told.splitlines()[0]
        assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "wrong_use"


def speak(server: Running, text: str) -> bytes:
    """Send ``text`` over TLS and read until the server ends the connection."""
    with open_tls(server) as connection:
        connection.sendall(text.encode())
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


def open_tls(server: Running, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    parts = urlsplit(server.address)
    assert parts.hostname is not None
    plain = socket.create_connection((parts.hostname, parts.port or 0), timeout=10)
    return (context or server.context).wrap_socket(plain, server_hostname=parts.hostname)


def test_plain_http_gets_nothing(running: Running) -> None:
    parts = urlsplit(running.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        try:
            while part := plain.recv(4096):
                received += part
        except ConnectionResetError:
            pass
    assert b"HTTP" not in received
    assert b"ok" not in received


def test_tls_is_1_2_or_newer(running: Running) -> None:
    with open_tls(running) as connection:
        assert connection.version() in ("TLSv1.2", "TLSv1.3")
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        open_tls(running, old)


def test_answers_are_not_kept_framed_or_guessed_at(running: Running) -> None:
    for address in ("/healthz", "/v1/people", "/nowhere"):
        headers = running.client().get(address).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "max-age" in headers["strict-transport-security"]
        assert "server" not in headers


def test_the_log_has_method_template_status_and_time_and_knows_nobody(
    running: Running, grace: Person, caplog: pytest.LogCaptureFixture
) -> None:
    client = running.client(Scope.PEOPLE_READ, Scope.VERIFY)
    with caplog.at_level(logging.DEBUG):
        client.get(f"/v1/people/{grace.id}", params={"purpose": CANARY})
        client.get(f"/{CANARY}")
        client.request(CANARY.upper(), "/healthz")
        client.post("/v1/verifications", files={"photo": (CANARY, GRACE)}, data={"badge": CANARY})
        client.post("/v1/verifications", files={"photo": (CANARY, CANARY.encode())}, data={"badge": CANARY})
    lines = [record.getMessage() for record in caplog.records if record.name == "doorward.http"]
    assert [re.sub(r"\d+ ms", "? ms", line) for line in lines] == [
        "GET /v1/people/{person} 200 ? ms",
        "GET - 404 ? ms",
        "other /healthz 405 ? ms",
        "POST /v1/verifications 200 ? ms",
        "POST /v1/verifications 422 ? ms",
    ]
    served = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    for secret in (CANARY, CANARY.upper(), grace.id, "Grace", client.headers["authorization"][7:]):
        assert secret not in served


@given(
    burst=st.integers(1, 50),
    rate=st.floats(0.1, 100),
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=100),
)
def test_no_key_gets_more_than_its_burst_and_its_rate(burst: int, rate: float, pauses: list[float]) -> None:
    now = 0.0
    buckets = TokenBuckets(rate, burst, lambda: now)
    taken = 0
    for pause in pauses:
        now += pause
        wait = buckets.wait("key")
        taken += not wait
        assert wait <= 1 / rate + 1e-9
    assert taken <= burst + rate * now + 1e-6
    assert buckets.wait("another") == 0.0


def test_many_keys_take_no_more_memory_than_set_aside() -> None:
    buckets = TokenBuckets(1.0, 1, lambda: 0.0)
    for number in range(25_000):
        assert buckets.wait(f"address {number}") == 0.0


def test_more_work_than_waits_is_sent_away_and_nothing_is_lost(running: Running, grace: Person) -> None:
    """People added and groups given at the same time, in a queue that is too short for all of them."""
    with run(running.site, replace(ROOMY, threads=2, waiting=2)) as server, ThreadPoolExecutor(8) as together:
        clients = [server.client(Scope.PEOPLE_WRITE) for _ in range(8)]

        def permit(number: int) -> tuple[str, httpx.Response]:
            group = f"group {number}"
            address = f"/v1/people/{grace.id}/groups"
            return group, clients[number % 8].post(address, json={"group": group})

        answers = list(together.map(permit, range(40)))
    given = {group for group, answer in answers if answer.status_code == 200}
    assert {answer.status_code for _, answer in answers} == {200, 429}
    assert all(answer.headers["retry-after"] == "1" for _, answer in answers if answer.status_code == 429)
    assert running.site.stores.people.get(grace.id).memberships == lasting(given | {"everyone"})


def test_the_document_describes_tokens_scopes_and_forms(running: Running) -> None:
    document = running.client(Scope.VERIFY).get("/v1/openapi.json").json()
    assert document["security"] == [{"token": []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []
    form = document["paths"]["/v1/verifications"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["photo"] == {"type": "string", "format": "binary"}
    assert form["additionalProperties"] is False


def test_housekeeping_goes_round_and_its_failures_are_logged(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = threading.Semaphore(0)

    def kept(_site: Site, alone: AbstractContextManager[object]) -> tuple[Undone, ...]:
        for _ in range(2):
            with alone:
                pass
        rounds.release()
        return (Undone("back up the keys", "storage"),)

    monkeypatch.setattr(app, "ROUND", timedelta(milliseconds=10))
    monkeypatch.setattr(app, "keep_house", kept)
    with run(site):
        assert all(rounds.acquire(timeout=20) for _ in range(3))
    assert "housekeeping is not done yet: back up the keys: storage" in caplog.messages
