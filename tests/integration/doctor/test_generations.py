"""Rows put back, deleted and added by somebody who has the databases and no key, and what ordinary acts leave."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.adapters.stores.face.bulk import BulkStore
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.consent import Consent, Purpose
from doorward.people.enrolment import Enrolment
from doorward.people.person import Person
from doorward.vault.vault import epoch_of
from doorward.wiring.doctor import generations
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.doctor.generations import check_generations
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.keys import Renewable, renew_person, renew_site_wide
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.site import Site, open_site
from known_people import BIOMETRIC, NOON, OFFICER, consent, enrolment, face, passage, person
from newcomers import newcomer
from throwaway_sites import PASSPHRASE, throwaway_site

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC)
"""Passages of days ago are dropped when a site is opened."""

EVERY_PURPOSE = frozenset(Purpose)
TABLES = ("persons", "consents", "enrolments", "grants", "passages")


@dataclass
class Known:
    """Somebody with a row of every kind."""

    person: Person
    consent: Consent
    enrolment: Enrolment


@pytest.fixture
def ada(site: Site) -> Known:
    known = with_everything(site, "Ada", 1)
    with_everything(site, "Bo", 2)
    site.stores.grants.put("token", "kiosk", {"scopes": ["admin"]})
    return known


def with_everything(site: Site, name: str, seed: int) -> Known:
    known = person(name)
    given, template = consent(known.id, EVERY_PURPOSE), enrolment(known.id, face(seed), confirmed=False)
    site.stores.people.add(known)
    site.stores.consents.add(given)
    site.stores.enrolments.add(template, photo=b"photo of " + name.encode())
    for _ in range(2):
        site.stores.passages.add(passage(known.id, at=NOW))
    return Known(known, given, template)


def deep(site: Site) -> list[Finding]:
    return list(check_sealed(site, lambda _done, _all: None))


def told(site: Site, name: str) -> list[str]:
    found = [finding for finding in check_generations(site) if finding.id == name]
    assert {finding.severity for finding in found} <= {Severity.CRITICAL}
    return [finding.what for finding in found]


@contextmanager
def past_doorward(folder: Path, file: str = DATA) -> Iterator[sqlite3.Connection]:
    """The database as somebody has it who has the file; like the shell, without foreign keys."""
    with closing(sqlite3.connect(folder / file)) as connection, connection:
        yield connection


def row_of(folder: Path, table: str, row: str) -> tuple[object, ...]:
    with past_doorward(folder) as connection:
        return connection.execute(f"SELECT * FROM {table} WHERE id = ?", (row,)).fetchone()


def put_back(folder: Path, table: str, row: tuple[object, ...]) -> None:
    with past_doorward(folder) as connection:
        connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def rewrite(site: Site, ada: Known, table: str) -> str:
    """Write a newer row over one; returns its id."""
    stores = site.stores
    if table == "persons":
        stores.people.update(replace(ada.person, display_name="Ada Lovelace"))
        return ada.person.id
    if table == "consents":
        stores.consents.update(replace(ada.consent, withdrawn_at=NOON))
        return ada.consent.id
    if table == "enrolments":
        stores.enrolments.confirm(replace(ada.enrolment, confirmed_at=NOON))
        return ada.enrolment.id
    stores.grants.put("token", "kiosk", {"scopes": []})
    return "kiosk"


@pytest.mark.parametrize("table", ["persons", "consents", "enrolments", "grants"])
def test_an_older_row_put_back_whole_is_named(folder: Path, site: Site, ada: Known, table: str) -> None:
    ids = {"persons": ada.person.id, "consents": ada.consent.id, "enrolments": ada.enrolment.id, "grants": "kiosk"}
    older = row_of(folder, table, ids[table])
    row = rewrite(site, ada, table)
    assert deep(site) == []
    put_back(folder, table, older)
    found = deep(site)
    assert [finding.id for finding in found] == ["row-replayed"], "it opens at its place: nothing else finds it"
    assert f"Table {table}, row {'token ' * (table == 'grants')}{row}, is not as it was written last" in found[0].what


def test_a_token_made_again_under_the_same_name_does_not_let_the_first_one_back(folder: Path, site: Site) -> None:
    site.stores.grants.put("token", "kiosk", {"scopes": ["admin"]})
    first = row_of(folder, "grants", "kiosk")
    assert site.stores.grants.remove("token", "kiosk")
    site.stores.grants.put("token", "kiosk", {"scopes": []})
    put_back(folder, "grants", first)
    assert site.stores.grants.get("token", "kiosk") == {"scopes": ["admin"]}, "its code fits: only the log tells"
    assert len(told(site, "row-replayed")) == 1


def removed(site: Site, ada: Known, table: str) -> tuple[str, Callable[[], object]]:
    """A row's id, and the act that removes the row."""
    stores = site.stores
    if table == "enrolments":
        return ada.enrolment.id, lambda: stores.enrolments.remove(ada.person.id, ada.enrolment.id)
    if table == "grants":
        return "kiosk", lambda: stores.grants.remove("token", "kiosk")
    row = stores.passages.of(ada.person.id)[0].id
    return row, lambda: stores.passages.remove_all(ada.person.id)


