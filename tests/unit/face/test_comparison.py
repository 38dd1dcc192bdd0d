"""The score of a probe over a person's references."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.face.comparison import compare, compare_with_all
from known_people import UNHURRIED, face

SEEDS = st.lists(st.integers(1, 50), min_size=1, max_size=6, unique=True)


@given(seed=st.integers(1, 50))
def test_of_one_reference_it_is_the_comparison(seed: int) -> None:
    assert compare_with_all(face(99), [face(seed)]) == compare(face(99), face(seed))


@UNHURRIED
@given(seeds=SEEDS, order=st.randoms())
def test_of_several_it_is_the_mean_of_the_best_two_in_any_order(seeds: list[int], order: object) -> None:
    references = [face(seed) for seed in seeds]
    best = sorted((compare(face(99), one) for one in references), reverse=True)[:2]
    order.shuffle(references)
    assert compare_with_all(face(99), references) == pytest.approx(sum(best) / len(best))


@UNHURRIED
@given(seeds=SEEDS)
def test_it_never_exceeds_the_best_alone(seeds: list[int]) -> None:
    references = [face(seed) for seed in seeds]
    assert compare_with_all(face(99), references) <= max(compare(face(99), one) for one in references)
