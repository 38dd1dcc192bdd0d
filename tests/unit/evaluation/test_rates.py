"""Pairs, accuracy by fold, and rates over all pairs, against sums done by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from doorward.errors import WrongUse
from doorward.evaluation.pairs import Pair, accuracy_by_fold, mean_and_spread, parse_pairs
from doorward.evaluation.rates import EDGES, AllPairs, compare_all, true_accept_rates


def scored(mated: NDArray[np.float64], subjects: NDArray[np.intp], non_mated: NDArray[np.float64]) -> AllPairs:
    """Pairs with these scores; all non-mated ones are of the first two subjects."""
    photos = np.bincount(subjects)
    between = np.tile([0, 1], (len(non_mated), 1))
    counts = np.zeros((len(photos), len(EDGES)), dtype=np.int64)
    return AllPairs(mated, subjects, np.sort(non_mated)[::-1], between, len(non_mated), photos, counts)


LIST = "2\t1\nAnn_Lee\t1\t2\nAnn_Lee\t1\tBo\t3\n\nCy\t4\t1\nBo\t3\tCy\t12\n"


def test_lfws_format_is_read_by_fold() -> None:
    assert parse_pairs(LIST) == (
        Pair(("Ann_Lee", 1), ("Ann_Lee", 2), 0, mated=True),
        Pair(("Ann_Lee", 1), ("Bo", 3), 0, mated=False),
        Pair(("Cy", 4), ("Cy", 1), 1, mated=True),
        Pair(("Bo", 3), ("Cy", 12), 1, mated=False),
    )


@pytest.mark.parametrize(
    "text",
    ["", "2", "0\t1\n", "a\tb\n", "1\t1\nAnn\t1\t2\n", "1\t1\nAnn\t1\nBo\t1\t2\n", "1\t1\nAnn\t1\tx\nBo\t1\t2\n"],
)
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        parse_pairs(text)


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_pairs(text)
    except WrongUse:
        return


def test_the_threshold_comes_from_the_other_folds() -> None:
    # Fold 0 is told apart at .5, fold 1 at .8: each is judged at the other's.
    scores = np.array([0.6, 0.4, 0.9, 0.7])
    mated = np.array([True, False, True, False])
    folds = np.array([0, 0, 1, 1])
    assert accuracy_by_fold(scores, mated, folds) == (0.5, 0.5)
    assert mean_and_spread((0.5, 1.0)) == (0.75, 0.25)


def test_a_failure_to_enrol_counts_as_not_the_same() -> None:
    scores = np.array([0.9, -np.inf, 0.1, 0.9, 0.9, 0.1])
    mated = np.array([True, True, False, True, True, False])
    assert accuracy_by_fold(scores, mated, np.array([0, 0, 0, 1, 1, 1])) == (pytest.approx(2 / 3), 1.0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 60), subjects=st.integers(1, 12))
def test_all_pairs_are_those_of_the_whole_matrix(seed: int, count: int, subjects: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = rng.integers(0, subjects, count)
    first, second = np.triu_indices(count, 1)
    scores = (vectors @ vectors.T)[first, second]
    same = owners[first] == owners[second]

    pairs = compare_all(vectors, owners)

    assert pairs.non_mated == (~same).sum()
    assert np.allclose(np.sort(pairs.mated), np.sort(scores[same]), atol=1e-6)
    kept = len(pairs.highest_non_mated)
    assert kept >= 0.01 * pairs.non_mated
    assert np.allclose(pairs.highest_non_mated, np.sort(scores[~same])[::-1][:kept], atol=1e-6)
    assert (pairs.photos == np.bincount(owners)).all()
    of_each = [((owners[first] == one) ^ (owners[second] == one)).sum() for one in range(len(pairs.photos))]
    assert (pairs.counts.sum(axis=1) == of_each).all()


def test_a_rate_is_the_share_of_mated_pairs_above_the_allowed_non_mated_ones() -> None:
    non_mated = np.linspace(1, 0, 1001)
    pairs = scored(np.array([0.995, 0.9895, 0.97, 0.5]), np.array([0, 1, 2, 3]), non_mated)
    rates = true_accept_rates(pairs, (1e-2, 3e-3, 1e-3, 1e-4))
    assert rates[1e-3] is None
    assert rates[1e-4] is None
    one_in_a_hundred, three_in_a_thousand = rates[1e-2], rates[3e-3]
    assert one_in_a_hundred is not None
    assert three_in_a_thousand is not None
    assert (non_mated >= one_in_a_hundred.threshold).sum() == 10
    assert one_in_a_hundred.value == 0.25
    assert three_in_a_thousand.value == 0.0
    assert three_in_a_thousand.high == pytest.approx(0.75)
    assert 0 <= one_in_a_hundred.low <= 0.25 <= one_in_a_hundred.high <= 1


def test_intervals_are_wider_when_pairs_hang_together() -> None:
    rng = np.random.default_rng(5)
    good = np.repeat(rng.random(40) < 0.8, 50)
    scores = np.where(good, 0.9, 0.1)
    highest = np.linspace(0.6, 0.5, 1000)
    together = true_accept_rates(scored(scores, np.repeat(np.arange(40), 50), highest), (1e-2,))[1e-2]
    apart = true_accept_rates(scored(scores, np.arange(2000), highest), (1e-2,))[1e-2]
    assert together is not None
    assert apart is not None
    assert together.value == apart.value
    assert together.high - together.low > 3 * (apart.high - apart.low)


def test_all_accepted_still_leaves_room_for_doubt() -> None:
    rate = true_accept_rates(scored(np.full(30, 0.9), np.arange(30), np.linspace(0.6, 0.5, 1000)), (1e-2,))[1e-2]
    assert rate is not None
    assert rate.value == 1.0
    assert rate.low == pytest.approx(0.9)
