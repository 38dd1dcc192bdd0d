"""Advisories about installed packages, asked of a server made for the test: honest, hostile, slow and gone."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from time import monotonic

import pytest

from commands_in_process import run_json
from doorward.adapters.advisories import (
    LARGEST_ANSWER,
    MOST_PAGES,
    Advisory,
    Package,
    advisories,
    installed_closure,
)
from doorward.errors import SourceError
from doorward.wiring.doctor import examination
from doorward.wiring.doctor.dependencies import check_advisories
from doorward.wiring.doctor.finding import Finding, Severity

PILLOW, NUMPY = Package("pillow", "9.0.0"), Package("numpy", "1.26.4")
ONE = b'{"results": [{"vulns": [{"id": "GHSA-xxxx-1234", "modified": "2026-01-01T00:00:00Z"}]}, {}]}'


class Handler(BaseHTTPRequestHandler):
    """Keeps every question, and answers as the test says."""

    questions: list[dict[str, object]]
    answer: Callable[["Handler"], None]

    def do_POST(self) -> None:
        self.questions.append(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"))
        type(self).answer(self)

    do_GET = do_POST  # noqa: N815 - the library asks for this name

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the library's name
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that had enough are what is tested."""


@contextmanager
def database(answer: Callable[[Handler], None]) -> Iterator[tuple[str, list[dict[str, object]]]]:
    questions: list[dict[str, object]] = []
    handler = type("Asked", (Handler,), {"questions": questions, "answer": staticmethod(answer)})
    with Server(("127.0.0.1", 0), handler) as server:
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/querybatch", questions
        finally:
            server.shutdown()
            thread.join()


def test_each_advisory_is_told_of_its_package() -> None:
    with database(lambda asked: asked.say(ONE)) as (url, questions):
        assert advisories([PILLOW, NUMPY], url) == (Advisory(PILLOW, "GHSA-xxxx-1234"),)
    assert questions == [
        {
            "queries": [
                {"package": {"ecosystem": "PyPI", "name": "pillow"}, "version": "9.0.0"},
                {"package": {"ecosystem": "PyPI", "name": "numpy"}, "version": "1.26.4"},
            ]
        }
    ]


def test_further_pages_are_asked_for() -> None:
    pages = [
        b'{"results": [{"vulns": [{"id": "A-1"}]}, {"vulns": [{"id": "A-2"}], "next_page_token": "more"}]}',
        b'{"results": [{"vulns": [{"id": "A-2"}, {"id": "A-3"}]}]}',
    ]
    with database(lambda asked: asked.say(pages[len(asked.questions) - 1])) as (url, questions):
        found = advisories([PILLOW, NUMPY], url)
    assert found == (Advisory(PILLOW, "A-1"), Advisory(NUMPY, "A-2"), Advisory(NUMPY, "A-3"))
    query = {"package": {"ecosystem": "PyPI", "name": "numpy"}, "version": "1.26.4", "page_token": "more"}
    assert questions[1:] == [{"queries": [query]}]


