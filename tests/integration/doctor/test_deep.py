"""The deep check: rows altered by somebody who has the databases and no key, and named by table and row."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from doorward.people.person import Document, Person
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.site import Site
from known_people import NOON, OFFICER, consent, enrolment, face, passage, person


@pytest.fixture
def ada(site: Site) -> Person:
    return with_everything(site, "Ada", document=Document("X 1"), badge_number="7")


@pytest.fixture
def bo(site: Site) -> Person:
    return with_everything(site, "Bo", badge_number="8")


def with_everything(site: Site, name: str, **details: object) -> Person:
    known = person(name, **details)
    site.stores.people.add(known)
    site.stores.consents.add(consent(known.id))
    site.stores.enrolments.add(enrolment(known.id, face(len(name))), photo=b"photo of " + name.encode())
    site.stores.passages.add(passage(known.id))
    site.stores.passages.add(passage(known.id, at=NOON))
    return known


def examined(site: Site) -> list[Finding]:
    return list(check_sealed(site, lambda _done, _all: None))


def sql(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def swap(table: str, column: str) -> tuple[str, str]:
    return (
        f"CREATE TEMP TABLE was AS SELECT id, {column} AS cell FROM {table}",
        f"UPDATE {table} SET {column} = (SELECT cell FROM was WHERE was.id <> {table}.id ORDER BY id LIMIT 1)",
    )


def test_a_whole_site_has_nothing_and_the_bar_ends_full(site: Site, ada: Person, bo: Person) -> None:
    site.doorkeeper.add("Entrance")
    steps: list[tuple[int, int]] = []
    assert list(check_sealed(site, lambda done, total: steps.append((done, total)))) == []
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert {total for _, total in steps} == {len(steps)}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("persons", "record"),
        ("consents", "record"),
        ("enrolments", "record"),
        ("enrolments", "photo"),
        ("passages", "record"),
    ],
)
@pytest.mark.parametrize("damage", ["moved", "altered", "cut"])
def test_a_cell_that_was_tampered_with(
    folder: Path, site: Site, ada: Person, bo: Person, table: str, column: str, damage: str
) -> None:
    one = f"WHERE id = (SELECT min(id) FROM {table})"
    statements = {
        "moved": swap(table, column),
        "altered": (
            f"UPDATE {table} SET {column} = CAST(substr({column}, 1, 60) || 'x' || substr({column}, 62) AS BLOB) {one}",
        ),
        "cut": (f"UPDATE {table} SET {column} = substr({column}, 1, 100) {one}",),
    }
    sql(folder / DATA, *statements[damage])
    with closing(sqlite3.connect(folder / DATA)) as connection:
        (row,) = connection.execute(f"SELECT min(id) FROM {table}").fetchone()
    findings = [found for found in examined(site) if found.id == "record-does-not-open"]
    assert {found.severity for found in findings} == {Severity.CRITICAL}
    assert any(f"{table}, row {row}, column {column}" in found.what for found in findings)
    assert len(findings) == 1 or damage == "moved"


@pytest.mark.parametrize(
    ("file", "statement", "finding"),
    [
        (
            DATA,
            "UPDATE passages SET tag = randomblob(32) WHERE id = (SELECT max(id) FROM passages)",
            "passage-unreachable",
        ),
        (DATA, "UPDATE persons SET generation = 2", "record-does-not-open"),
        (DATA, "INSERT INTO grants VALUES ('token', 'x', 1, '{}', zeroblob(32))", "grant-forged"),
        (DATA, "DELETE FROM persons", "key-without-row"),
        (KEYS, "DELETE FROM keys WHERE kind = 'person'", "row-without-key"),
        (KEYS, "DELETE FROM keys WHERE kind = 'epoch'", "passage-unreachable"),
        (KEYS, "DELETE FROM blind_index", "index-misses-number"),
        (KEYS, "UPDATE blind_index SET tag = randomblob(32)", "index-misses-number"),
        (
            KEYS,
            "INSERT INTO blind_index (kind, tag, person) SELECT 'other', randomblob(32), person FROM blind_index",
            "index-matches-nobody",
        ),
        (KEYS, "UPDATE blind_index SET person = 'nobody'", "index-matches-nobody"),
        (
            KEYS,
            "INSERT INTO blind_index (kind, tag, person) SELECT 'badge', randomblob(32), max(person) FROM blind_index",
            "index-matches-nobody",
        ),
    ],
)
def test_rows_keys_and_index_that_do_not_fit(
    folder: Path, site: Site, ada: Person, file: str, statement: str, finding: str
) -> None:
    assert examined(site) == []
    sql(folder / file, statement)
    assert finding in {found.id for found in examined(site)}


def test_the_persons_first_passage_of_an_hour_deleted(folder: Path, site: Site, ada: Person) -> None:
    tag = site.stores.vault.epoch_tag("2026-11-23T12", ada.id, 0)
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        assert connection.execute("DELETE FROM passages WHERE tag = ?", (tag,)).rowcount == 1
    assert [found.id for found in examined(site)] == ["passage-unreachable", "row-deleted"]


def test_the_log_is_checked_too(folder: Path, site: Site, ada: Person) -> None:
    for _ in range(3):
        site.register.show(OFFICER, ada.id)
    assert examined(site) == []
    sql(folder / DATA, "DELETE FROM audit_entries WHERE number = 2")
    assert {found.id for found in examined(site)} == {"log-altered", "rows-not-compared"}
