"""The contract of ``PassageStore``."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import pytest

from doorward.errors import Conflict, PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.passages.passage import Counter, Passage
from houses import House
from known_people import NOON, passage, person


def test_gives_back_each_persons_own_oldest_first(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    later, sooner = passage(ada.id, at=NOON + timedelta(hours=2)), passage(ada.id, "south", NOON)
    other, same_hour = passage(bo.id), passage(ada.id, at=NOON + timedelta(minutes=1))
    for one in (later, sooner, other, same_hour):
        house.passages.add(one)
    assert list(house.passages.of(ada.id)) == [sooner, same_hour, later]
    assert list(house.passages.of(bo.id)) == [other]
    assert house.passages.count() == 4


def test_tells_of_each_person_the_latest_passage_at_some_checkpoints(house: House) -> None:
    ada, bo, eve, nobody = person("Ada"), person("Bo"), person("Eve"), person("Nobody")
    for one in (ada, bo, eve):
        house.people.add(one)
    early, late = NOON, NOON + timedelta(hours=2)
    held = [
        *(passage(ada.id, "entry", early + timedelta(minutes=number)) for number in range(5)),
        passage(ada.id, "elsewhere", late),
        passage(bo.id, "entry", late),
        passage(bo.id, "exit", late + timedelta(minutes=1)),
        passage(eve.id, "entry", early),
    ]
    house.passages.add_many(held)
    everybody, doors = [ada.id, bo.id, eve.id, nobody.id], {held[0].checkpoint, held[7].checkpoint}

    def told(people: Collection[PersonId], since: datetime) -> Mapping[PersonId, Passage]:
        latest = house.passages.latest_at(people, doors, since)
        assert not latest.unreadable
        return latest.found

    assert told(everybody, early) == {ada.id: held[4], bo.id: held[7], eve.id: held[8]}
    assert told([eve.id], early) == {eve.id: held[8]}
    assert told(everybody, early + timedelta(minutes=4)) == {ada.id: held[4], bo.id: held[7]}
    assert told(everybody, late) == {bo.id: held[7]}
    house.passages.drop_before(late)
    assert told(everybody, early) == {bo.id: held[7]}


def test_drops_whole_hours_that_ended(house: House) -> None:
    ada = person()
    house.people.add(ada)
    hours = [passage(ada.id, at=NOON + timedelta(hours=number)) for number in range(4)]
    for one in hours:
        house.passages.add(one)
    house.passages.drop_before(NOON + timedelta(hours=2))
    assert list(house.passages.of(ada.id)) == hours[2:]
    assert house.passages.count() == 2
    house.passages.add(passage(ada.id, at=NOON + timedelta(hours=2)))
    assert house.passages.count() == 3


def test_nobody_passes(house: House) -> None:
    nobody = person()
    assert not house.passages.of(nobody.id)
    with pytest.raises(PersonUnknown):
        house.passages.add(passage(nobody.id))
    assert house.passages.count() == 0


def test_a_passage_is_recorded_once(house: House) -> None:
    ada = person()
    house.people.add(ada)
    once = passage(ada.id)
    house.passages.add(once)
    with pytest.raises(Conflict):
        house.passages.add(once)
    assert house.passages.count() == 1


def test_adds_many_in_one_step_and_leaves_out_what_cannot_be_kept(house: House) -> None:
    ada, bo, nobody = person("Ada"), person("Bo"), person("Nobody")
    house.people.add(ada)
    house.people.add(bo)
    first = passage(ada.id)
    house.passages.add(first)
    many = [passage(one.id, at=NOON + timedelta(minutes=number)) for number in range(1, 90) for one in (ada, bo)]
    strangers = [passage(nobody.id, at=NOON + timedelta(minutes=5))]
    added = house.passages.add_many([first, *many[:100], *strangers, *many[100:], many[0]])
    assert list(added) == [one.id for one in many]
    assert list(house.passages.of(ada.id)) == [first, *(one for one in many if one.person == ada.id)]
    assert list(house.passages.of(bo.id)) == [one for one in many if one.person == bo.id]
    assert not house.passages.add_many(many)
    assert not house.passages.add_many([])
    assert house.passages.count() == len(many) + 1


def test_counts_by_hour_and_checkpoint_and_forgets_whose_they_were(house: House) -> None:
    ada, bo, nobody = person("Ada"), person("Bo"), person("Nobody")
    house.people.add(ada)
    house.people.add(bo)
    hour = NOON.replace(minute=0)
    first, next_hour = passage(ada.id), NOON + timedelta(hours=1)
    house.passages.add(first)
    house.passages.add_many([first, passage(bo.id), passage(nobody.id), passage(bo.id, "south")])
    house.passages.add_many([passage(ada.id, at=next_hour)])
    three = {(hour, "north"): 2, (hour, "south"): 1}
    assert house.passages.hourly(NOON, next_hour) == three
    assert house.passages.hourly(NOON, NOON) == {}
    all_of_it = three | {(next_hour.replace(minute=0), "north"): 1}
    assert house.passages.hourly(NOON, next_hour + timedelta(hours=1)) == all_of_it
    house.passages.drop_before(next_hour + timedelta(hours=1))
    house.people.erase(ada.id)
    assert house.passages.hourly(NOON, next_hour + timedelta(hours=1)) == all_of_it
    house.passages.drop_hourly_before(next_hour)
    assert house.passages.hourly(NOON, next_hour) == {}


def test_counts_by_checkpoint_and_outcome(house: House) -> None:
    assert house.passages.tallies("north") == {Counter.ACCEPTED: 0, Counter.REFUSED: 0}
    for _ in range(3):
        house.passages.tally("north", Counter.REFUSED)
    house.passages.tally("south", Counter.ACCEPTED)
    assert house.passages.tallies("north") == {Counter.ACCEPTED: 0, Counter.REFUSED: 3}
    assert house.passages.tallies("south") == {Counter.ACCEPTED: 1, Counter.REFUSED: 0}
