"""Consent."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import ConsentMissing
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force, require_consent
from known_people import NOON, UNHURRIED, consent, moments, purposes

ADA = PersonId("ada")
SECOND = timedelta(microseconds=1)


@UNHURRIED
@given(given_at=moments, until=st.none() | moments, withdrawn_at=st.none() | moments, now=moments)
def test_in_force_from_when_given_until_it_ends_or_is_withdrawn(given_at, until, withdrawn_at, now: datetime) -> None:
    held = consent(ADA, given_at=given_at, until=until, withdrawn_at=withdrawn_at)
    assert held.in_force(now) == (given_at <= now and (until is None or now < until) and withdrawn_at is None)


@UNHURRIED
@given(sets=st.lists(st.tuples(purposes, st.booleans()), max_size=5))
def test_several_consents_cover_together_what_each_in_force_covers(sets) -> None:
    held = [consent(ADA, wanted, withdrawn_at=None if lives else NOON) for wanted, lives in sets]
    covered = purposes_in_force(held, NOON)
    assert covered == frozenset().union(*(wanted for wanted, lives in sets if lives))
    for purpose in Purpose:
        if purpose in covered:
            require_consent(held, purpose, NOON)
        else:
            with pytest.raises(ConsentMissing):
                require_consent(held, purpose, NOON)


def test_the_last_moment_is_no_longer_covered() -> None:
    held = consent(ADA, until=NOON)
    assert held.in_force(NOON - SECOND)
    assert not held.in_force(NOON)
