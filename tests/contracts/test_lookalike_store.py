"""The contract of ``LookalikeStore``."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.lookalikes import Lookalike
from houses import House
from known_people import NOON, face

NOBODY = PersonId(str(uuid4()))


def test_a_pair_is_both_people_s(house: House) -> None:
    ada, bo, cy = house.known("Ada"), house.known("Bo"), house.known("Cy")
    house.lookalikes.pair(ada.id, bo.id, NOON)
    assert list(house.lookalikes.of(ada.id)) == [Lookalike(bo.id, NOON)]
    assert list(house.lookalikes.of(bo.id)) == [Lookalike(ada.id, NOON)]
    assert list(house.lookalikes.of(cy.id)) == []
    later = NOON + timedelta(days=1)
    house.lookalikes.pair(cy.id, ada.id, later)
    assert list(house.lookalikes.of(ada.id)) == [Lookalike(bo.id, NOON), Lookalike(cy.id, later)]


def test_a_pair_stated_again_is_one_pair(house: House) -> None:
    ada, bo = house.known("Ada"), house.known("Bo")
    house.lookalikes.pair(ada.id, bo.id, NOON)
    house.lookalikes.pair(bo.id, ada.id, NOON + timedelta(hours=1))
    assert list(house.lookalikes.of(ada.id)) == [Lookalike(bo.id, NOON + timedelta(hours=1))]


def test_nobody_resembles_nobody(house: House) -> None:
    ada = house.known("Ada")
    for pair in ((ada.id, NOBODY), (NOBODY, ada.id)):
        with pytest.raises(PersonUnknown):
            house.lookalikes.pair(*pair, NOON)
    assert list(house.lookalikes.of(NOBODY)) == []
    assert list(house.lookalikes.of(ada.id)) == []


def test_the_rest_of_both_stays(house: House) -> None:
    ada, bo = house.known("Ada", face(1)), house.known("Bo", face(2))
    house.pins.put(ada.id, "482913")
    house.lookalikes.pair(ada.id, bo.id, NOON)
    for person in (ada, bo):
        assert house.people.get(person.id) == person
        assert len(house.enrolments.of(person.id)) == len(house.consents.of(person.id)) == 1
    assert house.pins.holders([ada.id], "482913") == {ada.id}
    house.people.update(replace(ada, display_name="Ada Lovelace"))
    assert [one.person for one in house.lookalikes.of(ada.id)] == [bo.id]


def test_a_pair_is_told_of_as_a_change_of_both(house: House) -> None:
    ada, bo = house.known("Ada"), house.known("Bo")
    revision, _ = house.changes.since(0)
    house.lookalikes.pair(ada.id, bo.id, NOON)
    assert set(house.changes.since(revision)[1]) == {ada.id, bo.id}


def test_a_pair_goes_with_either(house: House) -> None:
    ada, bo, cy = house.known("Ada"), house.known("Bo"), house.known("Cy")
    house.lookalikes.pair(ada.id, bo.id, NOON)
    house.lookalikes.pair(ada.id, cy.id, NOON)
    house.people.erase(bo.id)
    assert [one.person for one in house.lookalikes.of(ada.id)] == [cy.id]
    assert list(house.lookalikes.of(bo.id)) == []
    house.people.erase(ada.id)
    assert list(house.lookalikes.of(cy.id)) == []
