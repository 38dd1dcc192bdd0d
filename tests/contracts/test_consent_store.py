"""The contract of ``ConsentStore``."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorward.errors import NotFound, PersonUnknown
from doorward.kernel.ids import ConsentId
from houses import House
from known_people import NOON, consent, moments, person, purposes, texts


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notice=texts, how=texts, purposes=purposes, until=st.none() | moments, withdrawn=st.none() | moments)
def test_gives_back_what_was_added(house: House, notice, how, purposes, until, withdrawn) -> None:
    ada = person()
    house.people.add(ada)
    given = consent(ada.id, purposes, notice=notice, given_how=how, until=until, withdrawn_at=withdrawn)
    house.consents.add(given)
    assert list(house.consents.of(ada.id)) == [given]
    assert house.consents.get(ada.id, given.id) == given


def test_several_come_oldest_first_also_after_one_changed(house: House) -> None:
    ada = person()
    house.people.add(ada)
    given = [consent(ada.id, notice_version=str(number)) for number in range(4)]
    for one in given:
        house.consents.add(one)
    given[1] = replace(given[1], withdrawn_at=NOON + timedelta(days=1))
    house.consents.update(given[1])
    assert list(house.consents.of(ada.id)) == given


def test_belongs_to_one_person(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    given = consent(ada.id)
    house.consents.add(given)
    assert not house.consents.of(bo.id)
    for ask in (
        lambda: house.consents.get(bo.id, given.id),
        lambda: house.consents.get(ada.id, ConsentId("no such")),
        lambda: house.consents.update(replace(given, person=bo.id)),
    ):
        with pytest.raises(NotFound):
            ask()


def test_nobody_has_none_and_can_be_given_none(house: House) -> None:
    nobody = person()
    assert not house.consents.of(nobody.id)
    with pytest.raises(PersonUnknown):
        house.consents.add(consent(nobody.id))


def test_gives_those_of_many_at_once(house: House) -> None:
    ada, bo, nobody = person("Ada"), person("Bo"), person("Nobody")
    house.people.add(ada)
    house.people.add(bo)
    given = [consent(ada.id), consent(ada.id)]
    for one in given:
        house.consents.add(one)
    assert house.consents.of_many([ada.id, bo.id, nobody.id]) == {ada.id: given}
    assert house.consents.of_many([]) == {}
    house.people.erase(ada.id)
    assert house.consents.of_many([ada.id]) == {}
