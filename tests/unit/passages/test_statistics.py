"""Which counts are told: none that is small, settled ones alone, rounded."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import WrongUse
from doorward.passages.statistics import FEWEST, LONGEST, SETTLED, STEP, Period, checked_span, told
from known_people import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOP = NOON.replace(minute=0)

counts = st.dictionaries(
    st.tuples(st.integers(0, 60).map(lambda hours: TOP + hours * HOUR), st.sampled_from(["north", "south"])),
    st.integers(1, 40),
)


@given(counts, st.sampled_from(Period))
def test_no_small_count_is_told_and_every_told_one_is_near(
    hourly: dict[tuple[datetime, str], int], period: Period
) -> None:
    cells = {(one.begins, one.checkpoint): one.passages for one in told(hourly, period)}
    sums: dict[tuple[datetime, str], int] = {}
    for (hour, door), count in hourly.items():
        begins = hour if period is Period.HOUR else hour.replace(hour=0)
        sums[begins, door] = sums.get((begins, door), 0) + count
    assert cells.keys() == {of for of, count in sums.items() if count >= FEWEST}
    assert all(count % STEP == 0 and abs(count - sums[of]) <= STEP / 2 for of, count in cells.items())


def test_only_whole_periods_that_are_a_day_past_are_told() -> None:
    settled = (NOON - SETTLED).replace(minute=0)
    assert checked_span(None, None, Period.HOUR, NOON) == (settled - 7 * DAY, settled)
    assert checked_span(TOP - 3 * DAY, NOON, Period.HOUR, NOON) == (TOP - 3 * DAY, settled)
    midnight = settled.replace(hour=0)
    assert checked_span(TOP - 3 * DAY, None, Period.DAY, NOON) == (midnight - 2 * DAY, midnight)


@pytest.mark.parametrize(
    ("begin", "end"), [(NOON - HOUR, None), (NOON - 2 * DAY, NOON - 3 * DAY), (NOON - LONGEST - 2 * DAY, None)]
)
def test_a_span_ends_after_it_begins_and_is_bounded(begin: datetime, end: datetime | None) -> None:
    with pytest.raises(WrongUse):
        checked_span(begin, end, Period.HOUR, NOON)
