"""The threshold follows the number of references, as far as the evaluation goes and no further."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import EvidenceMissing, WrongUse
from doorward.face.thresholds import DEFAULT_FPIR, HIGHEST_FPIR, SFACE_LFW, checked_fpir
from doorward.identify.search_basis import SearchBasis, search_basis

fpirs = st.floats(1e-6, HIGHEST_FPIR)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_the_threshold_follows_the_number_enrolled(few: int, more: int) -> None:
    lenient, strict = (search_basis("sface", number).threshold for number in (few, few + more))
    assert lenient.value <= strict.value
    assert strict.fmr * (few + more) <= DEFAULT_FPIR * (1 + 1e-9)
    assert SFACE_LFW.lowest_fmr <= strict.fmr <= SFACE_LFW.highest_fmr


@given(st.integers(1, 3_000_000), fpirs)
def test_a_search_is_supported_exactly_as_far_as_was_evaluated(references: int, fpir: float) -> None:
    basis = SearchBasis(references, fpir, SFACE_LFW)
    assert basis.is_supported == (references <= basis.most_references)
    if basis.is_supported:
        assert basis.threshold.fmr <= fpir / references * (1 + 1e-9)
    else:
        with pytest.raises(EvidenceMissing, match="second factor"):
            _ = basis.threshold
        assert (basis.named_at_most, basis.missed) == (None, None)


def test_ten_thousand_are_served_on_lfws_evidence_and_no_more() -> None:
    assert search_basis("sface", 1).most_references == 10_000
    assert search_basis("sface", 10_000).threshold.fmr == pytest.approx(1e-6)
    with pytest.raises(EvidenceMissing) as refused:
        _ = search_basis("sface", 2_565_724).threshold
    assert refused.value.message == (
        "This model was evaluated down to a false-match rate of 1e-06; 2,565,724 references at FPIR 0.01 need 3.9e-09: "
        "use a second factor (a badge or number beside the face), or a smaller group (10,000 at most at this FPIR)."
    )


def test_a_rarer_wrong_name_serves_fewer() -> None:
    strict, usual = SearchBasis(500, 1e-3, SFACE_LFW), SearchBasis(500, 1e-2, SFACE_LFW)
    assert strict.most_references == 1_000
    assert strict.threshold.value > usual.threshold.value
    assert strict.missed is not None
    assert usual.missed is not None
    assert strict.missed.value > usual.missed.value


@given(st.integers(0, 10_000), fpirs)
def test_no_more_strangers_are_named_than_may_be(references: int, fpir: float) -> None:
    basis = SearchBasis(references, fpir, SFACE_LFW)
    named = basis.named_at_most
    assert named is None or named <= fpir * (1 + 1e-9)
    assert (named is None) != basis.is_supported


def test_what_rests_on_the_tail_is_told() -> None:
    rests = [SearchBasis(references, DEFAULT_FPIR, SFACE_LFW).rests_on_tail for references in (1, 1_000, 1_001, 10_001)]
    assert rests == [False, False, True, False]
    assert not SearchBasis(5_000, DEFAULT_FPIR, replace(SFACE_LFW, tail=None)).is_supported


@pytest.mark.parametrize("wrong", [0.0, -0.01, 0.11, 1.0, 1.5, 100.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(WrongUse, match="stranger in a hundred"):
        checked_fpir(wrong)


@given(fpirs)
def test_a_rate_that_is_one_is_taken(fpir: float) -> None:
    assert checked_fpir(fpir) == fpir
