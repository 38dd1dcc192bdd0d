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

from doorward.kernel.permissions import TOKEN_SCOPES
from doorward.wiring import serving
from doorward.wiring.face.site import Site, open_site
from integration.http.running import GRACE, PURPOSE
from known_people import NOON
from postgresql_server import throwaway_postgresql_site
from throwaway_sites import PASSPHRASE

CONSENT = {"notice": "notice", "notice_version": "1", "purposes": ["identify"], "given_how": "on paper"}
DOOR = "Main door"


@dataclass(frozen=True)
class Server:
    process: "subprocess.Popen[str]"
    client: httpx.Client

    def add(self, name: str) -> str:
        person = str(self.client.post("/v1/people", json={"display_name": name}).raise_for_status().json()["id"])
        self.client.post(f"/v1/people/{person}/consents", json=CONSENT).raise_for_status()
        self._shown(f"/v1/people/{person}/enrolments")
        return person

    def identified(self) -> str | None:
        """Whom it names before the portrait."""
        named: str | None = self._shown("/v1/identifications", checkpoint=DOOR)["person"]
        return named

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
        yield opened


def test_what_one_server_is_told_the_other_knows_and_outlives_it(site: Site, tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    token, _ = serving.tokens_of(site).create("desk", TOKEN_SCOPES)
    with ExitStack() as running:
        both = [running.enter_context(begun(site.folder, passphrase)) for _ in range(2)]
        one, other = (server.ready(token) for server in both)
        assert len(serving.serving_at(site.folder)) == 2

        grace = one.add("Grace")
        assert other.identified() is None, "an enrolment from a photo counts for nothing before its confirmation"
        site.enroller.confirm(site.actor, grace, site.capture(GRACE).template)
        assert [server.identified() for server in (one, other)] == [grace, grace]
        one.client.delete(f"/v1/people/{grace}").raise_for_status()
        assert [server.identified() for server in (other, one)] == [None, None]

        again = other.add("Grace, enrolled anew")
        site.enroller.confirm(site.actor, again, site.capture(GRACE).template)
        assert one.identified() == again
        one.process.kill()
        one.process.wait()
        assert other.identified() == again
        serving.tokens_of(site).revoke("desk")
        assert other.client.get("/v1/people").status_code == 401
