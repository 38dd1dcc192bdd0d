"""Ids, groups and deadlines of many people, held compactly, tell what plain lists would."""

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.identify import deadlines as deadlines_module
from doorward.identify.deadlines import Deadlines
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.kernel.ids import PersonId
from known_people import NOON, UNHURRIED

uuids = st.uuids().map(str)
odd_ids = st.one_of(
    st.text(max_size=40), uuids.map(str.upper), uuids.map(lambda text: text.replace("-", "")), st.just("{" + "-" * 35)
)
lists = st.lists(st.one_of(uuids, odd_ids).map(PersonId), unique=True, max_size=12)
sets_of_groups = st.lists(st.frozensets(st.sampled_from(["everyone", "staff", "night"])), max_size=12)


@UNHURRIED
@given(lists, lists)
def test_ids_keep_their_places(people: list[PersonId], more: list[PersonId]) -> None:
    more = [person for person in more if person not in people]
    held = PersonIds.of(people)
    assert list(held) == people
    joined = held.joined(PersonIds.of(more))
    assert list(joined) == people + more
    assert list(held.at(held.without(people[::2]))) == people[1::2]
    assert list(held[1:]) == people[1:]


def test_ids_of_a_site_take_sixteen_bytes() -> None:
    people = PersonIds.of([PersonId(str(UUID(int=number << 64 | 5))) for number in range(1_000)])
    assert not people.others
    assert people.halves.nbytes == 16_000


def test_ids_that_begin_alike_are_told_apart() -> None:
    people = [PersonId(str(UUID(int=1 << 64 | number))) for number in range(5)]
    assert PersonIds.of(people).without(people[1:3]).tolist() == [0, 3, 4]


@UNHURRIED
@given(sets_of_groups, sets_of_groups)
def test_groups_stay_each_person_s(groups: list[frozenset[str]], more: list[frozenset[str]]) -> None:
    held = GroupSets.of(groups)
    joined = GroupSets.joined_all([held, GroupSets.of(more)])
    assert list(held) == groups
    assert list(joined) == groups + more
    assert set(joined.sets) == set(groups + more)
    assert list(joined.at(np.arange(len(joined))[::-1])) == (groups + more)[::-1]


@pytest.mark.parametrize("few", [0, 100])
def test_deadlines_come_due_at_their_moment_and_until_they_were_looked_at(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines_module, "_FEW", few)
    people = [PersonId(f"p{number}") for number in range(6)]
    at = {person: NOON + timedelta(hours=(number * 4) % 6) for number, person in enumerate(people)}
    held = Deadlines.of({person: at[person] for person in people[:3]})
    for person in people[3:]:
        held.put(person, at[person])
    for hour in range(6):
        now = NOON + timedelta(hours=hour)
        assert not held.due(now - timedelta(microseconds=1))
        assert set(held.due(now)) == {person for person in people if at[person] == now}
        assert held.due(now) == held.due(now) == held.copy().due(now)
        held.forget(now)


def test_deadlines_are_told_in_order_and_without_who_is_left_out() -> None:
    at = {PersonId(name): NOON + timedelta(hours=hours) for name, hours in (("ada", 3), ("bo", 1), ("cy", 2))}
    held = Deadlines.joined_all([Deadlines.of({person: moment}) for person, moment in at.items()])
    held.put(PersonId("dan"), NOON)
    people, moments = held.in_order([PersonId("bo")])
    assert list(people) == ["dan", "cy", "ada"]
    assert moments.tolist() == sorted(moments.tolist())
    assert held.due(NOON + timedelta(hours=1)) == ["dan", "bo"]
