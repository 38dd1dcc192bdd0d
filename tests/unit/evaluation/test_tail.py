"""The tail of the non-mated scores, against distributions whose tail is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from doorward.errors import InternalError, WrongUse
from doorward.evaluation.rates import AllPairs, compare_all
from doorward.evaluation.tail import FEWEST_EXCESSES, fit_tail
from doorward.evaluation.tail_check import RATES, among, check_tail
from doorward.kernel.score_tail import ScoreTail

KNOWN = ScoreTail(0.3, 1e-3, 0.02, (1e-5, -1e-6, 2e-7), 1e-6)


def exponential(count: int, scale: float, seed: int, people: int = 400) -> AllPairs:
    """Pairs of ``people`` at random; the scores above 0 fall off exponentially."""
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.exponential(scale, count))[::-1][: count // 100 + 2]
    between = rng.integers(0, people, (len(scores), 2))
    photos = np.full(people, int(np.sqrt(2 * count) / people) + 1)
    return AllPairs(np.zeros(1), np.zeros(1, np.intp), scores, between, count, photos, np.zeros((people, 1), np.int64))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.005, 0.05))
def test_the_tail_of_an_exponential_is_found(seed: int, scale: float) -> None:
    tail = fit_tail(exponential(1_000_000, scale, seed))
    assert tail is not None
    assert tail.scale == pytest.approx(scale, rel=0.15)
    truth = -scale * np.log(1e-5)
    assert tail.threshold(1e-5).value == pytest.approx(truth, rel=0.08)
    assert tail.carried_to == 1e-5


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    truth = -0.02 * np.log(1e-5)
    tails = [fit_tail(exponential(300_000, 0.02, seed)) for seed in range(30)]
    intervals = [tail.threshold(1e-5) for tail in tails if tail]
    assert len(intervals) == 30
    assert sum(one.low <= truth <= one.high for one in intervals) >= 26


def gathered(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 24)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.arange(count)


def test_what_one_half_of_the_people_predicts_holds_on_the_other() -> None:
    held = 0
    for seed in range(6):
        vectors, subjects = gathered(1_600, seed)
        tail = fit_tail(compare_all(vectors[:800], subjects[:800]))
        assert tail is not None
        assert tail.carried_to == 1e-5
        scores = vectors[800:] @ vectors[800:].T
        matched = (scores[np.triu_indices(800, 1)] >= tail.threshold(1e-5).high).mean()
        held += matched <= 1e-5
    assert held >= 5


@given(st.floats(1e-9, 1e-3), st.floats(1e-9, 1e-3))
def test_rarer_is_higher_and_less_certain(one: float, other: float) -> None:
    rare, often = KNOWN.threshold(min(one, other)), KNOWN.threshold(max(one, other))
    assert rare.value >= often.value
    assert rare.high - rare.low >= often.high - often.low - 1e-12
    assert rare.low <= rare.value <= rare.high


@given(st.floats(1e-9, 1e-3))
def test_rate_and_threshold_are_each_others_inverse(rate: float) -> None:
    back = KNOWN.rate_at(KNOWN.threshold(rate).value)
    assert back.value == pytest.approx(rate)
    assert back.low <= back.value <= back.high <= 1


def test_the_check_of_a_tail_counts_among_the_others_alone() -> None:
    vectors, subjects = gathered(900, 1)
    pairs = compare_all(vectors, subjects)
    chosen = subjects < 450
    own = among(pairs, chosen)
    alone = compare_all(vectors[:450], subjects[:450])
    assert own.non_mated == alone.non_mated
    assert own.highest_non_mated[:200] == pytest.approx(alone.highest_non_mated[:200], abs=1e-6)
    steps: list[int] = []
    checks = check_tail(pairs, 3, 1, steps.append, (0.5,))
    assert [(check.share, check.rate, len(check.ratios)) for check in checks] == [(0.5, rate, 3) for rate in RATES]
    assert sum(steps) == 3
    assert all(check.held == np.mean(np.array(check.ratios) <= 1) for check in checks)
    with pytest.raises(WrongUse):
        check_tail(pairs, 2, 1, steps.append, (0.05,))


def test_too_few_pairs_have_no_tail() -> None:
    assert fit_tail(exponential(FEWEST_EXCESSES * 900, 0.02, 1)) is None
    assert fit_tail(exponential(1_000, 0.02, 1)) is None


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_what_is_no_tail_is_refused(scale: float) -> None:
    with pytest.raises(InternalError):
        ScoreTail(0.3, 1e-3, scale, (1e-5, -1e-6, 2e-7), 1e-6)
