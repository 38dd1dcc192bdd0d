"""The contract of ``EnrolmentStore``."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorward.errors import NotFound, PersonUnknown
from doorward.people.enrolment import Enrolment
from houses import House
from known_people import NOON, enrolment, face, person


def same(one: Enrolment, other: Enrolment) -> bool:
    plain = replace(one, template=other.template) == other
    return plain and one.template.origin == other.template.origin and _same_vector(one, other)


def _same_vector(one: Enrolment, other: Enrolment) -> bool:
    return np.array_equal(one.template.vector, other.template.vector) and one.template.vector.dtype == np.float32


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), confirmed=st.booleans(), photo=st.none() | st.binary(min_size=1, max_size=5_000))
def test_gives_back_template_and_photo_bit_by_bit(house: House, seed: int, confirmed: bool, photo) -> None:
    ada = person()
    house.people.add(ada)
    enrolled = enrolment(ada.id, face(seed), confirmed)
    house.enrolments.add(enrolled, photo)
    (held,) = house.enrolments.of(ada.id)
    assert same(held, enrolled)
    assert house.enrolments.photo(ada.id, enrolled.id) == photo


def test_confirming_keeps_order_and_photo(house: House) -> None:
    ada = person()
    house.people.add(ada)
    pending = [enrolment(ada.id, face(seed), confirmed=False) for seed in range(3)]
    for one in pending:
        house.enrolments.add(one, photo=one.id.encode())
    confirmed = replace(pending[0], confirmed_at=NOON)
    house.enrolments.confirm(confirmed)
    held = house.enrolments.of(ada.id)
    assert [one.id for one in held] == [one.id for one in pending]
    assert [one.is_pending for one in held] == [False, True, True]
    assert house.enrolments.photo(ada.id, confirmed.id) == confirmed.id.encode()


def test_belongs_to_one_person(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    enrolled = enrolment(ada.id, face(1), confirmed=False)
    house.enrolments.add(enrolled, photo=b"photo")
    assert house.enrolments.photo(bo.id, enrolled.id) is None
    with pytest.raises(NotFound):
        house.enrolments.confirm(replace(enrolled, person=bo.id, confirmed_at=NOON))
    house.enrolments.remove(bo.id, enrolled.id)
    assert len(house.enrolments.of(ada.id)) == 1
    house.enrolments.remove(ada.id, enrolled.id)
    assert not house.enrolments.of(ada.id)
    assert house.enrolments.photo(ada.id, enrolled.id) is None


def test_nobody_is_enrolled(house: House) -> None:
    nobody = person()
    assert not house.enrolments.of(nobody.id)
    with pytest.raises(PersonUnknown):
        house.enrolments.add(enrolment(nobody.id, face(1)))
