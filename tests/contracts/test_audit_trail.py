"""The contract of ``AuditTrail``."""

from dataclasses import replace

import pytest

from doorward.errors import PersonUnknown
from doorward.kernel.audit import Actor, AuditEntry
from houses import House, real_house
from known_people import NOON, person


def test_tells_each_person_who_looked_in_order(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    told = [AuditEntry(Actor("Zoë", "ünïcode"), f"look {number}", ada.id, NOON) for number in range(3)]
    for entry in told:
        house.trail.record(entry)
        house.trail.record(AuditEntry(Actor("guard", "round"), "list", None, NOON))
    house.trail.record(AuditEntry(Actor("guard", "round"), "look", bo.id, NOON))
    assert list(house.trail.about(ada.id)) == told
    assert house.trail.count() == 7


def test_entries_outlive_the_person_and_name_nobody(house: House) -> None:
    ada = person()
    house.people.add(ada)
    entry = AuditEntry(Actor("guard", "round"), "look", ada.id, NOON)
    house.trail.record(entry)
    house.people.erase(ada.id)
    assert not house.trail.about(ada.id)
    assert house.trail.count() == 1
    with pytest.raises(PersonUnknown):
        house.trail.record(entry)
    assert house.trail.count() == 1


def test_lists_the_newest_entries_and_names_people_only_when_asked_for(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    told = [
        AuditEntry(Actor("guard", "round"), f"{who and who.id}", who and who.id, NOON) for who in (ada, None, bo, ada)
    ]
    for entry in told:
        house.trail.record(entry)
    newest = house.trail.listed(3)
    first = newest[0].number
    assert [logged.number for logged in newest] == [first, first + 1, first + 2]
    assert [logged.entry for logged in newest] == [replace(entry, about=None) for entry in told[1:]]
    assert [logged.concerns_somebody for logged in newest] == [False, True, True]
    assert [logged.entry for logged in house.trail.listed(9, ada.id)] == [told[0], told[3]]
    assert [logged.number for logged in house.trail.listed(1, ada.id)] == [first + 2]
    house.people.erase(ada.id)
    assert not house.trail.listed(9, ada.id)
    assert [logged.concerns_somebody for logged in house.trail.listed(9)] == [True, False, True, True]


@pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
def test_entries_of_several_processes_are_all_told_whoever_began_when(house: House) -> None:
    ada = person()
    house.people.add(ada)
    told = []
    for opening in (1, 2, 5, 9, 17):
        elsewhere, stores = real_house(house.folder)
        for number in range(opening):
            for trail in (elsewhere.trail, house.trail):
                told.append(AuditEntry(Actor("guard", "round"), f"{opening} {number}", ada.id, NOON))
                trail.record(told[-1])
        stores.close()
    assert list(house.trail.about(ada.id)) == told
