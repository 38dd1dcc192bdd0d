"""Searches among who is enrolled, against searches done one by one, and intervals against people drawn anew."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from doorward.adapters.det_png import det_png
from doorward.adapters.images import decode_photo
from doorward.errors import WrongUse
from doorward.evaluation.det_plot import det_svg, search_plot
from doorward.evaluation.rates import compare_all
from doorward.evaluation.search import Searches, search_all
from doorward.evaluation.search_prediction import predictions
from doorward.evaluation.search_report import search_curve, search_report
from doorward.evaluation.tail import fit_tail


def people(count: int, photos: int, spread: float, seed: int = 1) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Templates of people: the smaller ``spread``, the better they are told apart."""
    rng = np.random.default_rng(seed)
    subjects = np.repeat(np.arange(count), photos)
    vectors = rng.normal(size=(count, 16))[subjects] + spread * rng.normal(size=(count * photos, 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), subjects


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(0.2, 1.5), left_out=st.floats(0.2, 0.8))
def test_every_search_is_among_those_enrolled_alone(seed: int, spread: float, left_out: float) -> None:
    vectors, subjects = people(20, 3, spread, seed)
    found = search_all(vectors, subjects, left_out, seed)
    assert found.enrolled + found.left_out == 20
    assert (len(found.hits), len(found.candidates)) == (found.enrolled * 2, found.left_out * 3)
    assert not set(found.of_hits) & set(found.of_candidates)
    enrolled = np.isin(subjects, found.of_hits)
    for person in set(found.of_candidates):
        # Each photo's candidate is one of the enrolled photos: no better than the best of all of them.
        best = (vectors[subjects == person] @ vectors[enrolled].T).max(axis=1)
        assert (found.candidates[found.of_candidates == person] <= best + 1e-5).all()
    again = search_all(vectors, subjects, left_out, seed)
    assert np.array_equal(again.hits, found.hits)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 10))
def test_a_smaller_gallery_holds_some_of_a_larger_one(seed: int, size: int) -> None:
    vectors, subjects = people(20, 3, 0.8, seed)
    small, large = (search_all(vectors, subjects, 0.5, seed, most) for most in (size, None))
    assert (small.enrolled, large.enrolled) == (size, 10)
    assert set(small.of_hits) <= set(large.of_hits)
    assert np.array_equal(small.of_candidates, large.of_candidates)
    assert (small.candidates <= large.candidates + 1e-6).all()
    assert (small.ranks <= large.ranks[np.isin(large.of_hits, small.of_hits)]).all()


def test_a_rank_is_the_place_among_all_candidates() -> None:
    vectors, subjects = people(30, 2, 1.2)
    found = search_all(vectors, subjects, 0.3, 5)
    assert found.ranks.max() > 1
    assert np.array_equal(found.ranks == 1, np.isfinite(found.hits))
    report = search_report(found)
    assert report.cmc[1] == pytest.approx(report.rank1.value)
    assert list(report.cmc.values()) == sorted(report.cmc.values())
    for rank, share in report.cmc.items():
        assert share == pytest.approx((found.ranks <= rank).mean())


@pytest.mark.parametrize("size", [0, -1, 11])
def test_a_gallery_of_more_people_than_there_are_is_refused(size: int) -> None:
    with pytest.raises(WrongUse, match="10"):
        search_all(*people(20, 3, 0.5), 0.5, 1, size)


def test_at_a_door_s_threshold_searches_do_as_pairs_foretell() -> None:
    vectors, subjects = people(1_500, 2, 0.3)
    pairs = compare_all(vectors, subjects)
    tail = fit_tail(pairs)
    found = search_all(vectors, subjects, 0.5, 1)
    foretold = predictions(found, pairs, tail, (0.5, 0.1, 1e-9))
    assert [one.asked for one in foretold] == [0.5, 0.1]
    for one in foretold:
        assert one.fmr == one.asked / found.enrolled
        assert one.predicted <= one.asked
        assert one.fpir.value == pytest.approx((found.candidates >= one.threshold).mean())
        assert one.fpir.low * 0.8 <= one.predicted <= one.fpir.high * 1.2
        assert one.fnir.value == pytest.approx((found.hits < one.threshold).mean())


