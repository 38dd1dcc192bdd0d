"""Error rates of presentation attack detection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from doorward.errors import WrongUse
from doorward.evaluation.pad import (
    LEAST_TO_ADOPT,
    PresentationScores,
    clopper_pearson,
    evaluate_pad,
    is_enough,
    proven,
)
from known_people import UNHURRIED


def scores(*values: float, non_responses: int = 0) -> PresentationScores:
    return PresentationScores(values, non_responses)


BONA_FIDE = scores(0.9, 0.8, 0.4, 0.5)


def test_an_attack_that_reaches_the_threshold_is_an_error_and_a_person_who_does_not_is_one() -> None:
    found = evaluate_pad(BONA_FIDE, {"print": scores(0.1, 0.5, 0.2, 0.3)}, 0.5)
    assert (found.worst.name, found.worst.errors, found.worst.responses, found.worst.value) == ("print", 1, 4, 0.25)
    assert (found.bona_fide.errors, found.bona_fide.value) == (1, 0.25)


def test_the_worst_species_comes_first_and_no_mean_hides_it() -> None:
    attacks = {"print": scores(*[0.0] * 90), "screen": scores(0.9, 0.1), "mask": scores(*[0.0] * 8)}
    found = evaluate_pad(BONA_FIDE, attacks, 0.5)
    assert [rate.name for rate in found.species] == ["screen", "mask", "print"]


def test_no_response_is_counted_by_itself() -> None:
    found = evaluate_pad(
        scores(0.9, non_responses=1), {"print": scores(0.9, 0.1, non_responses=2), "mask": scores(non_responses=3)}, 0.5
    )
    assert (found.worst.name, found.worst.value, found.worst.responses) == ("print", 0.5, 2)
    assert (found.worst.presentations, found.worst.non_response_rate) == (4, 0.5)
    assert (found.species[1].value, found.species[1].high, found.species[1].non_response_rate) == (None, None, 1.0)
    assert found.bona_fide.non_response_rate == 0.5
    assert proven(found.species[1]) == "Nothing: the detector gave no answer at all."


def test_a_score_that_is_no_number_lets_nobody_pass() -> None:
    found = evaluate_pad(scores(float("nan")), {"print": scores(float("nan"))}, 0.5)
    assert (found.worst.errors, found.bona_fide.errors) == (0, 1)


@given(st.integers(1, 400).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
@UNHURRIED
def test_the_interval_is_exact(drawn: tuple[int, int]) -> None:
    errors, count = drawn
    low, high = clopper_pearson(errors, count)
    assert low <= errors / count <= high
    assert errors == 0 or binom.sf(errors - 1, count, low) == pytest.approx(0.025, abs=1e-6)
    assert errors == count or binom.cdf(errors, count, high) == pytest.approx(0.025, abs=1e-6)


def test_no_error_in_few_proves_little() -> None:
    found = evaluate_pad(BONA_FIDE, {"print": scores(0.0, 0.1)}, 0.5)
    assert found.worst.value == 0.0
    assert found.worst.high == pytest.approx(0.842, abs=1e-3)
    assert "no higher than about 3/2, 100.0%; a rate of 0 is not shown" in proven(found.worst)
    assert proven(found.bona_fide) == "1 of 4: the rate lies between 0.6% and 80.6%."


def test_an_evaluation_of_few_is_not_enough_to_adopt() -> None:
    many = scores(*[0.9] * LEAST_TO_ADOPT)
    assert is_enough(evaluate_pad(many, {"print": many}, 0.5))
    fewer = scores(*[0.9] * (LEAST_TO_ADOPT - 1), non_responses=5)
    assert not is_enough(evaluate_pad(fewer, {"print": many}, 0.5))
    assert not is_enough(evaluate_pad(many, {"print": many, "mask": fewer}, 0.5))


def test_without_attacks_or_people_nothing_is_evaluated() -> None:
    with pytest.raises(WrongUse, match="species"):
        evaluate_pad(BONA_FIDE, {}, 0.5)
    with pytest.raises(WrongUse, match="bona_fide"):
        evaluate_pad(scores(), {"print": scores(0.1)}, 0.5)
