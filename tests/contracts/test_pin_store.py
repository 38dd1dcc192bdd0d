"""The contract of ``PinStore``."""

from dataclasses import replace
from uuid import uuid4

import pytest

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.person import Details
from houses import House

NOBODY = PersonId(str(uuid4()))


def test_a_pin_is_its_person_s_and_nobody_else_s(house: House) -> None:
    ada, bo = house.known("Ada"), house.known("Bo")
    assert not house.pins.has(ada.id)
    house.pins.put(ada.id, "482913")
    assert house.pins.has(ada.id)
    both = (ada.id, bo.id)
    assert house.pins.holders(both, "482913") == {ada.id}
    assert house.pins.holders(both, "482914") == frozenset()
    assert house.pins.holders([bo.id], "482913") == frozenset()
    house.pins.put(bo.id, "482913")
    assert house.pins.holders(both, "482913") == {ada.id, bo.id}


def test_a_new_pin_takes_the_place_of_the_former_and_can_be_removed(house: House) -> None:
    ada = house.known("Ada")
    house.pins.put(ada.id, "482913")
    house.pins.put(ada.id, "730264")
    assert house.pins.holders([ada.id], "482913") == frozenset()
    assert house.pins.holders([ada.id], "730264") == {ada.id}
    house.pins.remove(ada.id)
    house.pins.remove(ada.id)
    assert not house.pins.has(ada.id)
    assert house.pins.holders([ada.id], "730264") == frozenset()


def test_nobody_has_a_pin(house: House) -> None:
    with pytest.raises(PersonUnknown):
        house.pins.put(NOBODY, "482913")
    assert not house.pins.has(NOBODY)
    assert house.pins.holders([NOBODY], "482913") == frozenset()
    assert house.pins.holders([], "482913") == frozenset()


def test_a_pin_stays_with_a_changed_record_and_goes_with_its_person(house: House) -> None:
    ada = house.known("Ada")
    house.pins.put(ada.id, "482913")
    house.people.update(replace(ada, display_name="Ada Lovelace", details=Details(badge_number="B 7")))
    assert house.people.get(ada.id).display_name == "Ada Lovelace"
    assert house.pins.holders([ada.id], "482913") == {ada.id}
    house.people.erase(ada.id)
    assert not house.pins.has(ada.id)
