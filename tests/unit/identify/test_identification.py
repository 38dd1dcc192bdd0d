"""Identification and its roster, over real stores and fakes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from doorward.errors import LimitExceeded, StorageError
from doorward.face.decision import Decision, Reason
from doorward.face.template import Template
from doorward.identify.identification import MOST_A_MINUTE, Group, Identifier
from doorward.identify.membership import Memberships
from doorward.identify.neighbours import Neighbours
from doorward.identify.ports import Asker, Candidate
from doorward.identify.roster import Roster
from doorward.kernel.audit import AuditEntry, AuditTrail
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.membership import lasting
from doorward.people.person import EVERYONE
from fakes.audit_trail import BrokenAuditTrail
from fakes.searches import FakeSearches
from houses import House, real_house
from known_people import OFFICER, face, resembling


class Door:
    """A checkpoint whose roster and identifier live on, as in a running process."""

    def __init__(self, house: House, group: str = EVERYONE) -> None:
        self.group = group
        self.roster: Roster = house.roster
        self.identifier: Identifier = house.identifier
        self.memberships = Memberships(house.people, house.clock)

    def identify(self, probe: Template) -> Decision:
        self.roster.refresh()
        return self.identifier.identify(
            OFFICER,
            Group("north", self.group),
            probe,
            is_member=lambda person: self.memberships.is_member(person, self.group),
        )


def test_the_right_one_of_many_is_named_and_told(house: House) -> None:
    everybody = [house.known(f"Person {seed}", face(seed)) for seed in range(8)]
    decision = Door(house).identify(resembling(face(5), 0.7))
    assert (decision.person, decision.reason) == (everybody[5].id, Reason.MATCHED)
    assert house.trail.about(everybody[5].id)[-1].action == "identified at north"


def test_nobody_is_the_answer_for_strangers_and_leaves_no_entry(house: House) -> None:
    house.known("Ada", face(1))
    door = Door(house)
    before = house.trail.count()
    for seed in range(100, 120):
        decision = door.identify(face(seed))
        assert (decision.person, decision.reason, decision.score) == (None, Reason.NOBODY, None)
    assert house.trail.count() == before


@pytest.mark.parametrize("why", ["nobody is in the group", "nobody is known", "their membership has ended", "pending"])
def test_where_nobody_can_be_found_that_is_said(house: House, why: str) -> None:
    group = "night"
    if why != "nobody is known":
        captured = CapturedFrom.FILE if why == "pending" else CapturedFrom.LIVE
        ada = house.known("Ada", face(1), captured_from=captured)
        if why != "nobody is in the group":
            house.register.permit(OFFICER, ada.id, group, None, house.clock.now() + timedelta(hours=1))
    if why == "their membership has ended":
        house.clock.pass_by(hours=1)
    before = house.trail.count()
    decision = Door(house, group).identify(face(1))
    assert (decision.reason, decision.person) == (Reason.NOBODY_ENROLLED, None)
    assert house.trail.count() == before


def test_two_who_resemble_the_probe_are_both_refused(house: House) -> None:
    ada, bo = house.known("Ada", face(1)), house.known("Bo", resembling(face(1), 0.9))
    decision = Door(house).identify(face(1))
    assert (decision.person, decision.reason) == (None, Reason.SECOND_FACTOR_REQUIRED)
    assert all(not house.trail.about(who.id)[-1].action.startswith("identified") for who in (ada, bo))


@pytest.mark.parametrize(
    ("purposes", "captured_from"),
    [
        ((Purpose.VERIFY,), CapturedFrom.LIVE),
        ((Purpose.VERIFY, Purpose.PASSAGES, Purpose.PHOTO), CapturedFrom.LIVE),
        ((Purpose.IDENTIFY,), CapturedFrom.FILE),
    ],
)
def test_in_no_gallery_without_consent_or_while_pending(house: House, purposes, captured_from) -> None:
    house.known("Ada", face(1), purposes=purposes, captured_from=captured_from)
    door = Door(house)
    assert door.identify(face(1)).reason is Reason.NOBODY_ENROLLED
    assert house.gallery.count(EVERYONE) == 0


def test_confirming_brings_into_the_next_search(house: House) -> None:
    ada = house.known("Ada", face(1), captured_from=CapturedFrom.FILE)
    door = Door(house)
    assert not door.identify(face(1)).is_accepted
    house.enroller().confirm(OFFICER, ada.id, face(1))
    assert door.identify(face(1)).person == ada.id


@pytest.mark.parametrize("how", ["withdrawn", "expired", "erased", "template removed"])
def test_what_ends_is_out_of_the_next_search_and_of_memory(house: House, how: str) -> None:
    ada = house.known("Ada", purposes=())
    until = house.clock.now().replace(hour=14)
    given = house.register.consent(OFFICER, ada.id, "Entry", "1", [Purpose.IDENTIFY], "signed", until)
    enrolled = house.enroller().enrol(OFFICER, ada.id, face(1), CapturedFrom.LIVE)
    door = Door(house)
    assert door.identify(face(1)).person == ada.id
    if how == "withdrawn":
        house.register.withdraw(OFFICER, ada.id, given.id)
    elif how == "expired":
        house.clock.moment = until
    elif how == "erased":
        house.register.erase(OFFICER, ada.id)
    else:
        house.enrolments.remove(ada.id, enrolled.id)
    assert door.identify(face(1)).reason is Reason.NOBODY_ENROLLED
    assert house.gallery.count(EVERYONE) == 0


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["withdrawn", "erased", "group"])
def test_another_connection_s_change_holds_in_the_next_search(house: House, how: str) -> None:
    elsewhere, stores = real_house(house.folder)
    ada = elsewhere.known("Ada", face(1))
    elsewhere.register.permit(OFFICER, ada.id, "staff")
    door = Door(house, "staff")
    assert door.identify(face(1)).person == ada.id
    if how == "withdrawn":
        elsewhere.register.withdraw(OFFICER, ada.id, elsewhere.consents.of(ada.id)[0].id)
    elif how == "erased":
        elsewhere.register.erase(OFFICER, ada.id)
    else:
        elsewhere.people.update(ada)
    stores.close()
    assert door.identify(face(1)).reason is Reason.NOBODY_ENROLLED


def test_a_candidate_is_asked_for_again_before_a_name_is_given(house: House) -> None:
    """The gallery may be behind the store by the length of a search."""
    ada = house.known("Ada", face(1))
    door = Door(house)
    door.roster.refresh()
    group = Group("north", EVERYONE)
    (given,) = house.consents.of(ada.id)
    house.register.withdraw(OFFICER, ada.id, given.id)
    assert door.identifier.identify(OFFICER, group, face(1)).reason is Reason.NOBODY


@dataclass
class Meanwhile:
    """What happens while the gallery is searched, or while the log is written."""

    house: House
    happens: Callable[[], None]
    inner: AuditTrail

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        found = self.house.gallery.search(probe, group, limit)
        self.happens()
        return found

    def count(self, group: str) -> int:
        return self.house.gallery.count(group)

    def record(self, entry: AuditEntry) -> None:
        self.inner.record(entry)
        if entry.action.startswith("identified"):
            self.happens()


ENDINGS: dict[str, Callable[[House, PersonId], object]] = {
    "erased": lambda house, person: house.people.erase(person),
    "withdrawn": lambda house, person: house.register.withdraw(OFFICER, person, house.consents.of(person)[0].id),
    "another group's": lambda house, person: house.people.update(
        replace(house.people.get(person), memberships=lasting({"staff"}))
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_nobody_is_named_who_went_while_the_gallery_was_searched(house: House, ending: str) -> None:
    ada = house.known("Ada", face(1))
    door = Door(house)
    door.roster.refresh()
    meanwhile = Meanwhile(house, lambda: ENDINGS[ending](house, ada.id), house.trail)
    stores = (house.lookalikes, house.consents, house.enrolments, house.pace, house.trail, house.clock)
    door.identifier = Identifier(meanwhile, *stores)
    before = house.trail.count()
    assert door.identify(face(1)).reason is Reason.NOBODY
    assert house.trail.count() - before == (1 if ending == "withdrawn" else 0)


@pytest.mark.parametrize("ending", ENDINGS)
def test_nobody_is_named_who_went_while_the_log_was_written(house: House, ending: str) -> None:
    ada = house.known("Ada", face(1))
    door = Door(house)
    meanwhile = Meanwhile(house, lambda: ENDINGS[ending](house, ada.id), house.trail)
    stores = (house.lookalikes, house.consents, house.enrolments, house.pace, meanwhile, house.clock)
    door.identifier = Identifier(FakeSearches(house.gallery), *stores)
    decision = door.identify(face(1))
    assert (decision.person, decision.reason, decision.score) == (None, Reason.NOBODY, None)


def test_groups_permit_and_nothing_else(house: House) -> None:
    ada, bo = house.known("Ada", face(1)), house.known("Bo", face(2))
    house.register.permit(OFFICER, ada.id, "staff")
    staff = Door(house, "staff")
    assert staff.identify(face(1)).person == ada.id
    assert staff.identify(face(2)).reason is Reason.NOBODY
    assert Door(house).identify(face(2)).person == bo.id


def test_a_membership_begins_and_ends_without_anything_being_written(house: House) -> None:
    ada = house.known("Ada", face(1))
    now = house.clock.now()
    house.register.permit(OFFICER, ada.id, "night", now + timedelta(hours=1), now + timedelta(hours=2))
    night = Door(house, "night")
    found = []
    for _ in range(3):
        found.append(night.identify(face(1)).person)
        house.clock.pass_by(hours=1)
    assert found == [None, ada.id, None]


def test_who_may_pass_no_longer_is_not_named_by_a_gallery_that_is_behind(house: House) -> None:
    ada = house.known("Ada", face(1))
    ends = house.clock.now() + timedelta(hours=1)
    house.register.permit(OFFICER, ada.id, "night", None, ends)
    night = Door(house, "night")
    assert night.identify(face(1)).person == ada.id
    house.clock.moment = ends
    group, is_member = Group("north", "night"), lambda person: night.memberships.is_member(person, "night")
    assert night.identifier.identify(OFFICER, group, face(1), is_member=is_member).person is None


def test_no_more_than_walk_up_in_a_minute(house: House) -> None:
    identifier = house.identifier
    for _ in range(MOST_A_MINUTE):
        identifier.admit("north")
    with pytest.raises(LimitExceeded):
        identifier.admit("north")
    with pytest.raises(LimitExceeded):
        house.identifier.admit("north")
    identifier.admit("south")
    house.clock.pass_by(minutes=1)
    identifier.admit("north")


def test_without_a_log_nobody_is_named(house: House) -> None:
    house.known("Ada", face(1))
    house.trail = BrokenAuditTrail()
    with pytest.raises(StorageError):
        Door(house).identify(face(1))


def test_enrolling_goes_on_where_searching_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.known("Ada", face(1))
    house.roster.refresh()
    monkeypatch.setattr(house.gallery, "count", lambda _: 1_000_000)
    found = Neighbours(FakeSearches(house.gallery))
    assert not found.neighbours((face(2),), other_than="x")
    assert found.neighbours((face(1),), other_than="x")
