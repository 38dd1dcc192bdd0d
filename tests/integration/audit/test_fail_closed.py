"""A log that cannot be written stops every look at a person and every change; crowds are counted all the same."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from commands_in_process import run_json
from doorward.kernel.permissions import TOKEN_SCOPES
from doorward.people.person import Person
from doorward.wiring.face.opening import DATA
from doorward.wiring.face.site import Site, open_site
from fakes.crowd_files import write_overhead_clip
from integration.http.running import PURPOSE, run
from known_people import enrolment, face
from portraits import grace_hopper
from privileges import bound_by_permissions
from throwaway_sites import PASSPHRASE, throwaway_site

Prevent = Callable[[Path], Any]
MOST_ENTRIES_ON_FREE_PAGES = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def ada(folder: Path) -> Person:
    with open_site(folder, lambda: PASSPHRASE) as site:
        known = site.add_person("Ada Lovelace")
        site.record_consent(known, "Entry", "1", ["verify"], "signed")
        site.stores.enrolments.add(enrolment(known.id, face(1)))
        return known


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """data.db may take no further page, as on a full disk; what its pages have room for is used up first."""

    def limit(connection: Any, _record: object) -> None:
        file = connection.execute("PRAGMA database_list").fetchone()[2]
        if file == str(folder / DATA):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    files = list(folder.glob(f"{DATA}*"))
    for file in files:
        file.chmod(0o400)
    with bound_by_permissions():
        yield
    gc.collect()  # SQLite shares a read-only index of the log among a process's connections, left-over ones included
    for file in folder.glob(f"{DATA}*"):
        file.chmod(0o600)


@pytest.mark.parametrize("prevented", [full, read_only])
def test_commands_stop_and_crowds_go_on(
    prevented: Prevent, folder: Path, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase, photo = tmp_path / "passphrase", grace_hopper()
    passphrase.write_text(PASSPHRASE)
    place = ["--site", folder, "--passphrase-file", passphrase]
    video, scene = write_overhead_clip(tmp_path)
    with prevented(folder):
        for _ in range(MOST_ENTRIES_ON_FREE_PAGES):
            if run_json(capsys, "people", "list", *place)[0]:
                break
        for command in (
            ["people", "show", ada.id],
            ["people", "list"],
            ["people", "permit", ada.id, "staff"],
            ["people", "erase", ada.id],
            ["audit", "show"],
            ["audit", "show", "--person", ada.id],
            ["verify", photo, "--person", ada.id],
        ):
            status, answer = run_json(capsys, *command, *place)
            assert (status, answer["error"]["code"]) == (1, "storage_error"), command
            assert "Ada" not in str(answer)
        counted = run_json(capsys, "crowd", "run", "hall", "--source", video, "--scene", scene, "--site", folder)
        assert counted[0] == 0
        assert counted[1]["intervals"] > 0
    status, shown = run_json(capsys, "people", "show", ada.id, *place)
    assert status == 0, shown
    assert shown["groups"] == ["everyone"]
    assert run_json(capsys, "audit", "verify", *place)[1]["ok"]


def test_the_server_refuses_and_tells_crowds(folder: Path, ada: Person, tmp_path: Path) -> None:
    with open_site(folder, lambda: PASSPHRASE) as site, run(site) as running:
        client = running.client(*TOKEN_SCOPES)
        address = f"/v1/people/{ada.id}"
        assert client.get(address, headers=PURPOSE).status_code == 200
        _fill_up(site)
        for _ in range(MOST_ENTRIES_ON_FREE_PAGES):
            if client.get("/v1/people", headers=PURPOSE).status_code != 200:
                break
        answers = [
            client.get(address, headers=PURPOSE),
            client.get("/v1/people", headers=PURPOSE),
            client.post(f"{address}/groups", json={"group": "staff"}),
            client.delete(address),
        ]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(507, "storage_error")] * 4
        assert "Ada" not in "".join(answer.text for answer in answers)
        crowd = client.get("/v1/crowd/intervals", params={"scene": "hall"})
        assert (crowd.status_code, crowd.json()["code"]) == (404, "not_found"), "the crowd's own store answers"
        assert client.get("/healthz").status_code == 200


def _fill_up(site: Site) -> None:
    data = site.stores.data
    with data.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    data.dispose()
    event.listen(data, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}"))
