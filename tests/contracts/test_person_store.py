"""The contract of ``PersonStore``."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from doorward.errors import Conflict, PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.membership import lasting
from doorward.people.person import Details, Document, Identifier, Person
from houses import House
from known_people import consent, enrolment, face, passage, people, person

NOBODY = PersonId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")
SEVERAL_A_HOUSE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SEVERAL_A_HOUSE
@given(somebody=people)
def test_gives_back_what_was_added(house: House, somebody: Person) -> None:
    house.people.add(somebody)
    assert house.people.get(somebody.id) == somebody
    for kind, number in somebody.identifiers().items():
        assert house.people.find(kind, number) == somebody.id
    house.people.erase(somebody.id)
    assert house.people.count() == 0


def test_lists_and_counts_everybody(house: House) -> None:
    known = [person("Ada"), person("Bo", badge_number="7")]
    for one in known:
        house.people.add(one)
    assert {one.id: one for one in house.people.all()} == {one.id: one for one in known}
    assert house.people.count() == 2


def test_a_conflict_in_either_number_leaves_nothing_of_the_newcomer(house: House) -> None:
    house.people.add(person("Ada", document=Document("X1"), badge_number="7"))
    newcomer = person("Bo", document=Document("X2"), badge_number="7")
    with pytest.raises(Conflict):
        house.people.add(newcomer)
    assert house.people.count() == 1
    assert house.people.find(Identifier.DOCUMENT, "X2") is None
    with pytest.raises(PersonUnknown):
        house.people.get(newcomer.id)
    house.people.add(replace(newcomer, details=Details(document=Document("X2"))))


def test_the_same_person_is_not_added_twice(house: House) -> None:
    ada = person("Ada", badge_number="7")
    house.people.add(ada)
    with pytest.raises(Conflict):
        house.people.add(replace(ada, display_name="Impostor"))
    assert house.people.get(ada.id) == ada


def test_an_update_replaces_the_record_and_frees_its_numbers(house: House) -> None:
    ada = person("Ada", document=Document("X1"), badge_number="7")
    house.people.add(ada)
    changed = replace(ada, details=Details(document=Document("X2")), memberships=ada.memberships | lasting({"vault"}))
    house.people.update(changed)
    assert house.people.get(ada.id) == changed
    assert house.people.find(Identifier.DOCUMENT, "X1") is None
    assert house.people.find(Identifier.BADGE, "7") is None
    assert house.people.find(Identifier.DOCUMENT, "X2") == ada.id
    house.people.add(person("Bo", document=Document("X1"), badge_number="7"))


def test_an_update_in_conflict_changes_nothing(house: House) -> None:
    ada, bo = person("Ada", badge_number="7"), person("Bo", document=Document("X2"), badge_number="8")
    house.people.add(ada)
    house.people.add(bo)
    with pytest.raises(Conflict):
        house.people.update(replace(bo, details=Details(document=Document("X3"), badge_number="7")))
    assert house.people.get(bo.id) == bo
    assert house.people.find(Identifier.DOCUMENT, "X2") == bo.id
    assert house.people.find(Identifier.DOCUMENT, "X3") is None
    assert house.people.find(Identifier.BADGE, "7") == ada.id
    assert house.people.find(Identifier.BADGE, "8") == bo.id


def test_knows_no_one_else(house: House) -> None:
    house.people.add(person("Ada", badge_number="7"))
    assert house.people.find(Identifier.BADGE, "8") is None
    assert house.people.find(Identifier.DOCUMENT, "7") is None
    for ask in (house.people.get, house.people.erase, lambda _: house.people.update(person("Bo"))):
        with pytest.raises(PersonUnknown):
            ask(NOBODY)


def test_erasing_reaches_every_store_and_nobody_else(house: House) -> None:
    ada, bo = person("Ada", document=Document("X1")), person("Bo")
    for one in (ada, bo):
        house.people.add(one)
        house.consents.add(consent(one.id))
        house.enrolments.add(enrolment(one.id, face(1)), photo=b"photo")
        house.passages.add(passage(one.id))
    template = house.enrolments.of(ada.id)[0].id
    house.people.erase(ada.id)
    with pytest.raises(PersonUnknown):
        house.people.get(ada.id)
    assert house.people.find(Identifier.DOCUMENT, "X1") is None
    assert not house.consents.of(ada.id)
    assert not house.enrolments.of(ada.id)
    assert house.enrolments.photo(ada.id, template) is None
    assert not house.passages.of(ada.id)
    assert house.passages.count() == 1
    assert [len(held) for held in (house.consents.of(bo.id), house.enrolments.of(bo.id))] == [1, 1]
    house.people.add(person("Ada again", document=Document("X1")))