@pytest.mark.parametrize("table", ["enrolments", "grants", "passages"])
def test_a_removed_row_put_back_is_named(folder: Path, site: Site, ada: Known, table: str) -> None:
    row, remove = removed(site, ada, table)
    held = row_of(folder, table, row)
    remove()
    assert deep(site) == []
    put_back(folder, table, held)
    found = told(site, "row-not-committed")
    assert len(found) == 1 + (table == "enrolments"), "an enrolment comes back with its photo"
    assert all(f"Table {table}, row" in what and row in what for what in found)


@pytest.mark.parametrize("table", TABLES)
def test_a_deleted_row_is_named_with_its_person(folder: Path, site: Site, ada: Known, table: str) -> None:
    row = {
        "persons": ada.person.id,
        "consents": ada.consent.id,
        "enrolments": ada.enrolment.id,
        "grants": "kiosk",
        "passages": last_passage(folder, site, ada.person.id),
    }[table]
    with past_doorward(folder) as connection:
        assert connection.execute(f"DELETE FROM {table} WHERE id = ?", (row,)).rowcount == 1
    found = [finding.what for finding in deep(site) if finding.id == "row-deleted"]
    assert len(found) == 1 + (table == "enrolments")
    for what in found:
        assert f"Table {table}, row" in what
        assert row in what
        assert table == "grants" or f"of person {ada.person.id}, was deleted past Doorward" in what


def last_passage(folder: Path, site: Site, of: PersonId) -> str:
    """The one that nobody's count misses."""
    tag = site.stores.vault.epoch_tag(epoch_of(NOW), of, 1)
    with past_doorward(folder) as connection:
        return str(connection.execute("SELECT id FROM passages WHERE tag = ?", (tag,)).fetchone()[0])


def test_a_deleted_photo_is_named(folder: Path, site: Site, ada: Known) -> None:
    with past_doorward(folder) as connection:
        connection.execute("UPDATE enrolments SET photo = NULL WHERE id = ?", (ada.enrolment.id,))
    (what,) = [finding.what for finding in deep(site)]
    assert f"Table enrolments, row {ada.enrolment.id}, column photo, of person {ada.person.id}" in what


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "new_id", ["7d444840-9dc0-11d1-b245-5ffdce74fad2", "x", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"]
)
def test_a_copy_under_a_new_id_is_named(folder: Path, site: Site, ada: Known, table: str, new_id: str) -> None:
    other = {"passages": ", tag = randomblob(32)", "consents": ', "order" = 99', "enrolments": ', "order" = 99'}
    with past_doorward(folder) as connection:
        connection.execute(f"CREATE TEMP TABLE copied AS SELECT * FROM {table} LIMIT 1")
        connection.execute(f"UPDATE copied SET id = ? {other.get(table, '')}", (new_id,))
        connection.execute(f"INSERT INTO {table} SELECT * FROM copied")
    found = [finding for finding in deep(site) if new_id in finding.what]
    expected = {"persons": "row-without-key", "passages": "passage-unreachable"}.get(table, "row-not-committed")
    assert expected in {finding.id for finding in found}
    assert {finding.severity for finding in found} == {Severity.CRITICAL}


