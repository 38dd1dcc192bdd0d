"""The sealed snapshot of the roll: it opens whole, at its time, for those still here, and else the rows are read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from doorward.adapters.galleries.face import rolls as rolls_module
from doorward.adapters.galleries.face import snapshot
from doorward.adapters.galleries.face.exhaustive import ExhaustiveGallery
from doorward.adapters.galleries.face.rolls import SnapshotRolls
from doorward.adapters.stores.face.bulk import BulkStore, Newcomer
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import Tampered
from doorward.identify.ports import Roll
from doorward.identify.roster import Roster
from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose
from doorward.people.membership import Membership, lasting
from doorward.people.person import EVERYONE
from doorward.wiring.face.opening import Stores
from fakes.clock import FakeClock
from known_people import NOON, OFFICER, consent, enrolment, face, person
from newcomers import newcomer
from throwaway_sites import opened_stores

COUNT = 12


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "CHUNK", 1_000)


@pytest.fixture
def known(stores: Stores) -> list[Newcomer]:
    many = [newcomer(n) for n in range(COUNT)]
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(many)
    return many


@pytest.fixture
def rolls(stores: Stores, folder: Path, known: list[Newcomer]) -> SnapshotRolls:
    """With a snapshot written."""
    held = SnapshotRolls(folder / "snapshots", stores.data, stores.vault, stores.randomness)
    held.newest(NOON)
    held.close()
    return held


@pytest.fixture
def file(folder: Path, rolls: SnapshotRolls) -> Path:
    return folder / "snapshots" / "gallery.sealed"


def roster_over(stores: Stores, rolls: SnapshotRolls | None) -> tuple[Roster, ExhaustiveGallery]:
    gallery = ExhaustiveGallery()
    roster = Roster(
        gallery, stores.people, stores.consents, stores.enrolments, stores.changes, stores.vault.clock, rolls
    )
    roster.refresh()
    return roster, gallery


def found(stores: Stores, rolls: SnapshotRolls | None, seeds: range = range(COUNT + 2)) -> dict[int, PersonId]:
    """Who is found by each face, in a roster started anew."""
    _, gallery = roster_over(stores, rolls)
    best = {n: gallery.search(face(n), EVERYONE, limit=1) for n in seeds}
    return {n: one[0].person for n, one in best.items() if one and one[0].score > 0.9}


def same(one: Roll, other: Roll) -> bool:
    vectors = np.array_equal(one.vectors, other.vectors) and np.array_equal(one.owners, other.owners)
    return vectors and told(one) == told(other)


def told(roll: Roll) -> tuple[object, ...]:
    deadlines = dict(zip(roll.deadlines.people, roll.deadlines.moments.tolist(), strict=True))
    return roll.revision, list(roll.people), list(roll.groups), deadlines


def test_snapshot_rows_and_one_by_one_give_the_same_roster(
    stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    expected = {n: one.person.id for n, one in enumerate(known)}
    held = rolls.from_snapshot()
    assert held is not None
    assert same(held, rolls.from_rows(NOON))
    assert found(stores, rolls) == found(stores, None) == expected


def test_only_the_confirmed_and_consenting_have_references_in_the_roll(stores: Stores, rolls: SnapshotRolls) -> None:
    pending, refusing, ending, bare = (person(name) for name in ("P", "R", "E", "B"))
    for one in (pending, refusing, ending, bare):
        stores.people.add(one)
    until = NOON + timedelta(days=1)
    stores.consents.add(consent(pending.id))
    stores.consents.add(consent(refusing.id, frozenset({Purpose.VERIFY})))
    stores.consents.add(consent(ending.id, until=until))
    for one in (pending, refusing, ending):
        stores.enrolments.add(enrolment(one.id, face(99), confirmed=one is not pending))
    stores.enrolments.add(enrolment(ending.id, face(98)))
    roll = rolls.from_rows(NOON)
    assert {one.id for one in (pending, refusing, ending, bare)} <= set(roll.people)
    assert [roll.people[owner] for owner in roll.owners[COUNT:]] == [ending.id] * 2
    assert list(roll.deadlines.people) == [ending.id]
    assert roll.deadlines.due(until) == [ending.id]
    assert not roll.deadlines.due(until - timedelta(seconds=1))
    rolls.write(roll)
    held = rolls.from_snapshot()
    assert held is not None
    assert same(held, roll)


def test_a_snapshot_knows_when_memberships_begin_and_end(stores: Stores, rolls: SnapshotRolls) -> None:
    begins, ends = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    night = replace(person("Night"), memberships=lasting({EVERYONE}) | {Membership("night", begins, ends)})
    stores.people.add(night)
    stores.consents.add(consent(night.id, until=NOON + timedelta(days=1)))
    stores.enrolments.add(enrolment(night.id, face(99)))
    rolls.write(rolls.from_rows(NOON))
    held = rolls.from_snapshot()
    assert held is not None
    assert held.groups[list(held.people).index(night.id)] == {EVERYONE}
    assert held.deadlines.due(begins) == [night.id]
    assert not held.deadlines.due(begins - timedelta(seconds=1))
    gallery, clock = ExhaustiveGallery(), FakeClock(NOON)
    roster = Roster(gallery, stores.people, stores.consents, stores.enrolments, stores.changes, clock, rolls)
    counted = []
    for moment in (NOON, begins, ends):
        clock.moment = moment
        roster.refresh()
        counted.append(gallery.count("night"))
    assert counted == [0, 1, 0]


def test_what_changed_since_is_followed(stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]) -> None:
    late = newcomer(COUNT)
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add([late])
    stores.consents.update(replace(known[1].consent, withdrawn_at=NOON))
    held = rolls.from_snapshot()
    assert held is not None
    assert found(stores, rolls) == {
        **{n: one.person.id for n, one in enumerate(known) if n != 1},
        COUNT: late.person.id,
    }


def test_too_many_changes_have_the_rows_read_and_a_new_snapshot_written(
    stores: Stores, rolls: SnapshotRolls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolls_module, "FEW", 0)
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add([newcomer(COUNT)])
    assert rolls.from_snapshot() is None
    rolls.newest(NOON)
    rolls.close()
    held = rolls.from_snapshot()
    assert held is not None
    assert len(held.people) == COUNT + 1


def test_erasing_somebody_destroys_the_key_of_every_snapshot_before(
    stores: Stores, rolls: SnapshotRolls, known: list[Newcomer], file: Path
) -> None:
    stolen = file.read_bytes()
    stores.people.erase(known[0].person.id)
    assert rolls.from_snapshot() is None
    rolls.newest(NOON)
    rolls.close()
    held = rolls.from_snapshot()
    assert held is not None
    assert known[0].person.id not in held.people
    file.write_bytes(stolen)
    assert rolls.from_snapshot() is None


def test_withdrawing_a_consent_destroys_it_too(stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]) -> None:
    stores.consents.withdraw(replace(known[0].consent, withdrawn_at=NOON), keep=())
    assert rolls.from_snapshot() is None


def test_a_snapshot_written_across_an_erasure_does_not_hold_the_erased(
    stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    roll = rolls.from_rows(NOON)
    stores.people.erase(known[3].person.id)
    rolls.write(roll)
    held = rolls.from_snapshot()
    assert held is not None
    assert known[3].person.id not in held.people
    assert len(held.vectors) == COUNT - 1


def test_nor_across_one_that_has_only_begun(stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]) -> None:
    roll = rolls.from_rows(NOON)
    with stores.data.begin() as connection:
        connection.execute(
            text("INSERT INTO erasures (person, mac, done) VALUES (:person, x'00', 0)"), {"person": known[3].person.id}
        )
    rolls.write(roll)
    held = rolls.from_snapshot()
    assert held is not None
    assert known[3].person.id not in held.people


def test_the_snapshot_before_cannot_be_opened_any_more(stores: Stores, rolls: SnapshotRolls, file: Path) -> None:
    before = file.read_bytes()
    rolls.write(rolls.from_rows(NOON))
    assert rolls.from_snapshot() is not None
    file.write_bytes(before)
    assert rolls.from_snapshot() is None


def test_any_byte_altered_is_refused_and_the_rows_are_read(
    stores: Stores, rolls: SnapshotRolls, known: list[Newcomer], file: Path
) -> None:
    whole = file.read_bytes()
    for place in {*range(0, len(whole), 97), len(whole) - 1}:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert rolls.from_snapshot() is None
    assert len(found(stores, rolls)) == COUNT
    rolls.close()
    assert rolls.from_snapshot() is not None


@pytest.mark.parametrize("kept", [0, 5, 63, 64, 65, 100, 64 + 1016, 64 + 2 * 1016, -1016, -1])
def test_one_cut_short_is_refused(rolls: SnapshotRolls, file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    assert rolls.from_snapshot() is None


def test_chunks_in_another_order_or_twice_are_refused(rolls: SnapshotRolls, file: Path) -> None:
    whole = file.read_bytes()
    start, size = 64, 1_000 + 16
    first, second = whole[start : start + size], whole[start + size : start + 2 * size]
    assert whole[start + 2 * size :]
    for altered in (second + first, first + first):
        file.write_bytes(whole[:start] + altered + whole[start + 2 * size :])
        assert rolls.from_snapshot() is None
    file.write_bytes(whole + first)
    assert rolls.from_snapshot() is None
    file.write_bytes(whole)
    assert rolls.from_snapshot() is not None


def test_a_store_put_back_in_time_does_not_take_a_later_snapshot(stores: Stores, rolls: SnapshotRolls) -> None:
    with stores.data.begin() as connection:
        connection.execute(text("DELETE FROM changes WHERE revision > 5"))
    assert rolls.from_snapshot() is None


def test_a_store_with_another_past_does_not_take_it(stores: Stores, rolls: SnapshotRolls) -> None:
    for _ in range(3):
        stores.trail.record(AuditEntry(OFFICER, "list of people read", None, NOON))
    rolls.write(rolls.from_rows(NOON))
    stores.trail.record(AuditEntry(OFFICER, "list of people read", None, NOON))
    assert rolls.from_snapshot() is not None
    with stores.data.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET leaf = randomblob(32) WHERE number = 5"))
    assert rolls.from_snapshot() is None


def test_a_person_whose_record_was_forged_is_left_to_be_asked_for_singly(
    stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    with stores.data.begin() as connection:
        connection.execute(
            text("UPDATE persons SET record = randomblob(400) WHERE id = :id"), {"id": known[2].person.id}
        )
    roll = rolls.from_rows(NOON)
    assert list(roll.unsettled) == [known[2].person.id]
    assert known[2].person.id not in roll.people
    stores.vault.snapshots().destroy_all()
    with pytest.raises(Tampered):
        roster_over(stores, rolls)
    rolls.close()


def test_an_unwritable_folder_costs_nothing_but_time(stores: Stores, folder: Path, known: list[Newcomer]) -> None:
    (folder / "snapshots").write_bytes(b"")
    rolls = SnapshotRolls(folder / "snapshots", stores.data, stores.vault, stores.randomness)
    assert len(found(stores, rolls)) == COUNT
    rolls.close()
    assert len(stores.vault.snapshots().held()) == 0


def test_it_tells_a_thief_nothing(rolls: SnapshotRolls, known: list[Newcomer], file: Path) -> None:
    octets = file.read_bytes()
    assert octets
    for one in known:
        assert one.enrolment.template.vector.tobytes()[:8] not in octets
        assert one.person.id.encode() not in octets
    assert file.stat().st_mode & 0o077 == 0


def test_another_process_opens_it(folder: Path, rolls: SnapshotRolls) -> None:
    other = opened_stores(folder)
    try:
        held = SnapshotRolls(folder / "snapshots", other.data, other.vault, other.randomness).from_snapshot()
        assert held is not None
        assert len(held.people) == COUNT
    finally:
        other.close()
