"""Killed at every named step of every act: nothing is half done, and the next one works."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from doorward.adapters.backup.encryption import make_identity
from doorward.errors import PersonUnknown
from doorward.people.person import Identifier, Person
from doorward.wiring.doctor.finding import Severity
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.backup import back_up_keys, create_backup
from doorward.wiring.face.erasing import issue_receipt
from doorward.wiring.face.keys import Renewable, renew_site_wide
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import Site, open_site
from integration.backup.killed import STEPS, ask
from known_people import consent, enrolment, face, person
from shared_data import REPOSITORY
from throwaway_sites import throwaway_site

Kill = Callable[..., None]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    """Have an act done by a process that is killed at the step."""
    paths = os.pathsep.join([str(REPOSITORY / "tests"), os.environ.get("PYTHONPATH", "")])
    worker = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("killed.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    tell, told = worker.stdin, worker.stdout

    def have_killed(name: str, step: str, folder: Path, **arguments: object) -> None:
        named = {key: str(value) for key, value in arguments.items()}
        tell.write(json.dumps({"name": name, "step": step, "folder": str(folder), "told": named}) + "\n")
        tell.flush()
        assert told.readline().strip() == str(int(signal.SIGKILL)), "it was to be killed on its way"

    yield have_killed
    tell.close()
    worker.wait(timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("data", "keys"):
        (tmp_path / name).mkdir()
    return throwaway_site(tmp_path)


@pytest.fixture
def ada(folder: Path) -> Person:
    one = person("Ada", badge_number="7")
    with open_site(folder, ask) as site:
        site.stores.people.add(one)
        site.stores.enrolments.add(enrolment(one.id, face(1)))
    return one


def visible(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def backed_up(folder: Path) -> BackupSet:
    identity = folder.parent / "identity"
    recipient = make_identity(identity)
    with open_site(folder, ask) as site:
        data = create_backup(site, folder.parent / "data", recipient).path
        return BackupSet(data, back_up_keys(site, folder.parent / "keys").path, identity)


@pytest.mark.parametrize("step", STEPS["data"])
def test_a_backup_of_the_data_appears_whole_or_not(
    kill: Kill, folder: Path, ada: Person, tmp_path: Path, step: str
) -> None:
    recipient = make_identity(tmp_path / "first")
    kill("data", step, folder, to=tmp_path / "data", recipient=recipient)
    found = visible(tmp_path / "data")
    assert len(found) == (1 if step == "before the copies go" else 0)
    backups = backed_up(folder)
    assert [path for path in (tmp_path / "data").iterdir() if path not in [*found, backups.data]] == []
    assert list(folder.glob(".backup*")) == []
    for data, identity in [(backups.data, backups.identity), *((one, tmp_path / "first") for one in found)]:
        outcome = restore(BackupSet(data, backups.keys, identity), tmp_path / data.stem, ask)
        assert outcome.people == 1


@pytest.mark.parametrize("step", STEPS["keys"])
def test_a_backup_of_the_keys_appears_whole_or_not(
    kill: Kill, folder: Path, ada: Person, tmp_path: Path, step: str
) -> None:
    kill("keys", step, folder, to=tmp_path / "keys")
    found = [path for path in visible(tmp_path / "keys") if path.suffix == ".backup"]
    assert len(found) == (1 if step in ("before the ledger is handed out", "before the old ones go") else 0)
    backups = backed_up(folder)
    assert [path for path in (tmp_path / "keys").iterdir() if path.name.startswith(".")] == []
    assert restore(backups, tmp_path / "again", ask).people == 1


@pytest.mark.parametrize("step", STEPS["restore"])
def test_a_restored_site_appears_whole_or_not(kill: Kill, folder: Path, ada: Person, tmp_path: Path, step: str) -> None:
    bo = person("Bo")
    with open_site(folder, ask) as site:
        site.stores.people.add(bo)
    backups = backed_up(folder)
    with open_site(folder, ask) as site:
        site.stores.people.erase(ada.id)
        back_up_keys(site)
    told = {"data": backups.data, "keys": backups.keys, "identity": backups.identity, "to": tmp_path / "again"}
    kill("restore", step, folder, **told)
    if step != "after it appeared":
        assert not (tmp_path / "again").exists()
        restore(backups, tmp_path / "again", ask)
    assert list(tmp_path.glob(".again*")) == []
    with open_site(tmp_path / "again", ask) as restored:
        assert [one.id for one in restored.stores.people.all()] == [bo.id]
        assert not restored.stores.vault.knows(ada.id)


@pytest.mark.parametrize("step", STEPS["erase"])
def test_an_erasure_is_finished_and_has_its_receipt(
    kill: Kill, folder: Path, ada: Person, tmp_path: Path, step: str
) -> None:
    backups = backed_up(folder)
    kill("erase", step, folder, person=ada.id)
    with open_site(folder, ask) as site:
        with pytest.raises(PersonUnknown):
            site.stores.people.get(ada.id)
        assert not site.stores.vault.knows(ada.id)
        assert issue_receipt(site, ada.id).keys_gone_by is not None
        back_up_keys(site)
    assert restore(backups, tmp_path / "again", ask).people == 0


def examined(site: Site) -> None:
    """Nothing that the deep check calls critical, and a log that verifies."""
    assert [one for one in check_sealed(site, lambda _done, _all: None) if one.severity is Severity.CRITICAL] == []


@pytest.mark.parametrize("step", STEPS["enrol"])
def test_who_was_being_enrolled_is_whole_or_can_be_added_again(
    kill: Kill, folder: Path, ada: Person, step: str
) -> None:
    kill("enrol", step, folder)
    with open_site(folder, ask) as site:
        examined(site)
        assert site.stores.people.get(ada.id) == ada
        held = site.stores.people.find(Identifier.BADGE, "8")
        assert (held is None) == ("key" in step)
        if held is not None:
            assert site.stores.enrolments.of(held) == []
            site.stores.people.erase(held)
        site.stores.people.add(person("Cy", badge_number="8"))


@pytest.mark.parametrize("step", STEPS["withdraw"])
def test_a_withdrawal_took_place_or_did_not(kill: Kill, folder: Path, ada: Person, step: str) -> None:
    given = consent(ada.id)
    with open_site(folder, ask) as site:
        site.stores.consents.add(given)
    kill("withdraw", step, folder, person=ada.id, consent=given.id)
    with open_site(folder, ask) as site:
        examined(site)
        assert site.stores.vault.renewing() == ()
        (held,) = site.stores.consents.of(ada.id)
        assert (held.withdrawn_at is not None) == ("old key" in step)
        assert (site.stores.enrolments.of(ada.id) == []) == ("old key" in step)
        site.register.withdraw(site.actor, ada.id, given.id)
        assert site.stores.enrolments.of(ada.id) == []


@pytest.mark.parametrize("step", STEPS["rotate"])
def test_everything_opens_after_a_renewal_of_the_site_key(kill: Kill, folder: Path, ada: Person, step: str) -> None:
    kill("rotate", step, folder)
    with open_site(folder, ask) as site:
        examined(site)
        assert site.stores.people.get(ada.id) == ada
        renew_site_wide(folder, site.stores, Renewable.SITE, site.actor, lambda _done, _all: None)
        examined(site)
