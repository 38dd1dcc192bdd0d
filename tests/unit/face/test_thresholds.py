"""Thresholds by false-match rate."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import WrongUse
from doorward.face.thresholds import SFACE_LFW, threshold_set_for


@pytest.mark.parametrize(("fmr", "value"), SFACE_LFW.points)
def test_measured_points_are_given_as_measured(fmr: float, value: float) -> None:
    threshold = SFACE_LFW.at(fmr)
    assert threshold.value == pytest.approx(value)
    assert threshold.fmr == fmr
    assert threshold.threshold_set == SFACE_LFW.name


@given(st.floats(1e-6, 1e-2), st.floats(1e-6, 1e-2))
def test_a_rarer_false_match_never_costs_less(one: float, other: float) -> None:
    assert SFACE_LFW.at(min(one, other)).value >= SFACE_LFW.at(max(one, other)).value


def test_between_two_points_the_logarithm_is_linear() -> None:
    between = SFACE_LFW.at(10**-3.5).value
    assert between == pytest.approx((SFACE_LFW.at(1e-3).value + SFACE_LFW.at(1e-4).value) / 2)


def test_the_tail_adds_one_point_at_the_upper_end_of_its_interval() -> None:
    tail = SFACE_LFW.tail
    assert tail is not None
    assert SFACE_LFW.lowest_fmr == tail.carried_to == 1e-6
    assert SFACE_LFW.at(1e-6).value == pytest.approx(tail.threshold(1e-6).high)
    measured = replace(SFACE_LFW, tail=None)
    assert measured.lowest_fmr == 1e-5
    assert measured.at(1e-5) == SFACE_LFW.at(1e-5)
    with pytest.raises(WrongUse):
        measured.at(9e-6)


def test_a_tail_lowers_no_threshold() -> None:
    assert SFACE_LFW.tail is not None
    light = replace(SFACE_LFW, tail=replace(SFACE_LFW.tail, scale=0.001, spread=(0.0, 0.0, 0.0)))
    assert light.at(1e-6).value == light.at(1e-5).value
    shorter = replace(SFACE_LFW, tail=replace(SFACE_LFW.tail, carried_to=1e-4))
    assert shorter.lowest_fmr == 1e-5


@given(st.floats(1e-6, 1e-2))
def test_misses_are_told_at_every_threshold_that_serves(fmr: float) -> None:
    missed = SFACE_LFW.missed_at(SFACE_LFW.at(fmr).value)
    assert missed is not None
    assert 0 < missed.low <= missed.value <= missed.high < 0.2
    rarer = SFACE_LFW.missed_at(SFACE_LFW.at(max(fmr / 2, 1e-6)).value)
    assert rarer is not None
    assert rarer.value >= missed.value


def test_misses_that_were_not_measured_are_not_told() -> None:
    assert SFACE_LFW.missed_at(0.9) is None
    assert SFACE_LFW.missed_at(0.1) is None
    assert replace(SFACE_LFW, misses=()).missed_at(0.4) is None


@pytest.mark.parametrize("fmr", [0.0, 9e-7, 0.011, 1.0, -1.0, float("nan"), float("inf")])
def test_what_was_not_measured_is_refused(fmr: float) -> None:
    with pytest.raises(WrongUse, match="measured"):
        SFACE_LFW.at(fmr)


def test_a_model_without_thresholds_is_refused() -> None:
    assert threshold_set_for("sface") is SFACE_LFW
    with pytest.raises(WrongUse, match="unknown-model"):
        threshold_set_for("unknown-model")