def test_somebody_deleted_with_their_key_is_missed(folder: Path, site: Site, ada: Known) -> None:
    with past_doorward(folder, KEYS) as connection:
        connection.execute("DELETE FROM keys WHERE owner = ?", (ada.person.id,))
    assert told(site, "row-deleted") == [], "their rows are there, and said to be without a key"
    with past_doorward(folder) as connection:
        for table, column in (("persons", "id"), ("consents", "person"), ("enrolments", "person")):
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (ada.person.id,))
    assert told(site, "row-deleted") == ["A row of somebody whose key is gone was deleted past Doorward."] * 4


def test_erasing_somebody_whose_key_is_gone_leaves_nothing_to_find(folder: Path, site: Site, ada: Known) -> None:
    with past_doorward(folder, KEYS) as connection:
        connection.execute("DELETE FROM keys WHERE owner = ?", (ada.person.id,))
    site.stores.passages.drop_before(NOW + 2 * HOUR)
    site.stores.people.erase(ada.person.id)
    assert deep(site) == []


def test_many_are_named_up_to_a_number_and_then_counted(
    folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "MOST_NAMED", 5)
    BulkStore(site.stores.data, site.stores.vault, NewcomersLog(site.stores.vault)).add(map(newcomer, range(9)))
    assert deep(site) == []
    with past_doorward(folder) as connection:
        connection.execute("DELETE FROM consents")
    found = told(site, "row-deleted")
    assert len(found) == 6
    assert found[-1] == "4 more rows are like those named before."


def test_a_second_stock_cannot_be_forced(folder: Path, site: Site, ada: Known) -> None:
    older = row_of(folder, "consents", ada.consent.id)
    rewrite(site, ada, "consents")
    put_back(folder, "consents", older)
    with past_doorward(folder) as connection:
        connection.execute("UPDATE audit_entries SET tag = randomblob(32) WHERE number = 1")
        (entries,) = connection.execute("SELECT count(*) FROM audit_entries").fetchone()
    with open_site(folder, lambda: PASSPHRASE) as again:
        assert {finding.id for finding in deep(again)} == {"log-altered", "rows-not-compared"}
    with past_doorward(folder) as connection:
        assert connection.execute("SELECT count(*) FROM audit_entries").fetchone() == (entries,)


def test_a_site_that_has_no_such_entries_yet_takes_stock_of_every_row_once(
    folder: Path, site: Site, ada: Known
) -> None:
    forget_the_log(folder)
    with open_site(folder, lambda: PASSPHRASE) as upgraded:
        assert deep(upgraded) == []
        entries = upgraded.stores.auditing.verify().entries
    with open_site(folder, lambda: PASSPHRASE) as again:
        assert again.stores.auditing.verify().entries == entries
        with past_doorward(folder) as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")
        assert len(told(again, "row-deleted")) == 2 * (3 + 1 + 2) + 1


def forget_the_log(folder: Path) -> None:
    """As a site has it that an earlier version made: nothing is told of any row."""
    with past_doorward(folder) as connection:
        for table in ("audit_entries", "audit_nodes", "audit_head", "audit_checkpoints"):
            connection.execute(f"DELETE FROM {table}")


def test_an_erasure_that_a_crash_cut_short_in_an_earlier_version_is_ended(
    folder: Path, site: Site, ada: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.stores.people, "_finish", lambda _person: None)
    site.stores.people.erase(ada.person.id)
    with pytest.raises(PersonUnknown, match="being erased"):
        site.stores.consents.add(consent(ada.person.id))
    forget_the_log(folder)
    with open_site(folder, lambda: PASSPHRASE) as upgraded:
        assert upgraded.stores.people.count() == 1
        assert deep(upgraded) == []


