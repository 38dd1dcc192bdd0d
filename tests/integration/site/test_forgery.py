"""Somebody writes the site's databases without its key."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from doorward.errors import Conflict, PersonUnknown, SiteMissing, StorageError, Tampered, WrongKey
from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import CheckpointId
from doorward.passages.checkpoint import Checkpoint
from doorward.people.membership import lasting
from doorward.people.person import Document, Identifier, Person
from doorward.vault.ports import KeyKind
from doorward.wiring.face.opening import DATA, KEYS, Stores
from doorward.wiring.face.profile import Profiles
from known_people import NOON, OFFICER, consent, enrolment, face, passage, person
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


def sql(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def with_everything(stores: Stores, name: str, **details: object) -> Person:
    known = person(name, **details)
    stores.people.add(known)
    stores.consents.add(consent(known.id))
    stores.enrolments.add(enrolment(known.id, face(len(name))), photo=b"photo of " + name.encode())
    stores.passages.add(passage(known.id))
    return known


def readers(stores: Stores, who: Person) -> dict[str, Callable[[], object]]:
    return {
        "persons": lambda: stores.people.get(who.id),
        "consents": lambda: stores.consents.of(who.id),
        "enrolments": lambda: stores.enrolments.of(who.id),
    }


@pytest.mark.parametrize("table", ["persons", "consents", "enrolments"])
def test_two_persons_records_swapped(folder: Path, stores: Stores, table: str) -> None:
    ada, bo = with_everything(stores, "Ada"), with_everything(stores, "Bo")
    owner = "id" if table == "persons" else "person"
    sql(
        folder / DATA,
        f"CREATE TEMP TABLE was AS SELECT {owner} AS who, record FROM {table}",
        f"UPDATE {table} SET record = (SELECT record FROM was WHERE who <> {owner})",
    )
    for who in (ada, bo):
        with pytest.raises(Tampered):
            readers(stores, who)[table]()


def test_rows_given_to_another_person(folder: Path, stores: Stores) -> None:
    ada, bo = with_everything(stores, "Ada"), with_everything(stores, "Bo")
    template = stores.enrolments.of(ada.id)[0].id
    sql(
        folder / DATA,
        *(f"UPDATE {table} SET person = '{bo.id}' WHERE person = '{ada.id}'" for table in ("consents", "enrolments")),
    )
    for table in ("consents", "enrolments"):
        with pytest.raises(Tampered):
            readers(stores, bo)[table]()
    with pytest.raises(Tampered):
        stores.enrolments.photo(bo.id, template)


@pytest.mark.parametrize("forged", ["zeroblob(900)", "x''", "'text'", "7", "randomblob(301)"])
@pytest.mark.parametrize("table", ["persons", "consents", "enrolments"])
def test_a_record_made_up(folder: Path, stores: Stores, table: str, forged: str) -> None:
    ada = with_everything(stores, "Ada")
    sql(folder / DATA, f"UPDATE {table} SET record = {forged}")
    with pytest.raises(Tampered):
        readers(stores, ada)[table]()


def test_a_photo_in_the_place_of_a_template(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada")
    sql(folder / DATA, "UPDATE enrolments SET record = photo")
    with pytest.raises(Tampered):
        stores.enrolments.of(ada.id)


@pytest.mark.parametrize("generation", ["1", "3", "'2x'"])
def test_a_generation_changed(folder: Path, stores: Stores, generation: str) -> None:
    ada = with_everything(stores, "Ada")
    stores.people.update(replace(ada, memberships=ada.memberships | lasting({"vault"})))
    sql(folder / DATA, f"UPDATE persons SET generation = {generation}")
    with pytest.raises(Tampered):
        stores.people.get(ada.id)


def test_an_older_record_put_back(folder: Path, stores: Stores) -> None:
    """A consent that was withdrawn cannot be revived by its older cell; a whole older row is for the log to tell."""
    ada = with_everything(stores, "Ada")
    (given,) = stores.consents.of(ada.id)
    sql(folder / DATA, "CREATE TABLE was AS SELECT id, record FROM consents")
    stores.consents.update(replace(given, withdrawn_at=NOON))
    sql(folder / DATA, "UPDATE consents SET record = (SELECT record FROM was WHERE was.id = consents.id)")
    with pytest.raises(Tampered):
        stores.consents.of(ada.id)


def test_a_row_made_up_for_nobody(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada")
    invented = person("Eve").id
    sql(
        folder / DATA,
        f"INSERT INTO persons SELECT '{invented}', generation, record FROM persons",
        f"INSERT INTO consents (id, person, generation, record) SELECT 'x', '{invented}', generation, record"
        " FROM consents",
    )
    with pytest.raises(PersonUnknown):
        stores.people.get(invented)
    assert not stores.consents.of(invented)
    assert [one.id for one in stores.people.all()] == [ada.id]


@pytest.mark.parametrize("forged", ["randomblob(400)", "'text'"])
def test_a_passage_made_up(folder: Path, stores: Stores, forged: str) -> None:
    ada = with_everything(stores, "Ada")
    sql(folder / DATA, f"UPDATE passages SET record = {forged}")
    with pytest.raises(Tampered):
        stores.passages.of(ada.id)


def test_passages_of_two_people_swapped(folder: Path, stores: Stores) -> None:
    ada, bo = with_everything(stores, "Ada"), with_everything(stores, "Bo")
    sql(
        folder / DATA,
        "CREATE TEMP TABLE was AS SELECT id, record FROM passages",
        "UPDATE passages SET record = (SELECT record FROM was WHERE was.id <> passages.id)",
    )
    for who in (ada, bo):
        with pytest.raises(Tampered):
            stores.passages.of(who.id)


GRANTED = [("checkpoint", '{"act":"none","group":"everyone","name":"Back door"}'), ("setting", '{"name":"identify"}')]
FORGED_MACS = ["zeroblob(32)", "randomblob(32)", "x''", "'text'", "7"]


@pytest.mark.parametrize(("kind", "payload"), [*GRANTED, ("token", '{"scopes":["people:read"]}')])
@pytest.mark.parametrize("mac", FORGED_MACS)
def test_a_granted_row_made_up(folder: Path, stores: Stores, kind: str, payload: str, mac: str) -> None:
    sql(folder / DATA, f"INSERT INTO grants VALUES ('{kind}', 'profile', 1, '{payload}', {mac})")
    with pytest.raises(Tampered):
        stores.grants.get(kind, "profile")
    with pytest.raises(Tampered):
        list(stores.grants.all(kind))


@pytest.mark.parametrize(
    "change",
    [
        "payload = replace(payload, 'staff', 'everyone')",
        "payload = x'00ff'",
        "payload = 7",
        "generation = generation + 1",
        "id = 'other'",
        "kind = 'token'",
    ],
)
def test_a_granted_row_altered(folder: Path, stores: Stores, change: str) -> None:
    stores.checkpoints.add(Checkpoint(CheckpointId("1"), "North", "staff"))
    sql(folder / DATA, f"UPDATE grants SET {change}")
    with pytest.raises(Tampered):
        list(stores.grants.all("token" if "token" in change else "checkpoint"))


def test_identification_cannot_be_switched_on_by_copying_another_sites_row(tmp_path: Path, stores: Stores) -> None:
    other = throwaway_site(tmp_path, "other")
    theirs = opened_stores(other)
    Profiles(theirs.grants).identify(b"assessment", "DPIA", "notice", NOON)
    theirs.close()
    sql(
        tmp_path / "site" / DATA,
        f"ATTACH '{other / DATA}' AS other",
        "INSERT INTO grants SELECT * FROM other.grants",
    )
    with pytest.raises(Tampered):
        Profiles(stores.grants).current()


def test_an_erasure_made_up_erases_nobody(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada")
    stores.close()
    sql(folder / DATA, f"INSERT INTO erasures VALUES ('{ada.id}', randomblob(32), 0)")
    with pytest.raises(Tampered):
        opened_stores(folder)
    sql(folder / DATA, "DELETE FROM erasures")
    reopened = opened_stores(folder)
    assert reopened.people.get(ada.id) == ada
    reopened.close()


def test_an_audit_entry_altered(folder: Path, stores: Stores) -> None:
    ada, bo = with_everything(stores, "Ada"), with_everything(stores, "Bo")
    stores.trail.record(AuditEntry(OFFICER, "look at Ada", ada.id, NOON))
    stores.trail.record(AuditEntry(OFFICER, "look at Bo", bo.id, NOON))
    sql(
        folder / DATA,
        "CREATE TEMP TABLE was AS SELECT id, event FROM audit_entries",
        "UPDATE audit_entries SET event = (SELECT event FROM was WHERE was.id <> audit_entries.id)",
    )
    with pytest.raises(Tampered):
        stores.trail.about(ada.id)


def test_a_number_pointed_at_somebody_else(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores, "Ada", document=Document("X1"))
    bo = with_everything(stores, "Bo")
    sql(folder / KEYS, f"UPDATE blind_index SET person = '{bo.id}'")
    assert stores.people.find(Identifier.DOCUMENT, "X1") is None
    assert stores.people.get(ada.id) == ada


def test_keys_of_another_site(tmp_path: Path, folder: Path) -> None:
    other = throwaway_site(tmp_path, "other")
    shutil.copy(other / KEYS, folder / KEYS)
    with pytest.raises(WrongKey):
        opened_stores(folder)


def test_a_wrong_passphrase(folder: Path) -> None:
    with pytest.raises(WrongKey):
        opened_stores(folder, PASSPHRASE + "r")


@pytest.mark.parametrize("altered", ["zeroblob(60)", "x'00'", "'text'", "7", "substr(wrapped, 2)"])
@pytest.mark.parametrize("kind", [KeyKind.SITE, KeyKind.PERSON, KeyKind.GRANTS])
def test_a_wrapped_key_altered(folder: Path, stores: Stores, kind: KeyKind, altered: str) -> None:
    ada = with_everything(stores, "Ada")
    stores.checkpoints.add(Checkpoint(CheckpointId("1"), "North"))
    stores.close()
    sql(folder / KEYS, f"UPDATE keys SET wrapped = {altered} WHERE kind = '{kind.value}'")
    with pytest.raises((Tampered, WrongKey)):
        read_both(folder, ada)


def read_both(folder: Path, who: Person) -> None:
    with closing(opened_stores(folder)) as reopened:
        reopened.people.get(who.id)
        reopened.checkpoints.all()


def test_the_keys_of_two_people_swapped(folder: Path, stores: Stores) -> None:
    ada, bo = with_everything(stores, "Ada"), with_everything(stores, "Bo")
    sql(
        folder / KEYS,
        "UPDATE keys SET version = 9 WHERE kind = 'person'",
        f"UPDATE keys SET owner = 'x' WHERE owner = '{ada.id}'",
        f"UPDATE keys SET owner = '{ada.id}' WHERE owner = '{bo.id}'",
        f"UPDATE keys SET owner = '{bo.id}' WHERE owner = 'x'",
    )
    for who in (ada, bo):
        with pytest.raises(Tampered):
            stores.people.get(who.id)


@pytest.mark.parametrize("file", [DATA, KEYS])
def test_a_missing_database_is_not_made_anew(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(SiteMissing):
        opened_stores(folder)
    assert not (folder / file).exists()


@pytest.mark.parametrize("file", [DATA, KEYS])
@pytest.mark.parametrize("damage", [b"no database at all " * 300, b""])
def test_a_damaged_database_is_said(folder: Path, file: str, damage: bytes) -> None:
    (folder / file).write_bytes(damage)
    with pytest.raises((StorageError, WrongKey, SiteMissing)):
        opened_stores(folder)


def test_two_people_cannot_share_a_number_by_racing(folder: Path, stores: Stores) -> None:
    elsewhere = opened_stores(folder)
    stores.people.add(person("Ada", badge_number="7"))
    with pytest.raises(Conflict):
        elsewhere.people.add(person("Bo", badge_number="7"))
    elsewhere.close()
