from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.crowd.recent_median import RecentMedian


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(1, 20))
def test_it_is_the_median_of_the_last_ones(values: list[float], most: int) -> None:
    recent = RecentMedian(most)
    for count, value in enumerate(values, start=1):
        recent.add(value)
        last = values[max(0, count - most) : count]
        assert len(recent) == len(last)
        assert recent.value() == median(last)