def drawn(seed: int, hits: int = 200, candidates: int = 300) -> Searches:
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random(hits) < 0.05, -np.inf, rng.normal(0.6, 0.15, hits))
    return Searches(
        100, 100, scores, np.sort(rng.integers(0, 80, hits)), np.where(np.isfinite(scores), 1, 2),
        rng.normal(0.3, 0.1, candidates).round(2), np.sort(rng.integers(100, 190, candidates)),
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_rates_are_those_counted_at_the_threshold(seed: int) -> None:
    found = drawn(seed)
    report = search_report(found, (0.1, 0.02, 0.005), seed=1)
    assert report.fnir[0.005] is None  # one search would decide
    assert report.firm == {0.1}
    for fpir in (0.1, 0.02):
        rate = report.fnir[fpir]
        assert rate is not None
        assert (found.candidates >= rate.threshold).mean() <= fpir
        lower = np.unique(found.candidates[found.candidates < rate.threshold])[-1]
        assert (found.candidates >= lower).mean() > fpir
        assert rate.value == pytest.approx((found.hits < rate.threshold).mean())
        assert rate.low <= rate.value <= rate.high
    assert report.rank1.value == pytest.approx(np.isfinite(found.hits).mean())
    assert report.rank1.low <= report.rank1.value <= report.rank1.high


def test_the_curve_passes_through_the_rates() -> None:
    found = drawn(3)
    curve = search_curve(found)
    assert (np.diff(curve.fpir) <= 0).all() or (np.diff(curve.fpir) >= 0).all()
    rate = search_report(found).fnir[0.1]
    assert rate is not None
    at = (found.candidates >= rate.threshold).mean()
    assert rate.value in curve.fnir[np.isclose(curve.fpir, at)]
    assert (curve.fpir * len(found.candidates) >= 2.9).all()
    assert (curve.fnir * len(found.hits) >= 2.9).all()


def test_the_interval_is_as_wide_as_new_people_make_it() -> None:
    measured = [search_report(search_all(*people(120, 3, 0.9, seed), seed=seed)) for seed in range(40)]
    values = [report.fnir[0.1] for report in measured]
    told = [rate for rate in values if rate is not None]
    assert len(told) == 40
    truth = float(np.mean([rate.value for rate in told]))
    covered = sum(rate.low <= truth <= rate.high for rate in told)
    assert covered >= 33  # of 40, where 38 are expected and the gallery changes too


def test_where_nothing_is_missed_the_interval_says_so() -> None:
    report = search_report(search_all(*people(60, 2, 0.01)))
    assert (report.rank1.value, report.rank1.low) == (1.0, pytest.approx(1 - 3 / 30))
    rate = report.fnir[0.1]
    assert rate is not None
    assert (rate.value, rate.high) == (0.0, pytest.approx(3 / 30))


@pytest.mark.parametrize(("count", "photos", "left_out"), [(10, 1, 0.5), (1, 5, 0.5), (10, 2, 0.01), (10, 2, 0.99)])
def test_too_few_people_are_told(count: int, photos: int, left_out: float) -> None:
    with pytest.raises(WrongUse):
        search_all(*people(count, photos, 0.5), left_out)


def test_the_curve_is_drawn_in_both_forms() -> None:
    plot = search_plot({"<model>": search_curve(drawn(1)), "perfect": search_curve(search_all(*people(60, 2, 0.01)))})
    words = "".join(ElementTree.fromstring(det_svg(plot)).itertext())
    assert "false-positive identification rate" in words
    assert "<model>" in words
    assert "perfect: too few errors to draw" in words
    assert decode_photo(det_png(plot)).shape[2] == 3
