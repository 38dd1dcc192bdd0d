"""Failures in a row: the policy over every streak, and the counting over real stores and fakes."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import StorageError
from doorward.verify.attempts import (
    ALLOWED,
    FIRST_DELAY,
    FREE_WITH_PAD,
    FREE_WITHOUT_PAD,
    LOCKED,
    LONGEST_DELAY,
    MOST_WITH_PAD,
    MOST_WITHOUT_PAD,
    Attempts,
    Counted,
    Streak,
    Subject,
    Verdict,
    strictest,
    verdict_on,
)
from fakes.attempt_store import FakeAttemptStore
from houses import House
from known_people import NOON

ADA, BO = Subject(Counted.PERSON, "ada"), Subject(Counted.PERSON, "bo")
GATE = Subject(Counted.DEVICE, "gate")
LIMITS = st.sampled_from([(False, FREE_WITHOUT_PAD, MOST_WITHOUT_PAD), (True, FREE_WITH_PAD, MOST_WITH_PAD)])
MOMENTS = st.integers(-10_000, 10_000).map(lambda seconds: NOON + timedelta(seconds=seconds))


def test_the_limits_are_within_those_of_nist_sp_800_63b() -> None:
    assert (FREE_WITHOUT_PAD, FREE_WITH_PAD) == (5, 10)
    assert timedelta(seconds=30) <= FIRST_DELAY <= LONGEST_DELAY
    assert MOST_WITHOUT_PAD <= 50
    assert MOST_WITH_PAD <= 100


@given(limits=LIMITS, failures=st.integers(0, 200), now=MOMENTS)
def test_free_then_delayed_then_locked(limits: tuple[bool, int, int], failures: int, now: datetime) -> None:
    with_pad, free, most = limits
    verdict = verdict_on(Streak(failures, NOON), now, with_pad=with_pad)
    if failures < free:
        assert verdict == ALLOWED
    elif failures >= most:
        assert verdict == LOCKED
        assert verdict.is_locked
    else:
        waited = (now - NOON).total_seconds()
        delay = min(30 * 2 ** (failures - free), 3600)
        assert verdict.allowed == (waited >= delay)
        assert verdict.allowed or 0 < (verdict.retry_after or 0) <= delay


@given(limits=LIMITS, failures=st.integers(0, 40), back=st.integers(0, 10_000))
def test_one_failure_more_never_lets_anybody_go_on_earlier(
    limits: tuple[bool, int, int], failures: int, back: int
) -> None:
    now = NOON + timedelta(seconds=back)
    one, more = (verdict_on(Streak(count, NOON), now, with_pad=limits[0]) for count in (failures, failures + 1))
    assert strictest([one, more]) == more


@given(limits=LIMITS, failures=st.integers(1, 29))
def test_who_waits_as_long_as_is_said_may_go_on(limits: tuple[bool, int, int], failures: int) -> None:
    streak = Streak(failures, NOON)
    verdict = verdict_on(streak, NOON, with_pad=limits[0])
    if verdict.retry_after:
        assert verdict_on(streak, NOON + timedelta(seconds=verdict.retry_after), with_pad=limits[0]).allowed
        assert not verdict_on(streak, NOON + timedelta(seconds=verdict.retry_after - 1), with_pad=limits[0]).allowed


@pytest.mark.parametrize("with_pad", [True, False])
def test_a_clock_an_hour_wrong_lengthens_no_wait_and_lifts_no_lock(with_pad: bool) -> None:
    free, most = (FREE_WITH_PAD, MOST_WITH_PAD) if with_pad else (FREE_WITHOUT_PAD, MOST_WITHOUT_PAD)
    back, on = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
    assert verdict_on(Streak(free, NOON), back, with_pad=with_pad) == Verdict(allowed=False, retry_after=30)
    assert verdict_on(Streak(free, NOON), on, with_pad=with_pad) == ALLOWED
    assert {verdict_on(Streak(most, NOON), now, with_pad=with_pad) for now in (back, on)} == {LOCKED}


def test_the_strictest_of_several_holds() -> None:
    short, long = Verdict(allowed=False, retry_after=3), Verdict(allowed=False, retry_after=9)
    assert strictest([]) == ALLOWED
    assert strictest([ALLOWED, short, long, short]) == long
    assert strictest([long, LOCKED, ALLOWED]) == LOCKED


def test_an_attempt_is_a_failure_until_it_succeeds(house: House) -> None:
    for _ in range(FREE_WITHOUT_PAD - 1):
        house.attempts.begin([ADA, GATE], with_pad=False)
    last = house.attempts.begin([ADA, GATE], with_pad=False)
    assert last.verdict == ALLOWED
    refused = house.attempts.begin([ADA, GATE], with_pad=False)
    assert refused.verdict == Verdict(allowed=False, retry_after=30)
    house.attempts.succeeded(last)
    assert house.attempt_store.streaks([ADA, GATE]) == [Streak(), Streak()]
    assert house.attempts.begin([ADA], with_pad=False).verdict == ALLOWED


def test_each_subject_is_counted_for_itself(house: House) -> None:
    for _ in range(FREE_WITHOUT_PAD):
        house.attempts.begin([ADA], with_pad=False)
    assert house.attempts.begin([BO], with_pad=False).verdict.allowed
    assert not house.attempts.begin([BO, ADA], with_pad=False).verdict.allowed
    assert [one.failures for one in house.attempt_store.streaks([ADA, BO])] == [FREE_WITHOUT_PAD, 1]
    assert house.attempts.begin([ADA], with_pad=True).verdict.allowed


def test_a_success_leaves_what_others_failed_meanwhile(house: House) -> None:
    mine = house.attempts.begin([GATE], with_pad=False)
    house.attempts.begin([GATE], with_pad=False)
    house.attempts.succeeded(mine)
    assert house.attempt_store.streaks([GATE])[0].failures == 1


def test_delays_grow_until_an_officer_lifts(house: House) -> None:
    waits = []
    for _ in range(200):
        verdict = house.attempts.begin([ADA], with_pad=False).verdict
        if verdict.retry_after:
            waits.append(verdict.retry_after)
            house.clock.pass_by(seconds=verdict.retry_after)
        if verdict.is_locked:
            break
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    house.clock.pass_by(hours=24 * 365)
    assert house.attempts.begin([ADA], with_pad=False).verdict == LOCKED
    assert house.attempt_store.lift([ADA, BO])
    assert not house.attempt_store.lift([ADA])
    assert house.attempts.begin([ADA], with_pad=False).verdict == ALLOWED


def test_what_is_counted_of_nobody_known_can_be_lifted_too(house: House) -> None:
    house.attempts.begin([ADA, BO, GATE], with_pad=False)
    assert house.attempt_store.others([GATE]) == 2
    assert house.attempt_store.lift_others([GATE]) == 2
    assert [one.failures for one in house.attempt_store.streaks([ADA, BO, GATE])] == [0, 0, 1]


def test_what_cannot_be_counted_is_no_attempt(house: House) -> None:
    class Full(FakeAttemptStore):
        def count(self, *_: object) -> object:
            raise StorageError("The disk is full; free some space.")

    with pytest.raises(StorageError):
        Attempts(Full(), house.clock).begin([ADA], with_pad=False)
