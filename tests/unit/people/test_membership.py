"""Memberships with a term, over real stores and fakes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import NotFound, PersonUnknown, StorageError, WrongUse
from doorward.kernel.ids import PersonId
from doorward.kernel.moments import parse_moment
from doorward.people.membership import Membership, groups_at, lasting, next_turn
from doorward.people.person import EVERYONE
from fakes.audit_trail import BrokenAuditTrail
from houses import House
from known_people import NOON, OFFICER, moments

HOUR = timedelta(hours=1)
NOBODY = PersonId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")
terms = st.tuples(st.none() | moments, st.none() | moments)


@given(st.lists(terms), moments)
def test_what_holds_changes_at_turns_and_only_there(drawn: list[tuple[datetime | None, datetime | None]], now) -> None:
    memberships = [Membership(str(number), *term) for number, term in enumerate(drawn)]
    turn = next_turn(memberships, now)
    before = groups_at(memberships, now)
    if turn is None:
        assert groups_at(memberships, datetime.max.replace(tzinfo=UTC)) == before
        return
    assert turn > now
    assert groups_at(memberships, turn - timedelta(microseconds=1)) == before


def test_a_membership_holds_from_its_first_moment_to_before_its_last() -> None:
    night = Membership("night", NOON, NOON + HOUR)
    held = [night.holds_at(NOON + offset) for offset in (-timedelta.resolution, 0 * HOUR, HOUR / 2, HOUR)]
    assert held == [False, True, True, False]


def test_it_begins_and_ends_by_itself(house: House) -> None:
    ada = house.known("Ada")
    now = house.clock.now()
    changed = house.register.permit(OFFICER, ada.id, "night", now + HOUR, now + 2 * HOUR)
    assert house.people.get(ada.id) == changed
    seen = []
    for _ in range(3):
        seen.append("night" in house.people.get(ada.id).groups_at(house.clock.now()))
        house.clock.pass_by(hours=1)
    assert seen == [False, True, False]
    assert [entry.action for entry in house.trail.about(ada.id)][-1] == (
        "permitted in group night, from 2026-11-23 13:30 UTC, until 2026-11-23 14:30 UTC"
    )


def test_another_term_takes_the_place_of_the_first(house: House) -> None:
    ada = house.known("Ada")
    house.register.permit(OFFICER, ada.id, "night")
    ends = house.clock.now() + HOUR
    changed = house.register.permit(OFFICER, ada.id, "night", None, ends)
    assert changed.memberships == lasting({EVERYONE}) | {Membership("night", None, ends)}
    assert house.register.permit(OFFICER, ada.id, "night").memberships == lasting({EVERYONE, "night"})


def test_who_leaves_may_not_pass_any_more(house: House) -> None:
    ada = house.known("Ada")
    house.register.permit(OFFICER, ada.id, "night")
    assert house.register.leave(OFFICER, ada.id, "night").memberships == lasting({EVERYONE})
    assert house.people.get(ada.id).memberships == lasting({EVERYONE})
    assert [entry.action for entry in house.trail.about(ada.id)][-1] == "no longer permitted in group night"
    with pytest.raises(NotFound):
        house.register.leave(OFFICER, ada.id, "night")
    with pytest.raises(WrongUse):
        house.register.leave(OFFICER, ada.id, EVERYONE)
    with pytest.raises(PersonUnknown):
        house.register.leave(OFFICER, NOBODY, "night")


@pytest.mark.parametrize(
    ("group", "begins", "ends"),
    [
        ("night", 2 * HOUR, HOUR),
        ("night", HOUR, HOUR),
        ("night", None, -HOUR),
        ("night", None, 0 * HOUR),
        (EVERYONE, None, HOUR),
        (EVERYONE, HOUR, None),
        (" ", HOUR, None),
    ],
)
def test_a_term_that_cannot_be_is_refused_and_changes_nothing(
    house: House, group: str, begins: timedelta | None, ends: timedelta | None
) -> None:
    ada = house.known("Ada")
    now, before = house.clock.now(), house.trail.count()
    moments_of = [None if offset is None else now + offset for offset in (begins, ends)]
    with pytest.raises(WrongUse):
        house.register.permit(OFFICER, ada.id, group, *moments_of)
    assert house.people.get(ada.id) == ada
    assert house.trail.count() == before


def test_nothing_changes_that_cannot_be_recorded(house: House) -> None:
    ada = house.known("Ada")
    house.register.permit(OFFICER, ada.id, "night")
    house.trail = BrokenAuditTrail()
    with pytest.raises(StorageError):
        house.register.leave(OFFICER, ada.id, "night")
    assert "night" in house.people.get(ada.id).groups_at(house.clock.now())


def test_moments_are_read_as_people_write_them() -> None:
    assert parse_moment("2026-12-01") == datetime(2026, 12, 1, tzinfo=UTC)
    assert parse_moment("2026-12-01T06:00+01:00") == datetime(2026, 12, 1, 5, tzinfo=UTC)
    for wrong in ("", "tomorrow", "2026-12-01T06:00", "2026-13-01", "0001-01-01T00:00+14:00", "2026-12-0١"):
        with pytest.raises(WrongUse, match="YYYY-MM-DD"):
            parse_moment(wrong)
