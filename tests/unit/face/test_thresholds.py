"""Thresholds by false-match rate."""

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


@pytest.mark.parametrize("fmr", [0.0, 9e-7, 0.011, 1.0, -1.0, float("nan"), float("inf")])
def test_what_was_not_measured_is_refused(fmr: float) -> None:
    with pytest.raises(WrongUse, match="measured"):
        SFACE_LFW.at(fmr)


def test_a_model_without_thresholds_is_refused() -> None:
    assert threshold_set_for("sface") is SFACE_LFW
    with pytest.raises(WrongUse, match="unknown-model"):
        threshold_set_for("unknown-model")