def test_pages_without_end_are_not_read_without_end() -> None:
    endless = b'{"results": [{"next_page_token": "more"}]}'
    with database(lambda asked: asked.say(endless)) as (url, questions), pytest.raises(SourceError):
        advisories([PILLOW], url)
    assert len(questions) == MOST_PAGES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"results": {}}',
        b'{"results": []}',
        b'{"results": [{}]}',
        b'{"results": [{}, {}, {}]}',
        b'{"results": [{}, null]}',
        b'{"results": [{}, {"vulns": "GHSA-1"}]}',
        b'{"results": [{}, {"vulns": ["GHSA-1"]}]}',
        b'{"results": [{}, {"vulns": [{"id": 7}]}]}',
        b'{"results": [{}, {"vulns": [{"id": "GHSA 1 \\u001b[2J"}]}]}',
        b'{"results": [{}, {"vulns": [{"id": "../../secret"}]}]}',
        b'{"results": [{}, {"vulns": [{"id": "' + b"A" * 101 + b'"}]}]}',
        b"[" * 100_000,
        b'{"results": ' + b"9" * 10_000 + b"}",
        ONE + b" " * LARGEST_ANSWER,
    ],
    ids=range(18),
)
def test_an_answer_in_another_form_counts_as_none(body: bytes) -> None:
    with database(lambda asked: asked.say(body)) as (url, _), pytest.raises(SourceError):
        advisories([PILLOW, NUMPY], url)


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_a_refusal_counts_as_none(status: int) -> None:
    with database(lambda asked: asked.say(ONE, status)) as (url, _), pytest.raises(SourceError):
        advisories([PILLOW, NUMPY], url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_else_is_asked_in_its_place(status: int) -> None:
    with (
        database(lambda asked: asked.say(ONE)) as (elsewhere, told),
        database(lambda asked: asked.say(b"", status, Location=elsewhere)) as (url, _),
        pytest.raises(SourceError),
    ):
        advisories([PILLOW, NUMPY], url)
    assert told == []


def test_a_server_that_drips_is_left() -> None:
    left = threading.Event()

    def drip(asked: Handler) -> None:
        asked.send_response(200)
        asked.flush_headers()
        while not left.wait(0.05):
            asked.wfile.write(b"X-Drop: 1\r\n")

    with database(drip) as (url, _):
        before = monotonic()
        with pytest.raises(SourceError):
            advisories([PILLOW], url, seconds=0.4)
        assert monotonic() - before < 3
        left.set()


def test_where_nobody_answers() -> None:
    with pytest.raises(SourceError):
        advisories([PILLOW], "http://127.0.0.1:1/")


def test_the_closure_is_what_doorward_needs_and_no_more() -> None:
    closure = {package.name: package.version for package in installed_closure("doorward")}
    assert closure["numpy"] == version("numpy")
    assert closure["opencv-python-headless"] == version("opencv-python-headless")
    assert {"starlette", "pydantic", "anyio", "cffi"} <= closure.keys()  # pulled in by what is named
    assert not {"doorward", "pytest", "ruff", "mypy"} & closure.keys()
    assert installed_closure("no-such-distribution") == ()


def test_findings_name_package_version_and_advisory() -> None:
    (finding,) = check_advisories(lambda _: (Advisory(PILLOW, "GHSA-xxxx-1234"),))
    assert (finding.id, finding.severity) == ("dependency-advisory", Severity.WARNING)
    assert finding.what == "pillow 9.0.0 has the advisory GHSA-xxxx-1234."
    assert "https://osv.dev/vulnerability/GHSA-xxxx-1234" in finding.mend


def test_an_unreachable_database_is_a_note() -> None:
    (finding,) = check_advisories(lambda packages: advisories(packages, "http://127.0.0.1:1/"))
    assert (finding.id, finding.severity) == ("advisories-unreachable", Severity.NOTE)


def test_they_are_asked_for_only_when_the_option_says_so(
    folder: object, passphrase_file: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def ask() -> Iterator[Finding]:
        asked.append("once")
        yield from check_advisories(lambda _: (Advisory(NUMPY, "PYSEC-1"),))

    monkeypatch.setattr(examination, "check_advisories", ask)
    site = ("--site", folder, "--passphrase-file", passphrase_file)
    without = {one["id"] for one in run_json(capsys, "doctor", *site)[1]["findings"]}
    assert (asked, "advisories-not-asked" in without) == ([], True)
    told = {one["id"] for one in run_json(capsys, "doctor", "--advisories", *site)[1]["findings"]}
    assert (asked, "dependency-advisory" in told, "advisories-not-asked" in told) == (["once"], True, False)
    status, refused = run_json(capsys, "doctor", "--advisories", "--outside", "https://127.0.0.1:1")
    assert (status, refused["error"]["code"]) == (2, "wrong_use")
