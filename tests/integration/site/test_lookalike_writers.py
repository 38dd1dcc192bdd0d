"""Who writes the databases without the key takes nobody out of a pair of lookalikes, and reads no PIN."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from doorward.errors import DoorwardError, Tampered
from doorward.kernel.ids import PersonId
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.site import Site, open_site
from known_people import NOON, consent, enrolment, face, person, resembling
from throwaway_sites import PASSPHRASE, throwaway_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(throwaway_site(tmp_path), lambda: PASSPHRASE) as opened:
        yield opened


def known(site: Site, name: str, cosine: float) -> PersonId:
    one = person(name)
    site.stores.people.add(one)
    site.stores.consents.add(consent(one.id))
    site.stores.enrolments.add(enrolment(one.id, resembling(face(1), cosine)))
    return one.id


@pytest.fixture
def ada(site: Site) -> PersonId:
    return known(site, "Ada", 1)


@pytest.fixture
def bo(site: Site) -> PersonId:
    return known(site, "Bo", 0.9)


def rows(site: Site, file: str, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(site.folder / file)) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def put_back(site: Site, file: str, table: str, held: list[tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(site.folder / file)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for row in held:
            connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def delete(site: Site, file: str, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(site.folder / file)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        assert connection.execute(statement, values).rowcount > 0


def test_the_records_from_before_the_pair_open_no_more(site: Site, ada: PersonId, bo: PersonId) -> None:
    before = rows(site, DATA, "persons")
    site.stores.lookalikes.pair(ada, bo, NOON)
    put_back(site, DATA, "persons", before)
    for one in (ada, bo):
        with pytest.raises(Tampered):
            site.stores.lookalikes.of(one)
        with pytest.raises(Tampered):
            site.stores.people.get(one)


def test_deleting_the_other_s_row_or_key_leaves_the_pair(site: Site, ada: PersonId, bo: PersonId) -> None:
    site.stores.lookalikes.pair(ada, bo, NOON)
    delete(site, DATA, "DELETE FROM persons WHERE id = ?", bo)
    assert [one.person for one in site.stores.lookalikes.of(ada)] == [bo]
    delete(site, KEYS, "DELETE FROM keys WHERE owner = ?", bo)
    assert [one.person for one in site.stores.lookalikes.of(ada)] == [bo]
    found = {finding.id for finding in check_sealed(site, lambda _done, _all: None)}
    assert "row-deleted" in found


def test_an_erasure_that_this_site_did_not_begin_parts_nobody(site: Site, ada: PersonId, bo: PersonId) -> None:
    site.stores.lookalikes.pair(ada, bo, NOON)
    put_back(site, DATA, "erasures", [(bo, b"\0" * 32, 1)])
    with pytest.raises(Tampered):
        site.stores.lookalikes.of(ada)


def test_a_pair_is_whole_for_the_deep_check_and_leaves_with_either(site: Site, ada: PersonId, bo: PersonId) -> None:
    site.stores.lookalikes.pair(ada, bo, NOON)
    site.stores.pins.put(ada, "482913")
    assert list(check_sealed(site, lambda _done, _all: None)) == []
    site.stores.people.erase(bo)
    assert list(site.stores.lookalikes.of(ada)) == []
    assert list(check_sealed(site, lambda _done, _all: None)) == []


def test_an_older_pin_put_back_is_named(site: Site, ada: PersonId) -> None:
    site.stores.pins.put(ada, "482913")
    before = rows(site, DATA, "persons")
    site.stores.pins.put(ada, "730264")
    put_back(site, DATA, "persons", before)
    assert [finding.id for finding in check_sealed(site, lambda _done, _all: None)] == ["row-replayed"]


def test_somebody_whose_record_is_damaged_is_erased_and_parted_all_the_same(
    site: Site, ada: PersonId, bo: PersonId
) -> None:
    site.stores.lookalikes.pair(ada, bo, NOON)
    with closing(sqlite3.connect(site.folder / DATA)) as connection, connection:
        connection.execute("UPDATE persons SET record = zeroblob(length(record)) WHERE id = ?", (bo,))
    site.stores.people.erase(bo)
    assert list(site.stores.lookalikes.of(ada)) == []


def test_a_pair_cut_short_leaves_both_as_they_were(
    site: Site, ada: PersonId, bo: PersonId, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = site.stores.vault
    monkeypatch.setattr(vault, "forget_old_key", lambda _: (_ for _ in ()).throw(Tampered("cut short")))
    with pytest.raises(DoorwardError):
        site.stores.lookalikes.pair(ada, bo, NOON)
    monkeypatch.undo()
    assert set(vault.renewing()) == {ada, bo}
    with open_site(site.folder, lambda: PASSPHRASE) as again:
        assert set(again.stores.vault.renewing()) == set()
        assert [one.person for one in again.stores.lookalikes.of(ada)] == [bo]
        assert [one.person for one in again.stores.lookalikes.of(bo)] == [ada]
        assert again.stores.people.get(ada).display_name == "Ada"
