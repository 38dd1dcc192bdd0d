"""When a zone will be full, and when nobody can say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.crowd.time_to_threshold import FillMeter, TimeToThreshold


def filled(counts: list[int | None], limit: float) -> TimeToThreshold | None:
    meter = FillMeter(limit)
    for second, count in enumerate(counts):
        meter.update(float(second), count)
    return meter.forecast()


def test_a_zone_that_fills_evenly() -> None:
    found = filled([second // 10 for second in range(200)], limit=40)
    assert found is not None
    assert found.seconds == pytest.approx(210, abs=12)
    assert found.earliest <= found.seconds
    assert found.latest is not None
    assert found.latest >= found.seconds


def test_the_truth_lies_in_the_interval_nineteen_times_in_twenty() -> None:
    rng, hits, told = np.random.default_rng(3), 0, 0
    for _ in range(400):
        people = 20 + np.cumsum(rng.poisson(0.3, 4000)) - np.cumsum(rng.poisson(0.1, 4000))
        found = filled(people[:300].tolist(), limit=150)
        if found is not None:
            told += 1
            reached = int(np.argmax(people >= 150)) - 299
            hits += found.earliest <= reached and (found.latest is None or reached <= found.latest)
    assert told > 380
    assert hits / told == pytest.approx(0.95, abs=0.03)


def test_a_zone_that_stays_as_it_is_or_empties_has_no_such_time() -> None:
    assert filled([20] * 200, limit=40) is None
    assert filled([40 - second // 10 for second in range(200)], limit=50) is None
    rng = np.random.default_rng(0)
    told = [filled(rng.poisson(20, 200).tolist(), limit=60) for _ in range(50)]
    assert all(found is None or found.latest is None for found in told), "no promise from noise"


def test_a_full_zone_is_full_now_and_an_unknown_one_says_nothing() -> None:
    assert filled([50] * 10, limit=50) == TimeToThreshold(0.0, 0.0, 0.0)
    assert filled([second // 2 for second in range(100)] + [None], limit=80) is None
    assert filled(list(range(20)), limit=80) is None, "too short to tell"


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200), st.integers(1, 50))
def test_what_is_told_is_in_order(counts: list[int], limit: int) -> None:
    found = filled(list(counts), limit)
    if found is not None:
        assert 0 <= found.earliest <= found.seconds * (1 + 1e-9)
        assert found.latest is None or found.seconds <= found.latest * (1 + 1e-9)
