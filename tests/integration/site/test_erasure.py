"""What is erased is nowhere in the files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.kernel.audit import AuditEntry
from doorward.people.person import Document, Person
from doorward.vault.ports import KeyKind
from doorward.wiring.face.opening import DATA, KEYS, Stores
from known_people import NOON, OFFICER, consent, enrolment, face, passage, person
from throwaway_sites import opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


def cells(file: Path, query: str) -> list[bytes]:
    with closing(sqlite3.connect(file)) as connection:
        return [bytes(cell) for row in connection.execute(query) for cell in row if cell is not None]


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def with_everything(stores: Stores, name: str, seed: int) -> Person:
    known = person(name, document=Document(f"X{seed}"), badge_number=f"B{seed}")
    stores.people.add(known)
    stores.consents.add(consent(known.id))
    stores.enrolments.add(enrolment(known.id, face(seed)), photo=name.encode() * 400)
    stores.passages.add(passage(known.id))
    stores.trail.record(AuditEntry(OFFICER, "look", known.id, NOON))
    return known


def test_key_index_and_rows_leave_no_byte_behind(folder: Path, stores: Stores) -> None:
    others = [with_everything(stores, f"Other {seed}", seed) for seed in range(1, 4)]
    ada = with_everything(stores, "Ada", 9)
    of_ada = f"WHERE person = '{ada.id}'"
    remnants = {
        "wrapped key": cells(folder / KEYS, f"SELECT wrapped FROM keys WHERE owner = '{ada.id}'"),
        "blind tags": cells(folder / KEYS, f"SELECT tag FROM blind_index {of_ada}"),
        "record": cells(folder / DATA, f"SELECT record FROM persons WHERE id = '{ada.id}'"),
        "consents": cells(folder / DATA, f"SELECT record FROM consents {of_ada}"),
        "templates and photos": cells(folder / DATA, f"SELECT record, photo FROM enrolments {of_ada}"),
        "passages": cells(folder / DATA, "SELECT record FROM passages ORDER BY rowid DESC LIMIT 1"),
    }
    before = everything(folder)
    assert all(found and all(cell in before for cell in found) for found in remnants.values())
    entries = stores.trail.count()

    stores.people.erase(ada.id)

    after = everything(folder)
    left = {
        what: [cell for cell in found if cell[:24] in after or cell[-24:] in after] for what, found in remnants.items()
    }
    assert left == {what: [] for what in remnants}
    assert stores.trail.count() == entries
    assert [stores.people.get(one.id) for one in others] == others
    assert all(len(stores.passages.of(one.id)) == 1 for one in others)


def test_a_record_written_over_leaves_no_byte_behind(folder: Path, stores: Stores) -> None:
    """Withdrawn consents and changed groups are rewritten; their older cells would open under a living key."""
    ada = with_everything(stores, "Ada", 9)
    (given,) = stores.consents.of(ada.id)
    (old,) = cells(folder / DATA, "SELECT record FROM consents")
    stores.consents.update(given)
    stores.close()
    assert old[:24] not in everything(folder)


def test_a_dropped_hour_takes_its_passages_and_its_key(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada", 1)
    stores.passages.add(passage(ada.id, at=NOON + timedelta(hours=3)))
    wrapped = cells(folder / KEYS, f"SELECT wrapped FROM keys WHERE kind = '{KeyKind.EPOCH.value}' ORDER BY owner")
    records = cells(folder / DATA, "SELECT record FROM passages ORDER BY epoch")
    stores.passages.drop_before(NOON + timedelta(hours=3))
    after = everything(folder)
    assert [cell in after for cell in wrapped] == [False, True]
    assert [cell in after for cell in records] == [False, True]
    assert len(stores.passages.of(ada.id)) == 1


def test_an_hour_dropped_by_another_process_is_gone_here(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada", 1)
    assert len(stores.passages.of(ada.id)) == 1
    elsewhere = opened_stores(folder)
    elsewhere.vault.drop_epoch("2026-11-23T12")
    elsewhere.close()
    assert not stores.passages.of(ada.id)


def test_the_key_dropped_alone_already_makes_everything_unreadable(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada", 1)
    stores.vault.shred(ada.id)
    assert not stores.consents.of(ada.id)
    assert not stores.enrolments.of(ada.id)
    assert not stores.passages.of(ada.id)
    assert not stores.trail.about(ada.id)
    assert not list(stores.people.all())


def test_a_person_whose_record_was_damaged_can_be_erased(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada", 1)
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        connection.execute("UPDATE persons SET record = zeroblob(300)")
    stores.people.erase(ada.id)
    assert stores.people.count() == 0
    assert not stores.vault.knows(ada.id)
