"""The command, the server that refuses to start, and a server looked at from outside."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509

from commands_in_process import run_json
from doorward.adapters.tls import CERTIFICATE, VALIDITY
from doorward.cli.program import run
from doorward.http.app import guarded_routes
from doorward.wiring.doctor.examination import examine_site
from doorward.wiring.doctor.outside import check_certificate
from doorward.wiring.face.opening import DATA, TLS
from doorward.wiring.face.site import Site
from doorward.wiring.serving import one_of_the_servers, serving_at, site_transport
from integration.http.running import run as serve

NOW = datetime.now(UTC)


def options(folder: Path, passphrase_file: Path) -> tuple[str, ...]:
    return "--site", str(folder), "--passphrase-file", str(passphrase_file)


def test_a_sound_site_has_no_critical_finding(
    folder: Path, passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run_json(capsys, "doctor", "--deep", *options(folder, passphrase_file))
    assert (status, told["critical"]) == (0, 0)
    assert {"passphrase-cost-low"} <= {finding["id"] for finding in told["findings"]}
    assert all(finding.keys() == {"id", "severity", "what", "why", "mend"} for finding in told["findings"])


def test_a_critical_finding_ends_with_status_3(
    folder: Path, passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.chmod(0o777)
    status, told = run_json(capsys, "doctor", *options(folder, passphrase_file))
    assert (status, told["critical"], told["findings"][0]["severity"]) == (3, 1, "critical")
    assert run(["doctor", *options(folder, passphrase_file)]) == 3
    printed = capsys.readouterr().out
    assert "CRITICAL folder-open-to-writers" in printed
    assert "Mend: chmod 700" in printed


def test_a_damaged_site_is_told_without_its_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / DATA).write_bytes(b"no database" * 1000)
    status, told = run_json(capsys, "doctor", "--site", folder)
    assert (status, told["findings"][0]["id"]) == (3, "database-damaged")


def test_serve_refuses_what_is_critical_unless_each_is_named(
    folder: Path, passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.chmod(0o777)
    (folder / DATA).chmod(0o666)
    with socket.socket() as taken:  # a server that gets as far as its port ends there
        taken.bind(("127.0.0.1", 0))
        command = ("serve", "--port", taken.getsockname()[1], *options(folder, passphrase_file))
        status, told = run_json(capsys, *command)
        assert (status, told["error"]["code"]) == (1, "critical_findings")
        assert "folder-open-to-writers" in told["error"]["message"]
        one = (*command, "--accept-finding", "folder-open-to-writers")
        assert run_json(capsys, *one)[1]["error"]["code"] == "critical_findings"
        both = (*one, "--accept-finding", "file-open-to-writers")
        assert run_json(capsys, *both)[1]["error"]["code"] == "address_in_use"


def test_a_running_server_is_examined_from_outside(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with one_of_the_servers(site.folder) as announce, serve(site) as running:
        assert serving_at(site.folder) == ()
        announce(running.address)
        assert serving_at(site.folder) == (running.address,)
        assert [one.id for one in examine_site(site, guarded_routes()) if one.severity == "critical"] == []
        status, told = run_json(capsys, "doctor", "--outside", running.address)
        beside = [finding for finding in told["findings"] if finding["id"] != "neighbour-port-open"]
        assert (status, told["critical"], beside) == (0, 0, [])
        text = running.client().get("/.well-known/security.txt").text
        assert "Contact: mailto:security@127.0.0.1\n" in text
        announce("https://127.0.0.1:1")
        assert "server-silent" in {one.id for one in examine_site(site, ())}
    assert serving_at(site.folder) == ()


def test_the_contact_is_told_to_everybody(
    site: Site, passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(site) as running:
        told = run_json(
            capsys, "admin", "contact", "https://example.org/security", *options(site.folder, passphrase_file)
        )
        assert told == (0, {"security_contact": "https://example.org/security"})
        answer = running.client().get("/.well-known/security.txt")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
        assert fields["Contact"] == "https://example.org/security"
        assert NOW < datetime.fromisoformat(fields["Expires"]) < NOW + timedelta(days=365)
        assert running.client().post("/.well-known/security.txt").status_code == 405
    for wrong in ("me", "mailto:", "http://example.org", "javascript:alert(1)", "mailto:a@example.org\nExpires: 0"):
        assert run_json(capsys, "admin", "contact", wrong, *options(site.folder, passphrase_file))[0] == 2


class _Careless(BaseHTTPRequestHandler):
    """Answers whoever asks, as the database of the case did."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path in ("/docs", "/v1/people") else 401)
        self.end_headers()

    do_POST = do_DELETE = do_GET  # noqa: N815 - the library asks for these names

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the library's name
        pass


@contextmanager
def careless(context: ssl.SSLContext | None) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Careless)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_open_routes_and_outdated_tls_are_found(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    context = site_transport(site).context
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    with careless(context) as address:
        status, told = run_json(capsys, "doctor", "--outside", address)
    assert status == 3
    found = {(finding["id"], finding["what"].split(" answers")[0]) for finding in told["findings"]}
    assert {("open-route", "GET /docs"), ("open-route", "GET /v1/people"), ("open-route", "POST /v1/people")} <= found
    assert ("open-route", "GET /metrics") not in found
    assert [what for finding, what in found if finding == "tls-outdated"]


def test_plain_http_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    with careless(None) as address:
        status, told = run_json(capsys, "doctor", "--outside", address)
    assert (status, told["findings"][0]["id"], told["critical"]) == (3, "plain-http", 1)


def test_where_nothing_answers_nothing_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = run_json(capsys, "doctor", "--outside", "https://127.0.0.1:1")
    assert (status, told["error"]["code"]) == (1, "source_unreadable")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8443", "127.0.0.1", "https://", "https://[", "https://h:99999"])
def test_only_an_https_address_is_looked_at(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = run_json(capsys, "doctor", "--outside", url)
    assert (status, told["error"]["code"]) == (2, "wrong_use")


def test_a_certificate_near_and_past_its_end(folder: Path) -> None:
    certificate = x509.load_pem_x509_certificate((folder / TLS / CERTIFICATE).read_bytes())
    for age, expected in ((0, []), (800, ["certificate-expires-soon"]), (VALIDITY.days + 1, ["certificate-expired"])):
        assert [one.id for one in check_certificate(certificate, NOW + timedelta(days=age))] == expected
