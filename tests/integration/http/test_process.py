"""The commands: a server in a process of its own, tokens, and the administrator's secret."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from doorward.adapters.tls import make_certificate
from doorward.cli.program import run as run_command
from doorward.errors import AddressInUse, Forbidden, SiteInUse, WrongUse
from doorward.http.server import STOP_SECONDS
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring import serving
from doorward.wiring.face.administrator import Administrator
from doorward.wiring.face.opening import create_site
from doorward.wiring.face.site import Site, open_site
from integration.http.running import PASSPHRASE, PURPOSE

CERTIFICATE = Path("tls", "site.crt")


@dataclass(frozen=True)
class Served:
    folder: Path
    options: list[str]
    process: subprocess.Popen[str]
    address: str
    fingerprint: str
    secret: str


def command(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    """One command with --json in this process: its exit status and its object."""
    capsys.readouterr()
    status = run_command([*arguments, "--json"])
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return status, told


@pytest.fixture(scope="module")
def site_options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place = tmp_path_factory.mktemp("process")
    create_site(place / "site", passphrase=PASSPHRASE, cost=CHEAPEST)
    (place / "passphrase").write_text(PASSPHRASE + "\n")
    return ["--site", str(place / "site"), "--passphrase-file", str(place / "passphrase")]


@pytest.fixture(scope="module")
def served(site_options: list[str]) -> Iterator[Served]:
    create = ["token", "create", "--name", "desk", "--scope", "people:read", "--scope", "people:write"]
    create += ["--scope", "live:read", *site_options]
    made = json.loads(doorward(*create, "--json").stdout)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from doorward.cli import main; main()",
            "serve",
            "--port",
            "0",
            "--json",
            *site_options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    try:
        yield Served(Path(site_options[1]), site_options, process, told["address"], told["fingerprint"], made["token"])
    finally:
        process.kill()
        process.communicate()


def doorward(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from doorward.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)


def test_a_server_tells_where_it_is_serves_and_stops_when_asked(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate = served.folder / CERTIFICATE
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    assert served.fingerprint == sha256(der).digest().hex(":").upper()

    headers = {"Authorization": f"Bearer {served.secret}", **PURPOSE}
    with httpx.Client(
        base_url=served.address, verify=ssl.create_default_context(cafile=str(certificate)), headers=headers
    ) as client:
        added = client.post("/v1/people", json={"display_name": "Zebulon"})
        assert added.status_code == 201
        assert client.get(f"/v1/people/{added.json()['id']}").json()["looks"][0]["actor"] == "token desk"

        with client.stream("GET", "/v1/live") as live:
            assert next(live.iter_lines()) == "retry: 2000"
            served.process.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            out, log = served.process.communicate(timeout=20)
            assert time.monotonic() - begun < STOP_SECONDS
    assert (served.process.returncode, out) == (0, "")
    assert "POST /v1/people 201" in log
    assert "GET /v1/people/{person} 200" in log
    for secret in ("Zebulon", added.json()["id"], served.secret, "127.0.0.1", "asked for"):
        assert secret not in log
    assert serving.serving_at(served.folder) == ()


def test_tokens_are_made_listed_and_revoked(site_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    create = ["token", "create", "--name", "gate", "--scope", "verify", "--expires"]
    status, made = command(*create, "30d", *site_options, capsys=capsys)
    assert (status, made["state"], made["scopes"]) == (0, "valid", ["verify"])
    assert str(made["token"]).startswith("doorward_")
    assert command(*create, "2020-01-01", *site_options, capsys=capsys)[0] == 2
    assert command(*create, "soon", *site_options, capsys=capsys)[0] == 2
    assert command(*create, "9999d", *site_options, capsys=capsys)[0] == 2
    status, revoked = command("token", "revoke", "gate", *site_options, capsys=capsys)
    assert (status, revoked["state"]) == (0, "revoked")
    assert command("token", "revoke", "nobody", *site_options, capsys=capsys)[0] == 1
    _, listed = command("token", "list", *site_options, capsys=capsys)
    states = {one["name"]: one["state"] for one in listed["tokens"]}  # type: ignore[attr-defined] # a list of objects
    assert states["gate"] == "revoked"
    assert str(made["token"]) not in json.dumps(listed)


def test_beyond_loopback_only_with_an_administrators_secret(
    site_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = command("serve", "--host", "0.0.0.0", "--port", "0", *site_options, capsys=capsys)
    assert (status, told["error"]["code"]) == (1, "forbidden")  # type: ignore[index] # an error object
    secret = tmp_path / "secret"
    secret.write_text("too short")
    assert command("admin", "secret", "--secret-file", str(secret), *site_options, capsys=capsys)[0] == 2
    secret.write_text("five random words of mine\n")
    assert command("admin", "secret", "--secret-file", str(secret), *site_options, capsys=capsys)[0] == 0
    with open_site(site_options[1], lambda: PASSPHRASE) as site:
        held = site.stores.grants.get("administrator", "secret")
        assert held is not None
        assert PasswordHasher().verify(held["argon2id"], "five random words of mine")
        with serving.listening("0.0.0.0", 0, serving.administrator_of(site)) as listener:
            assert listener.getsockname()[0] == "0.0.0.0"


def test_an_answer_s_body_does_not_wait_until_its_head_was_acknowledged(site: Site) -> None:
    nobody = Administrator(site.stores.grants)
    with (
        serving.listening("127.0.0.1", 0, nobody) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_a_foreign_address_and_one_server_too_many(site: Site) -> None:
    nobody = Administrator(site.stores.grants)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUse, match=str(port)), serving.listening("127.0.0.1", port, nobody):
            pass
    for host in ("no such host", "192.0.2.1", "::"):
        with pytest.raises((WrongUse, Forbidden)), serving.listening(host, 0, nobody):
            pass
    with ExitStack() as servers:
        for number in range(serving.MOST_SERVERS):
            servers.enter_context(serving.one_of_the_servers(site.folder))(f"https://127.0.0.1:{number}")
        assert len(serving.serving_at(site.folder)) == serving.MOST_SERVERS
        with pytest.raises(SiteInUse), serving.one_of_the_servers(site.folder):
            pass
    assert serving.serving_at(site.folder) == ()


def test_a_certificate_of_ones_own_needs_its_unencrypted_key(site: Site, tmp_path: Path) -> None:
    make_certificate(tmp_path / "tls", b"a password", site.stores.vault.clock.now())
    certificate, key = tmp_path / "tls" / "site.crt", tmp_path / "tls" / "site.key.sealed"
    for first, second in ((certificate, key), (key, certificate), (certificate, tmp_path / "none")):
        with pytest.raises(WrongUse, match="in PEM"):
            serving.own_transport(first, second)
    opened = load_pem_private_key(key.read_bytes(), b"a password")
    key.write_bytes(opened.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    assert serving.own_transport(certificate, key).fingerprint.replace(":", "").lower() == sha256(der).hexdigest()
