"""Sockets that this process opens as a debugger or a careless server would, and ports beside a server's."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import monotonic

import pytest

from commands_in_process import run_json
from doorward.adapters.listeners import listeners
from doorward.adapters.ports import Answer, OpenPort, first_answer, open_ports
from doorward.http.app import guarded_routes
from doorward.wiring.doctor import neighbours
from doorward.wiring.doctor.examination import examine_before_serving, examine_site
from doorward.wiring.doctor.finding import Finding, Severity, critical
from doorward.wiring.doctor.ports import check_listeners, check_own_listeners
from doorward.wiring.face.site import Site
from doorward.wiring.serving import one_of_the_servers, site_transport
from integration.http.running import run as serve

NO_SUCH_ADDRESS = "192.0.2.1"
MONGODB = neighbours.SERVICES[27017]


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A process table with this process alone: others, of tests that run beside, have ports of their own."""
    folder = tmp_path / "proc"
    folder.mkdir()
    (folder / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    return folder


@contextmanager
def answering(status: int, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers every request with ``status``; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the library's name
            pass

    class Server(HTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Server((host, 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def greeting(octets: bytes) -> Iterator[int]:
    """A server that says ``octets`` first, whoever connects, as databases and remote desktops do."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(octets)
                    connection.recv(4096)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def found(findings: Iterator[Finding]) -> list[tuple[str, Severity]]:
    return [(finding.id, finding.severity) for finding in findings]


def test_a_process_that_listens_nowhere(proc: Path) -> None:
    assert list(check_listeners(proc)) == []
    assert list(check_listeners(proc / "absent")) == []


def test_what_answers_without_a_credential_keeps_a_server_from_starting(site: Site, proc: Path) -> None:
    with answering(200) as port:
        (finding,) = check_listeners(proc)
        assert (finding.id, finding.severity) == ("open-port", Severity.CRITICAL)
        assert f"127.0.0.1:{port} (TCP), on this machine" in finding.what
        assert found(check_own_listeners()) == [("open-port", Severity.CRITICAL)]
        assert [one.id for one in critical(examine_before_serving(site))] == ["open-port"]
    assert critical(examine_before_serving(site)) == ()


def test_what_greets_whoever_connects(proc: Path) -> None:
    with greeting(b"RFB 003.008\n"):
        assert found(check_listeners(proc)) == [("open-port", Severity.CRITICAL)]


def test_what_does_not_say_what_it_is(proc: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        assert found(check_listeners(proc)) == [("unknown-port", Severity.WARNING)] * 2
        datagrams.connect(("127.0.0.1", 9))
        assert found(check_listeners(proc)) == [("unknown-port", Severity.WARNING)]


def test_what_speaks_a_tls_that_is_not_agreed_on_does_not_say_what_it_is(proc: Path) -> None:
    with greeting(b"\x15\x03\x01\x00\x02\x02\x28"), answering(400):
        assert found(check_listeners(proc)) == [("unknown-port", Severity.WARNING)] * 2


@pytest.mark.parametrize("status", [401, 403, 429])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_what_asks_for_a_credential_is_told_only_when_others_reach_it(
    site: Site, proc: Path, status: int, host: str
) -> None:
    expected = [("listens-beyond-this-machine", Severity.NOTE)] if host == "0.0.0.0" else []
    with answering(status, host, site_transport(site).context):
        assert found(check_listeners(proc)) == expected
    with answering(status, host):
        assert found(check_listeners(proc)) == expected


def test_an_open_server_is_told_with_whom_it_is_open_to(site: Site, proc: Path) -> None:
    with answering(200, "0.0.0.0", site_transport(site).context):
        (finding,) = check_listeners(proc)
        assert finding.id == "open-port"
        assert "for other machines too" in finding.what


def test_the_sites_own_server_is_looked_at_as_a_server(site: Site, proc: Path) -> None:
    with serve(site):
        assert list(check_listeners(proc)) == []
    with answering(200) as port:
        assert list(check_listeners(proc, [("127.0.0.1", port)])) == []


def test_a_port_beside_the_server_is_found(site: Site) -> None:
    with one_of_the_servers(site.folder) as announce, serve(site) as running, answering(200) as port:
        announce(running.address)
        told = [one.what for one in examine_site(site, guarded_routes()) if one.id == "open-port"]
        assert len(told) == 1
        assert f":{port} " in told[0]


def test_a_process_that_the_system_hides(tmp_path: Path) -> None:
    folder = tmp_path / "proc" / "4711"
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes(b"/usr/bin/doorward\0serve\0")
    (folder / "fd").touch()  # no folder that could be listed
    assert found(check_listeners(tmp_path / "proc")) == [("processes-hidden", Severity.NOTE)]


@pytest.mark.parametrize(
    ("table", "digits", "shown"),
    [
        ("tcp", "0100007F:1538", "127.0.0.1:5432 (TCP)"),
        ("tcp", "00000000:1538", "0.0.0.0:5432 (TCP)"),
        ("tcp6", "00000000000000000000000001000000:1538", "[::1]:5432 (TCP)"),
        ("tcp6", "0000000000000000FFFF00000100007F:1538", "127.0.0.1:5432 (TCP)"),
        ("tcp6", "B80D0120000000000000000001000000:1538", "[2001:db8::1]:5432 (TCP)"),
    ],
)
def test_addresses_as_the_kernel_of_a_pc_writes_them(tmp_path: Path, table: str, digits: str, shown: str) -> None:
    folder = tmp_path / "4711"
    (folder / "net").mkdir(parents=True)
    (folder / "fd").mkdir()
    (folder / "fd" / "3").symlink_to("socket:[77]")
    rows = ((digits, "0A", 77), (digits, "01", 77), (digits, "0A", 78), (digits[:-4] + "0000", "0A", 77))
    (folder / "net" / table).write_text(
        "head\n" + "".join(f" 0: {at} 0:0 {state} 0:0 0:0 0 0 0 {inode} 1\n" for at, state, inode in rows)
    )
    assert [str(one) for one in listeners(4711, tmp_path) or ()] == [shown]


@pytest.mark.parametrize("process", [1, 2**22 + 1])  # before and after this one
def test_a_port_of_another_network_is_not_tried(process: int, proc: Path) -> None:
    """The same address is somebody else there: another container's loopback is not ours."""
    with answering(200) as port:
        folder = proc / str(process)
        for name in ("net", "fd", "ns"):
            (folder / name).mkdir(parents=True)
        (folder / "cmdline").write_bytes(b"/usr/bin/doorward\0serve\0")
        (folder / "fd" / "3").symlink_to("socket:[77]")
        (folder / "ns" / "net").symlink_to("net:[1]")
        (folder / "net" / "tcp").write_text(f"head\n 0: 0100007F:{port:04X} 0:0 0A 0:0 0:0 0 0 0 77 1\n")
        told = {one.what.split(" listens")[0]: one.id for one in check_listeners(proc)}
        assert told == {f"Process {process}": "unknown-port", f"Process {os.getpid()}": "open-port"}
        told = {one.what.split(" listens")[0]: one.id for one in check_listeners(proc, [("127.0.0.1", port)])}
        assert told == {f"Process {process}": "unknown-port"}


def test_an_open_port_on_the_servers_host_is_found(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(site) as running, socket.create_server(("127.0.0.1", 0)) as database:
        port = database.getsockname()[1]
        monkeypatch.setitem(neighbours.SERVICES, port, MONGODB)
        status, told = run_json(capsys, "doctor", "--outside", running.address)
    (finding,) = (one for one in told["findings"] if f":{port} " in one["what"])
    assert (status, finding["id"], finding["severity"]) == (0, "neighbour-port-open", "note")
    assert "2.5 million people" in finding["why"]


@pytest.mark.parametrize(
    ("host", "port", "severity"),
    [
        (NO_SUCH_ADDRESS, 27017, Severity.CRITICAL),
        (NO_SUCH_ADDRESS, 5432, Severity.WARNING),
        ("2001:db8::1", 554, Severity.WARNING),
        ("127.0.0.1", 27017, Severity.NOTE),
        ("::1", 27017, Severity.NOTE),
    ],
)
def test_how_bad_an_open_port_is_depends_on_what_listens_there_and_for_whom(
    host: str, port: int, severity: Severity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "open_ports", lambda *_: [OpenPort(host, port)])
    assert found(neighbours.check_neighbours(f"https://{NO_SUCH_ADDRESS}")) == [("neighbour-port-open", severity)]


def test_a_host_that_accepts_everything_is_told_once_and_the_servers_port_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [one.getsockname()[1], other.getsockname()[1]]
        monkeypatch.setattr(neighbours, "SERVICES", dict.fromkeys(ports, MONGODB))
        accepting = neighbours.check_neighbours("https://localhost:1")
        assert found(accepting) == [("every-port-accepts", Severity.NOTE)]
        monkeypatch.setattr(neighbours, "SERVICES", dict.fromkeys([*ports, 1], MONGODB))
        told = list(neighbours.check_neighbours(f"https://127.0.0.1:{ports[0]}"))
        assert [finding.what.split()[0] for finding in told] == [f"127.0.0.1:{ports[1]}"]


def test_ports_that_swallow_every_knock_take_no_longer_than_one() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003 - the library's signature
            one.connect_ex(full.getsockname())
        before = monotonic()
        assert open_ports("127.0.0.1", [full.getsockname()[1]], 0.3) == []
        assert 0.2 < monotonic() - before < 3
        for one in waiting:
            one.close()


def test_a_name_that_leads_nowhere_has_no_open_ports() -> None:
    assert open_ports("does-not-exist.invalid", [1], 0.1) == []


def test_a_port_that_nobody_listens_at_says_nothing() -> None:
    assert first_answer("127.0.0.1", 1, "/", 0.2) is Answer.SILENCE
