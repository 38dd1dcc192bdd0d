"""What withdrawing a consent takes away, the same with real stores and fakes."""

from dataclasses import replace

import pytest

from doorward.errors import NotFound
from doorward.people.consent import Purpose
from houses import House
from known_people import NOON, consent, enrolment, face, passage, person

ALL = frozenset(Purpose)


@pytest.mark.parametrize(
    ("keep", "templates", "photos", "passages"),
    [
        (ALL, 1, 1, 2),
        (ALL - {Purpose.PHOTO}, 1, 0, 2),
        (ALL - {Purpose.PASSAGES}, 1, 1, 0),
        (ALL - {Purpose.VERIFY}, 1, 1, 2),
        (ALL - {Purpose.VERIFY, Purpose.IDENTIFY}, 0, 0, 2),
        (frozenset(), 0, 0, 0),
    ],
    ids=["nothing", "photo", "passages", "verify alone", "both uses", "everything"],
)
def test_what_no_purpose_covers_is_gone_and_the_rest_stays(
    house: House, keep: frozenset[Purpose], templates: int, photos: int, passages: int
) -> None:
    ada, bo = person("Ada", badge_number="7"), person("Bo")
    for one in (ada, bo):
        house.people.add(one)
        house.consents.add(consent(one.id, ALL))
        kept = enrolment(one.id, face(1))
        house.enrolments.add(kept, photo=b"photo")
        for _ in range(2):
            house.passages.add(passage(one.id))
    given = house.consents.of(ada.id)[0]
    ended = replace(given, withdrawn_at=NOON)
    house.consents.withdraw(ended, keep)
    assert house.people.get(ada.id) == ada
    assert list(house.consents.of(ada.id)) == [ended]
    held = house.enrolments.of(ada.id)
    assert len(held) == templates
    assert sum(house.enrolments.photo(ada.id, one.id) is not None for one in held) == photos
    assert len(house.passages.of(ada.id)) == passages
    house.passages.add(passage(ada.id))
    assert len(house.passages.of(ada.id)) == passages + 1
    assert len(house.enrolments.of(bo.id)) == 1
    assert house.enrolments.photo(bo.id, house.enrolments.of(bo.id)[0].id) == b"photo"
    assert len(house.passages.of(bo.id)) == 2


def test_a_consent_that_is_not_the_persons_changes_nothing(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    given = consent(ada.id)
    house.consents.add(given)
    with pytest.raises(NotFound):
        house.consents.withdraw(replace(given, person=bo.id), frozenset())
    assert house.people.get(bo.id) == bo
