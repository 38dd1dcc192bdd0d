"""A person's key renewed, and cut short at every step."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from doorward.adapters.stores.face import rekeying
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.errors import Tampered
from doorward.kernel.audit import AuditEntry
from doorward.people.consent import Purpose
from doorward.people.person import Person
from doorward.wiring.face.opening import DATA, KEYS, Stores
from known_people import NOON, OFFICER, consent, enrolment, face, passage, person
from power_cuts import PowerCut, cut, then_cut
from throwaway_sites import opened_stores, throwaway_site

ALL = frozenset(Purpose)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


def with_everything(stores: Stores) -> Person:
    ada = person("Ada", badge_number="7")
    stores.people.add(ada)
    stores.consents.add(consent(ada.id, ALL))
    stores.enrolments.add(enrolment(ada.id, face(1)), photo=b"photo")
    stores.passages.add(passage(ada.id))
    stores.trail.record(AuditEntry(OFFICER, "looked", ada.id, NOON))
    return ada


def wrapped_keys(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        rows = keys.execute("SELECT wrapped FROM keys WHERE kind = 'person'").fetchall()
    return [wrapped for (wrapped,) in rows]


STEPS: dict[str, Callable[[Stores, pytest.MonkeyPatch], None]] = {
    "before the new key": lambda stores, patch: patch.setattr(stores.vault, "renew_person", cut),
    "after the new key": lambda stores, patch: patch.setattr(
        stores.vault, "renew_person", then_cut(stores.vault.renew_person)
    ),
    "while rows are sealed anew": lambda _, patch: patch.setattr(Rekeying, "_seal_photos", cut),
    "before the rows are committed": lambda _, patch: patch.setattr(rekeying, "mark_changed", cut),
    "before the log is emptied": lambda _, patch: patch.setattr(rekeying, "truncate_log", cut),
    "before the old key goes": lambda stores, patch: patch.setattr(stores.vault, "forget_old_key", cut),
    "after the old key went": lambda stores, patch: patch.setattr(
        stores.vault, "forget_old_key", then_cut(stores.vault.forget_old_key)
    ),
}


def test_the_old_key_and_what_it_sealed_are_gone_from_the_files(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores)
    (before,) = wrapped_keys(folder)
    with closing(sqlite3.connect(folder / DATA)) as data:
        (photo,) = data.execute("SELECT photo FROM enrolments").fetchone()
    given = stores.consents.of(ada.id)[0]
    stores.consents.withdraw(replace(given, withdrawn_at=NOON), ALL - {Purpose.PHOTO})
    (after,) = wrapped_keys(folder)
    assert before != after
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert before not in written
    assert photo not in written
    assert stores.trail.about(ada.id)[-1].action == "looked"
    stores.trail.record(AuditEntry(OFFICER, "looked again", ada.id, NOON))
    assert [entry.action for entry in stores.trail.about(ada.id)] == ["looked", "looked again"]


def test_erasing_afterwards_destroys_every_key_of_the_person(folder: Path, stores: Stores) -> None:
    ada = with_everything(stores)
    Rekeying(stores.data, stores.vault).renew(ada.id)
    stores.people.erase(ada.id)
    assert not stores.trail.about(ada.id)
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        assert keys.execute("SELECT count(*) FROM keys WHERE owner = ?", (ada.id,)).fetchone() == (0,)


@pytest.mark.parametrize("again", ["at the next opening", "when asked again"])
@pytest.mark.parametrize("step", STEPS)
def test_a_withdrawal_cut_short_is_whole_or_not_at_all(
    folder: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch, step: str, again: str
) -> None:
    ada = with_everything(stores)
    before = wrapped_keys(folder)
    given = stores.consents.of(ada.id)[0]
    ended = replace(given, withdrawn_at=NOON)
    with monkeypatch.context() as patch:
        STEPS[step](stores, patch)
        with pytest.raises(PowerCut):
            stores.consents.withdraw(ended, frozenset())
    if again == "when asked again":
        stores.consents.withdraw(ended, frozenset())
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        assert reopened.people.get(ada.id) == ada
        (held,) = reopened.consents.of(ada.id)
        assert held in (given, ended)
        assert len(reopened.enrolments.of(ada.id)) == len(reopened.passages.of(ada.id)) == (held == given)
        assert len(reopened.trail.about(ada.id)) == 1
        assert not reopened.vault.renewing()
        if again == "when asked again":
            assert held == ended
    (after,) = wrapped_keys(folder)
    assert (after == before[0]) == (step == "before the new key" and again == "at the next opening")


def test_a_damaged_record_stops_its_persons_renewal_and_not_the_site(folder: Path, stores: Stores) -> None:
    ada, bo = with_everything(stores), person("Bo")
    stores.people.add(bo)
    with closing(sqlite3.connect(folder / DATA)) as data, data:
        data.execute("UPDATE enrolments SET photo = zeroblob(300)")
    given = stores.consents.of(ada.id)[0]
    with pytest.raises(Tampered):
        stores.consents.withdraw(replace(given, withdrawn_at=NOON), ALL)
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        assert reopened.people.get(ada.id) == ada
        assert reopened.people.get(bo.id) == bo
        assert reopened.vault.renewing() == (ada.id,)
        reopened.consents.withdraw(replace(given, withdrawn_at=NOON), ALL - {Purpose.PHOTO})
        assert not reopened.vault.renewing()
        assert len(reopened.enrolments.of(ada.id)) == 1


def test_two_processes_both_write_while_a_key_is_renewed(folder: Path, stores: Stores) -> None:
    """What the other wrote under the old key is sealed anew; what it writes afterwards is under the new one."""
    ada = with_everything(stores)
    with closing(opened_stores(folder)) as elsewhere:
        elsewhere.vault.renew_person(ada.id)
        stores.enrolments.add(enrolment(ada.id, face(2)))
        Rekeying(elsewhere.data, elsewhere.vault).renew(ada.id)
        stores.enrolments.add(enrolment(ada.id, face(3)))
        assert len(elsewhere.enrolments.of(ada.id)) == len(stores.enrolments.of(ada.id)) == 3
        stores.passages.add(passage(ada.id))
        assert len(elsewhere.passages.of(ada.id)) == 2
