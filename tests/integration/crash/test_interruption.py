"""Adding and erasing cut short at every step, full disks and folders that cannot be written."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from doorward.adapters.stores.face import person_store
from doorward.errors import PersonUnknown, StorageError
from doorward.people.person import Identifier, Person
from doorward.wiring.face.opening import DATA, KEYS, Stores
from known_people import consent, enrolment, face, passage, person
from power_cuts import PowerCut, cut, then_cut
from privileges import bound_by_permissions
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site

WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


STEPS: dict[str, Callable[[Stores, pytest.MonkeyPatch], None]] = {
    "before the passages": lambda stores, patch: patch.setattr(stores.people, "_before_erasure", (cut,)),
    "after the passages": lambda stores, patch: patch.setattr(
        stores.people, "_before_erasure", (then_cut(stores.passages.remove_all),)
    ),
    "before the key": lambda stores, patch: patch.setattr(stores.vault, "shred", cut),
    "between key and index": lambda stores, patch: patch.setattr(stores.vault._keys, "unindex", cut),
    "between keys and rows": lambda stores, patch: patch.setattr(stores.vault, "shred", then_cut(stores.vault.shred)),
    "while the rows go": lambda _, patch: patch.setattr(person_store, "mark_changed", cut),
    "before the log is emptied": lambda _, patch: patch.setattr(person_store, "truncate_log", cut),
}


def with_everything(stores: Stores) -> Person:
    ada = person("Ada", badge_number="7")
    stores.people.add(ada)
    stores.consents.add(consent(ada.id))
    stores.enrolments.add(enrolment(ada.id, face(1)), photo=b"photo")
    stores.passages.add(passage(ada.id))
    return ada


@pytest.mark.parametrize("again", ["at the next opening", "when asked again"])
@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_cut_short_is_finished(
    folder: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch, step: str, again: str
) -> None:
    ada = with_everything(stores)
    with monkeypatch.context() as patch:
        STEPS[step](stores, patch)
        with pytest.raises(PowerCut):
            stores.people.erase(ada.id)
    if again == "when asked again":
        with suppress(PersonUnknown):
            stores.people.erase(ada.id)
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        with pytest.raises(PersonUnknown):
            reopened.people.get(ada.id)
        assert not reopened.vault.knows(ada.id)
        assert [reopened.people.count(), reopened.passages.count()] == [0, 0]
        reopened.people.add(person("Bo", badge_number="7"))
    with closing(sqlite3.connect(folder / DATA)) as data:
        for table in ("consents", "enrolments"):
            assert data.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert data.execute("SELECT count(*) FROM erasures WHERE done = 0").fetchone() == (0,)


def test_a_person_cut_short_between_key_and_row_holds_no_number(folder: Path, stores: Stores) -> None:
    """The key stays behind, opens nothing and is destroyed when its number is given to somebody."""
    ghost = person("Ghost", badge_number="7")
    stores.vault.admit(ghost.id)
    stores.vault.enter_index(Identifier.BADGE.value, "7", ghost.id)
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        assert reopened.people.find(Identifier.BADGE, "7") is None
        assert not list(reopened.people.all())
        ada = person("Ada", badge_number="7")
        reopened.people.add(ada)
        assert reopened.people.find(Identifier.BADGE, "7") == ada.id
        assert not reopened.vault.knows(ghost.id)


def allow_pages(engine: Engine, pages: int) -> None:
    """Let the database grow by ``pages`` and no further, as on a disk that fills."""
    with engine.connect() as connection:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={size + pages}"))


@pytest.mark.parametrize("pages", [0, 2, 7])
@pytest.mark.parametrize("file", [DATA, KEYS])
def test_a_full_disk_leaves_whole_people_only(folder: Path, stores: Stores, file: str, pages: int) -> None:
    allow_pages(stores.data if file == DATA else stores.keys, pages)
    whole, refused = [], None
    for number in range(400):
        one = person(f"Person {number}", badge_number=f"B{number}")
        try:
            stores.people.add(one)
        except StorageError as error:
            refused = error
            break
        whole.append(one)
    assert refused is not None
    assert "disk is full" in refused.message
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        assert {one.id: one for one in reopened.people.all()} == {one.id: one for one in whole}
        assert reopened.people.find(Identifier.BADGE, f"B{len(whole)}") is None
        reopened.people.add(person("Next", badge_number=f"B{len(whole)}"))


def test_a_photo_that_finds_no_room_leaves_no_enrolment(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores)
    allow_pages(stores.data, 0)
    with pytest.raises(StorageError, match="disk is full"):
        stores.enrolments.add(enrolment(ada.id, face(2)), photo=b"x" * 100_000)
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        assert reopened.people.get(ada.id) == ada
        assert len(reopened.enrolments.of(ada.id)) == 1
        reopened.people.erase(ada.id)


def test_files_that_may_not_grow_are_said_and_survived(folder: Path) -> None:
    """The system's own limit (EFBIG), which SQLite reports as an error of input and output."""
    limit = (folder / DATA).stat().st_size + 40_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, str(WORKER), str(folder), PASSPHRASE, "0"]
    ran = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited, timeout=60, check=False)
    assert ran.stderr.splitlines()[-1].startswith("doorward.errors.StorageError: ")
    added = [line.split() for line in ran.stdout.splitlines() if line.startswith("added")]
    erased = {line.split()[1] for line in ran.stdout.splitlines() if line.startswith("erase ")}
    with closing(opened_stores(folder)) as reopened:
        for _, number, who in added:
            if number not in erased:
                assert reopened.people.get(who).display_name == f"Person {number}"


def test_a_folder_that_cannot_be_written_is_said(folder: Path) -> None:
    places = [folder, *folder.rglob("*")]
    for place in places:
        place.chmod(0o500 if place.is_dir() else 0o400)
    with bound_by_permissions(), pytest.raises(StorageError, match="cannot be written"):
        opened_stores(folder)
    for place in places:
        place.chmod(0o700 if place.is_dir() else 0o600)
    with closing(opened_stores(folder)) as reopened:
        assert reopened.people.count() == 0
