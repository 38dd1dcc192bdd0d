"""The contract of ``CredentialStore``."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.credential import Cause, Issued, Revocation
from houses import House
from known_people import NOON, person


def issued(to: PersonId) -> Issued:
    return Issued(CredentialId(str(uuid4())), to, NOON, NOON + timedelta(days=90))


def ended(credential: Issued, cause: Cause = Cause.REVOKED) -> Revocation:
    return Revocation(credential.id, cause, NOON + timedelta(hours=1), credential.until)


def test_a_person_carries_what_was_issued_and_nobody_else_does(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    first = issued(ada.id)
    assert house.credentials.of(ada.id) is None
    house.credentials.issue(first, None)
    assert house.credentials.of(ada.id) == first
    assert house.credentials.of(bo.id) is None
    assert house.credentials.revocation(first.id) is None
    assert list(house.credentials.all()) == [first]


def test_a_new_one_ends_the_former(house: House) -> None:
    ada = person("Ada")
    first, second = issued(ada.id), issued(ada.id)
    house.credentials.issue(first, None)
    end = ended(first, Cause.REISSUED)
    house.credentials.issue(second, end)
    assert house.credentials.of(ada.id) == second
    assert list(house.credentials.all()) == [second]
    assert house.credentials.revocation(first.id) == end
    assert list(house.credentials.revocations()) == [end]


@pytest.mark.parametrize("cause", list(Cause))
def test_one_that_was_revoked_is_carried_by_nobody_and_remembered(house: House, cause: Cause) -> None:
    ada, bo = person("Ada"), person("Bo")
    first, other = issued(ada.id), issued(bo.id)
    house.credentials.issue(first, None)
    house.credentials.issue(other, None)
    end = ended(first, cause)
    house.credentials.revoke(ada.id, end)
    assert house.credentials.of(ada.id) is None
    assert house.credentials.revocation(first.id) == end
    assert list(house.credentials.all()) == [other]
    house.credentials.revoke(ada.id, end)  # ended twice is ended
    assert list(house.credentials.revocations()) == [end]


def test_one_that_ended_is_not_carried_even_while_its_row_stands(house: House) -> None:
    ada = person("Ada")
    first = issued(ada.id)
    house.credentials.issue(first, None)
    # As a crash leaves it, between the end of the former and the new one's row.
    house.credentials.issue(replace(first, person=PersonId(str(uuid4()))), ended(first))
    assert house.credentials.of(ada.id) is None
    assert list(house.credentials.all()) == []


def test_what_was_ended_can_be_forgotten(house: House) -> None:
    ada = person("Ada")
    first, second = issued(ada.id), issued(ada.id)
    house.credentials.issue(first, None)
    house.credentials.issue(second, ended(first))
    house.credentials.forget(first.id)
    house.credentials.forget(first.id)
    assert house.credentials.revocation(first.id) is None
    assert house.credentials.of(ada.id) == second


def test_erasing_a_person_ends_theirs_and_forgets_whose_it_was(house: House) -> None:
    ada = house.known("Ada")
    first = issued(ada.id)
    house.credentials.issue(first, None)
    house.people.erase(ada.id)
    assert house.credentials.of(ada.id) is None
    gone = house.credentials.revocation(first.id)
    assert gone is not None
    assert (gone.cause, gone.until) == (Cause.ERASED, first.until)
    assert list(house.credentials.all()) == []
