"""Two real servers on one site in PostgreSQL: what one is told, the other knows, and outlives it."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from commands_in_process import run_json
from doorward.adapters.key_holders import end_holders
from doorward.kernel.permissions import TOKEN_SCOPES
from doorward.wiring import serving
from doorward.wiring.face.site import Site, open_site
from forwarded_sockets import forwarded
from integration.http.running import GRACE, PURPOSE
from integration.postgresql.test_whole_site import OF_THE_MACHINE
from known_people import NOON
from postgresql_server import throwaway_postgresql_site
from throwaway_sites import PASSPHRASE

CONSENT = {"notice": "notice", "notice_version": "1", "purposes": ["identify"], "given_how": "on paper"}
DOOR, STAFF_DOOR = "Main door", "Staff door"


@dataclass(frozen=True)
class Server:
    process: "subprocess.Popen[str]"
    client: httpx.Client

    def add(self, name: str) -> str:
        person = str(self.client.post("/v1/people", json={"display_name": name}).raise_for_status().json()["id"])
        self.client.post(f"/v1/people/{person}/consents", json=CONSENT).raise_for_status()
        self._shown(f"/v1/people/{person}/enrolments")
        return person

    def identified(self, door: str = DOOR) -> str | None:
        """Whom it names before the portrait."""
        named: str | None = self._shown("/v1/identifications", checkpoint=door)["person"]
        return named

    def withdraw(self, person: str) -> None:
        (given,) = self.client.get(f"/v1/people/{person}").raise_for_status().json()["consents"]
        self.client.delete(f"/v1/people/{person}/consents/{given['id']}").raise_for_status()

    def _shown(self, address: str, **fields: str) -> dict[str, str | None]:
        answer = self.client.post(address, files={"photo": ("photo", GRACE)}, data=fields).raise_for_status()
        told: dict[str, str | None] = answer.json()
        return told


@dataclass(frozen=True)
class Begun:
    process: "subprocess.Popen[str]"
    folder: Path

    def ready(self, token: str) -> Server:
        assert self.process.stdout is not None
        address = json.loads(self.process.stdout.readline())["address"]
        trusted = ssl.create_default_context(cafile=str(self.folder / "tls" / "site.crt"))
        headers = {"Authorization": f"Bearer {token}", **PURPOSE}
        return Server(self.process, httpx.Client(base_url=address, verify=trusted, headers=headers, timeout=30))


@contextmanager
def begun(folder: Path, passphrase: Path) -> Iterator[Begun]:
    command = [sys.executable, "-m", "doorward", "serve", "--port", "0", "--json", "--site", str(folder)]
    process = subprocess.Popen(
        [*command, "--passphrase-file", str(passphrase)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield Begun(process, folder)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with throwaway_postgresql_site(tmp_path) as folder, open_site(folder, lambda: PASSPHRASE) as opened:
        opened.profiles.identify(b"signed", "Assessment", "Notice", NOON)
        opened.doorkeeper.add(DOOR)
        opened.doorkeeper.add(STAFF_DOOR, "staff")
        yield opened


def test_what_one_server_is_told_one_on_another_machine_knows_and_outlives_it(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase, elsewhere = tmp_path / "passphrase", tmp_path / "elsewhere"
    passphrase.write_text(PASSPHRASE)
    token, _ = serving.tokens_of(site).create("desk", TOKEN_SCOPES)
    machine = ("store", "machine", elsewhere, "--site", site.folder)
    assert run_json(capsys, *machine)[0] == 2, "the other machine does not reach this one's socket"
    assert run_json(capsys, *machine, "--store", site.settings.store)[0] == 0
    assert run_json(capsys, "people", "list", "--site", elsewhere)[1]["error"]["code"] == "site_sealed"
    assert run_json(capsys, "unseal", "--site", site.folder, "--passphrase-file", passphrase)[0] == 0
    here, there = (folder / "keys" / "keeper.sock" for folder in (site.folder, elsewhere))
    with ExitStack() as running:
        running.callback(lambda: end_holders(site.folder / "keys", 5))
        way = running.enter_context(ExitStack())
        way.enter_context(forwarded(there, here))
        both = [running.enter_context(begun(folder, passphrase)) for folder in (site.folder, elsewhere)]
        one, other = (server.ready(token) for server in both)

        grace = one.add("Grace")
        assert other.identified() is None, "an enrolment from a photo counts for nothing before its confirmation"
        portrait = site.capture(GRACE).template
        site.enroller.confirm(site.actor, grace, portrait)
        assert [server.identified() for server in (one, other)] == [grace, grace]
        one.client.delete(f"/v1/people/{grace}").raise_for_status()
        assert [server.identified() for server in (other, one)] == [None, None]

        again = other.add("Grace, enrolled anew")
        site.enroller.confirm(site.actor, again, portrait)
        assert [one.identified(), one.identified(STAFF_DOOR)] == [again, None]
        other.client.post(f"/v1/people/{again}/groups", json={"group": "staff"}).raise_for_status()
        assert one.identified(STAFF_DOOR) == again
        one.client.delete(f"/v1/people/{again}/groups/staff").raise_for_status()
        assert other.identified(STAFF_DOOR) is None
        one.withdraw(again)
        assert other.identified() is None
        again = one.add("Grace, who agreed again")
        site.enroller.confirm(site.actor, again, portrait)
        one.process.kill()
        one.process.wait()
        assert other.identified() == again
        way.close()
        assert other.client.get("/v1/people").json()["code"] == "site_sealed"
        way.enter_context(forwarded(there, here))
        assert other.identified() == again
        site.profiles.verify()
        refused = other.client.post("/v1/identifications", files={"photo": ("p", GRACE)}, data={"checkpoint": DOOR})
        assert refused.json()["code"] == "profile_off"
        serving.tokens_of(site).revoke("desk")
        assert other.client.get("/v1/people").status_code == 401
        assert {file.name for file in (elsewhere / "keys").iterdir() if file.is_file()} == {"gallery.lock"}
        assert not list(elsewhere.glob("*snapshot*"))
        assert run_json(capsys, "keys", "status", "--site", elsewhere)[1]["unsealed"] is True
        examined = run_json(capsys, "doctor", "--deep", "--site", elsewhere)[1]["findings"]
        assert {one["id"] for one in examined if one["severity"] == "critical"} <= OF_THE_MACHINE
        assert run_json(capsys, "backup", "keys", "--to", tmp_path, "--site", elsewhere)[0] == 2


def test_two_servers_of_one_machine_have_a_place_each(site: Site) -> None:
    with serving.one_of_the_servers(site.folder), serving.one_of_the_servers(site.folder) as announce:
        announce("https://127.0.0.1:8444")
        assert serving.serving_at(site.folder) == ("https://127.0.0.1:8444",)
