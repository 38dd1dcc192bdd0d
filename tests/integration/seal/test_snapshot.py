"""The sealed snapshot of the gallery: it opens whole, at its time, for those still here, and else the rows are read."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from doorward.adapters.galleries.face import rolls as rolls_module
from doorward.adapters.galleries.face import snapshot
from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.rolls import SnapshotRolls
from doorward.adapters.galleries.face.short_codes import ShortCodes
from doorward.adapters.galleries.face.snapshot import snapshot_place
from doorward.adapters.stores.face.bulk import BulkStore, Newcomer
from doorward.adapters.stores.face.roll_reading import RollReader
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import Tampered
from doorward.face.template import Template, TemplateOrigin
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import Roll
from doorward.identify.roster import Roster
from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose
from doorward.people.membership import Membership, lasting
from doorward.people.person import EVERYONE
from doorward.wiring.face.opening import Stores
from known_people import NOON, OFFICER, consent, enrolment, face, person
from newcomers import newcomer
from throwaway_sites import opened_stores, throwaway_site

COUNT = 12
CODED_FROM = 32
OTHER_ORIGIN = TemplateOrigin("other", "openvino", "f32")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "CHUNK", 1_000)


@pytest.fixture
def known(stores: Stores) -> list[Newcomer]:
    many = [newcomer(n) for n in range(COUNT)]
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(many)
    return many


@dataclass
class Started:
    """A gallery with its roster, as in a process that has just begun."""

    gallery: CompactGallery
    rolls: SnapshotRolls
    roster: Roster

    def found(self, seeds: range = range(COUNT + 2)) -> dict[int, PersonId]:
        """Who is found by each face."""
        best = {n: self.gallery.search(face(n), EVERYONE, limit=1) for n in seeds}
        return {n: one[0].person for n, one in best.items() if one and one[0].score > 0.9}


def started(
    stores: Stores, folder: Path, model: str = "sface", successor: str | None = None, name: str = "gallery"
) -> Started:
    """Not yet followed. In codes, but not for ``COUNT`` people."""
    gallery = CompactGallery(coded_from=CODED_FROM)
    place, clock = snapshot_place(folder, name), stores.vault.clock
    rolls = SnapshotRolls(place, stores.data, stores.vault, stores.randomness, gallery, model, successor)
    kept = (stores.people, stores.consents, stores.enrolments, stores.changes)
    roster = Roster(gallery, *kept, clock, rolls, model, successor)
    return Started(gallery, rolls, roster)


def write(stores: Stores, folder: Path) -> SnapshotRolls:
    """A snapshot of what the rows say."""
    held = started(stores, folder)
    held.roster.refresh()
    held.rolls.close()
    return held.rolls


@pytest.fixture
def rolls(stores: Stores, folder: Path, known: list[Newcomer]) -> SnapshotRolls:
    """With a snapshot written."""
    return write(stores, folder)


@pytest.fixture
def file(folder: Path, rolls: SnapshotRolls) -> Path:
    return folder / "snapshots" / "gallery.sealed"


def found(stores: Stores, folder: Path) -> dict[int, PersonId]:
    """Who is found by each face, in a process that begins now."""
    held = started(stores, folder)
    held.roster.refresh()
    held.rolls.close()
    return held.found()


def told(roll: Roll | None) -> tuple[object, ...]:
    assert roll is not None
    deadlines = dict(zip(roll.deadlines.people, roll.deadlines.moments.tolist(), strict=True))
    people = {person: (groups, vectors.tolist()) for person, groups, vectors in roll.references.everybody()}
    return roll.revision, people, deadlines


def people_in(roll: Roll | None) -> list[PersonId]:
    assert roll is not None
    return [person for person, *_ in roll.references.everybody()]


def test_snapshot_rows_and_one_by_one_give_the_same_gallery(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    expected = {n: one.person.id for n, one in enumerate(known)}
    assert told(rolls.from_snapshot()) == told(rolls.from_rows(NOON))
    one_by_one = started(stores, folder)
    one_by_one.roster = Roster(
        one_by_one.gallery,
        stores.people,
        stores.consents,
        stores.enrolments,
        stores.changes,
        stores.vault.clock,
    )
    one_by_one.roster.refresh()
    assert found(stores, folder) == one_by_one.found() == expected


def test_only_the_confirmed_and_consenting_have_references_in_the_roll(
    stores: Stores, folder: Path, rolls: SnapshotRolls
) -> None:
    pending, refusing, ending, bare = (person(name) for name in ("P", "R", "E", "B"))
    for one in (pending, refusing, ending, bare):
        stores.people.add(one)
    until = NOON + timedelta(days=10_000)
    stores.consents.add(consent(pending.id))
    stores.consents.add(consent(refusing.id, frozenset({Purpose.VERIFY})))
    stores.consents.add(consent(ending.id, until=until))
    for one in (pending, refusing, ending):
        stores.enrolments.add(enrolment(one.id, face(99), confirmed=one is not pending))
    stores.enrolments.add(enrolment(ending.id, face(98)))
    roll = rolls.from_rows(NOON)
    assert [person for person, _, vectors in roll.references.everybody() for _ in vectors][COUNT:] == [ending.id] * 2
    assert list(roll.deadlines.people) == [ending.id]
    assert roll.deadlines.due(until) == [ending.id]
    assert not roll.deadlines.due(until - timedelta(seconds=1))
    stores.vault.snapshots().destroy_all()
    assert told(write(stores, folder).from_snapshot()) == told(roll)


def test_a_snapshot_knows_when_memberships_begin_and_end(
    stores: Stores, folder: Path, known: list[Newcomer], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOON]
    monkeypatch.setattr(stores.vault.clock, "now", lambda: now[0])
    begins, ends = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    night = replace(person("Night"), memberships=lasting({EVERYONE}) | {Membership("night", begins, ends)})
    stores.people.add(night)
    stores.consents.add(consent(night.id, until=NOON + timedelta(days=1)))
    stores.enrolments.add(enrolment(night.id, face(99)))
    held = write(stores, folder).from_snapshot()
    assert held is not None
    assert {person: groups for person, groups, _ in held.references.everybody()}[night.id] == {EVERYONE}
    assert held.deadlines.due(begins) == [night.id]
    assert not held.deadlines.due(begins - timedelta(seconds=1))
    later = started(stores, folder)
    counted = []
    for moment in (NOON, begins, ends):
        now[0] = moment
        later.roster.refresh()
        counted.append(later.gallery.count("night"))
    assert counted == [0, 1, 0]


def test_what_changed_since_is_followed(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    late = newcomer(COUNT)
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add([late])
    stores.consents.update(replace(known[1].consent, withdrawn_at=NOON))
    assert rolls.from_snapshot() is not None
    assert found(stores, folder) == {
        **{n: one.person.id for n, one in enumerate(known) if n != 1},
        COUNT: late.person.id,
    }


def test_too_many_changes_have_the_rows_read_and_a_new_snapshot_written(
    stores: Stores, folder: Path, rolls: SnapshotRolls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolls_module, "FEW", 0)
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add([newcomer(COUNT)])
    assert rolls.from_snapshot() is None
    assert len(people_in(write(stores, folder).from_snapshot())) == COUNT + 1


def test_many_change_in_one_long_life_and_the_snapshot_follows(
    stores: Stores, folder: Path, known: list[Newcomer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolls_module, "FEW", 2)
    now = [NOON]
    monkeypatch.setattr(stores.vault.clock, "now", lambda: now[0])
    store = BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault))
    held = started(stores, folder)
    held.roster.refresh()
    for number in range(COUNT, COUNT + 6):
        store.add([newcomer(number)])
        now[0] += timedelta(hours=1)
        held.rolls.close()
        held.roster.refresh()
    held.rolls.close()
    assert len(people_in(held.rolls.from_snapshot())) == COUNT + 6


def test_erasing_somebody_destroys_the_key_of_every_snapshot_before(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer], file: Path
) -> None:
    stolen = file.read_bytes()
    stores.people.erase(known[0].person.id)
    assert rolls.from_snapshot() is None
    assert known[0].person.id not in people_in(write(stores, folder).from_snapshot())
    file.write_bytes(stolen)
    assert rolls.from_snapshot() is None


def test_a_process_that_lives_on_writes_another_after_an_erasure_but_not_after_each(
    stores: Stores, folder: Path, known: list[Newcomer], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOON]
    monkeypatch.setattr(stores.vault.clock, "now", lambda: now[0])
    held = started(stores, folder)
    held.roster.refresh()
    for number in range(3):
        stores.people.erase(known[number].person.id)
        held.roster.refresh()
        held.rolls.close()
        assert held.rolls.from_snapshot() is None
    now[0] += rolls_module.WRITTEN_EVERY
    held.roster.refresh()
    held.rolls.close()
    assert people_in(held.rolls.from_snapshot()) == [one.person.id for one in known[3:]]


def test_withdrawing_a_consent_destroys_it_too(stores: Stores, rolls: SnapshotRolls, known: list[Newcomer]) -> None:
    stores.consents.withdraw(replace(known[0].consent, withdrawn_at=NOON), keep=())
    assert rolls.from_snapshot() is None


@pytest.mark.parametrize("has_only_begun", [False, True])
def test_a_snapshot_written_across_an_erasure_does_not_hold_the_erased(
    stores: Stores, folder: Path, known: list[Newcomer], has_only_begun: bool
) -> None:
    held = started(stores, folder)
    held.roster.refresh()
    held.rolls.close()
    revision = stores.changes.since(0)[0]
    if has_only_begun:
        with stores.data.begin() as connection:
            connection.execute(
                text("INSERT INTO erasures (person, mac, done) VALUES (:person, x'00', 0)"),
                {"person": known[3].person.id},
            )
    else:
        stores.people.erase(known[3].person.id)
    assert known[3].person.id in held.found().values()
    held.rolls.write(revision, Deadlines.of({}))
    written = people_in(held.rolls.from_snapshot())
    assert known[3].person.id not in written
    assert len(written) == COUNT - 1


def test_the_snapshot_before_cannot_be_opened_any_more(
    stores: Stores, folder: Path, rolls: SnapshotRolls, file: Path
) -> None:
    before = file.read_bytes()
    stores.vault.snapshots().destroy_all()
    assert write(stores, folder).from_snapshot() is not None
    file.write_bytes(before)
    assert rolls.from_snapshot() is None


def test_any_byte_altered_is_refused_and_the_rows_are_read(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer], file: Path
) -> None:
    whole = file.read_bytes()
    for place in {*range(0, len(whole), 97), len(whole) - 1}:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert rolls.from_snapshot() is None
    assert len(found(stores, folder)) == COUNT
    assert rolls.from_snapshot() is not None


@pytest.mark.parametrize("kept", [0, 5, 63, 64, 65, 100, 64 + 1016, 64 + 2 * 1016, -1016, -1])
def test_one_cut_short_is_refused(rolls: SnapshotRolls, file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    assert rolls.from_snapshot() is None


def test_one_written_as_it_was_before_is_written_anew(
    stores: Stores, folder: Path, rolls: SnapshotRolls, file: Path
) -> None:
    file.write_bytes(file.read_bytes().replace(b"snapshot 2", b"snapshot 1", 1))
    assert rolls.from_snapshot() is None
    assert len(found(stores, folder)) == COUNT
    assert rolls.from_snapshot() is not None


def test_one_of_another_site_is_refused(rolls: SnapshotRolls, file: Path, tmp_path: Path) -> None:
    other_folder = throwaway_site(tmp_path, "another")
    other = opened_stores(other_folder)
    try:
        write(other, other_folder)
        there = other_folder / "snapshots" / "gallery.sealed"
        own, there_before = file.read_bytes(), there.read_bytes()
        assert there_before != own
        file.write_bytes(there_before)
        assert rolls.from_snapshot() is None
        file.write_bytes(there_before[:64] + own[64:])
        assert rolls.from_snapshot() is None
    finally:
        other.close()


def test_one_of_another_model_is_left_and_written_anew(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    stores.enrolments.add(
        replace(enrolment(known[0].person.id, face(99)), template=Template(face(99).vector, OTHER_ORIGIN))
    )
    other = started(stores, folder, "other")
    assert other.rolls.from_snapshot() is None
    other.roster.refresh()
    assert other.found(range(99, 100)) == {99: known[0].person.id}
    other.rolls.close()
    assert people_in(other.rolls.from_snapshot()) == [known[0].person.id]
    assert rolls.from_snapshot() is None


def test_two_galleries_of_one_site_have_a_snapshot_each(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    former = started(stores, folder, successor="other", name="former-gallery")
    former.roster.refresh()
    former.rolls.close()
    assert len(stores.vault.snapshots().held()) == 2
    assert len(people_in(former.rolls.from_snapshot())) == len(people_in(rolls.from_snapshot())) == COUNT
    assert started(stores, folder, name="former-gallery").rolls.from_snapshot() is None  # it has no successor
    stores.people.erase(known[0].person.id)
    assert former.rolls.from_snapshot() is None
    assert rolls.from_snapshot() is None


def test_one_of_many_in_codes_opens_without_training(
    stores: Stores, folder: Path, known: list[Newcomer], monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [newcomer(n) for n in range(COUNT, CODED_FROM + 5)]
    BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(more)
    expected = {n: one.person.id for n, one in enumerate([*known, *more])}
    write(stores, folder)
    monkeypatch.setattr(ShortCodes, "of", None)
    monkeypatch.setattr(RollReader, "read", None)
    held = started(stores, folder)
    held.roster.refresh()
    assert held.found(range(len(expected))) == expected
    stores.people.erase(more[0].person.id)
    held.roster.refresh()
    assert held.gallery.count(EVERYONE) == len(expected) - 1


def test_one_of_an_empty_gallery_opens(stores: Stores, folder: Path) -> None:
    assert people_in(write(stores, folder).from_snapshot()) == []
    assert found(stores, folder) == {}


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


def test_a_store_with_another_past_does_not_take_it(stores: Stores, folder: Path, known: list[Newcomer]) -> None:
    for _ in range(3):
        stores.trail.record(AuditEntry(OFFICER, "list of people read", None, NOON))
    rolls = write(stores, folder)
    stores.trail.record(AuditEntry(OFFICER, "list of people read", None, NOON))
    assert rolls.from_snapshot() is not None
    with stores.data.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET leaf = randomblob(32) WHERE number = 5"))
    assert rolls.from_snapshot() is None


def test_a_person_whose_record_was_forged_is_left_to_be_asked_for_singly(
    stores: Stores, folder: Path, rolls: SnapshotRolls, known: list[Newcomer]
) -> None:
    with stores.data.begin() as connection:
        connection.execute(
            text("UPDATE persons SET record = randomblob(400) WHERE id = :id"), {"id": known[2].person.id}
        )
    roll = rolls.from_rows(NOON)
    assert list(roll.unsettled) == [known[2].person.id]
    assert known[2].person.id not in people_in(roll)
    stores.vault.snapshots().destroy_all()
    with pytest.raises(Tampered):
        started(stores, folder).roster.refresh()


def test_an_unwritable_folder_costs_nothing_but_time(stores: Stores, folder: Path, known: list[Newcomer]) -> None:
    (folder / "snapshots").write_bytes(b"")
    assert len(found(stores, folder)) == COUNT
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
        assert len(people_in(started(other, folder).rolls.from_snapshot())) == COUNT
    finally:
        other.close()