def test_what_changes_while_the_rows_are_read_is_no_finding(
    site: Site, ada: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = generations.compared

    def meanwhile(*given: object) -> object:
        rewrite(site, ada, "consents")
        site.stores.people.add(person("Late"))
        site.stores.grants.put("token", "late", {})
        site.stores.enrolments.remove(ada.person.id, ada.enrolment.id)
        found = compared(*given)
        rewrite(site, ada, "persons")
        return found

    monkeypatch.setattr(generations, "compared", meanwhile)
    assert list(check_generations(site)) == []


@dataclass
class Acts:
    """Ordinary acts on a site, whoever and whatever they meet."""

    site: Site
    folder: Path
    known: list[Known] = field(default_factory=list)
    seed: int = 10

    def do(self, act: str) -> None:
        if act == "add" or not self.known:
            self.seed += 1
            self.known.append(with_everything(self.site, f"P{self.seed}", self.seed))
        else:
            getattr(self, act)(self.known[-1])

    def update(self, one: Known) -> None:
        self.site.stores.people.update(replace(one.person, display_name="Other"))

    def confirm(self, one: Known) -> None:
        if any(held.id == one.enrolment.id for held in self.site.stores.enrolments.of(one.person.id)):
            self.site.stores.enrolments.confirm(replace(one.enrolment, confirmed_at=NOON))

    def enrol_again(self, one: Known) -> None:
        self.site.stores.enrolments.remove(one.person.id, one.enrolment.id)
        one.enrolment = enrolment(one.person.id, face(self.seed))
        self.site.stores.enrolments.add(one.enrolment)

    def withdraw_photo(self, one: Known) -> None:
        self._withdraw(one, EVERY_PURPOSE - {Purpose.PHOTO})

    def withdraw_passages(self, one: Known) -> None:
        self._withdraw(one, BIOMETRIC | {Purpose.PHOTO})

    def withdraw_all(self, one: Known) -> None:
        self._withdraw(one, frozenset())

    def _withdraw(self, one: Known, keep: frozenset[Purpose]) -> None:
        self.site.stores.consents.withdraw(replace(one.consent, withdrawn_at=NOON), keep)

    def erase(self, one: Known) -> None:
        self.known.remove(one)
        self.site.register.erase(OFFICER, one.person.id)

    def renew_person(self, one: Known) -> None:
        renew_person(self.folder, self.site.stores, one.person.id, OFFICER)

    def renew_site(self, _: Known) -> None:
        for which in Renewable:
            renew_site_wide(self.folder, self.site.stores, which, OFFICER, lambda _done, _all: None)

    def invite(self, one: Known) -> None:
        code, _ = self.site.invitations.invite(one.person.id)
        self.site.invitations.try_once(code, one.person.id)

    def grant(self, _: Known) -> None:
        if not self.site.stores.grants.remove("token", "t"):
            self.site.stores.grants.put("token", "t", {})

    def retain(self, _: Known) -> None:
        self.site.stores.passages.drop_before(NOON + HOUR)

    def pass_later(self, one: Known) -> None:
        self.site.stores.passages.add(passage(one.person.id, at=NOON + 2 * HOUR))

    def import_many(self, _: Known) -> None:
        many = [newcomer(self.seed * 100 + number) for number in range(3)]
        BulkStore(self.site.stores.data, self.site.stores.vault, NewcomersLog(self.site.stores.vault)).add(many)
        self.known += [Known(one.person, one.consent, one.enrolment) for one in many]


ACTS = ["add", *(name for name in vars(Acts) if not name.startswith("_") and name not in ("site", "folder", "do"))]
ACTS = [name for name in ACTS if name == "add" or callable(getattr(Acts, name, None))]


@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from(ACTS), min_size=4, max_size=12))
def test_no_ordinary_act_leads_to_a_finding(acts: list[str]) -> None:
    with TemporaryDirectory() as place:
        folder = throwaway_site(Path(place))
        with open_site(folder, lambda: PASSPHRASE) as site:
            running = Acts(site, folder)
            for act in acts:
                running.do(act)
            assert deep(site) == [], acts
        with open_site(folder, lambda: PASSPHRASE) as again:
            assert deep(again) == [], acts


def test_each_ordinary_act_by_itself(folder: Path, site: Site) -> None:
    running = Acts(site, folder)
    for act in ACTS:
        running.do(act)
        assert deep(site) == [], act
