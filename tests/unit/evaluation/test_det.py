"""Curves, equal error rates, groups and differences, against sums done over every pair."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from doorward.adapters.det_png import det_png
from doorward.adapters.images import decode_photo
from doorward.errors import WrongUse
from doorward.evaluation.det import DetCurve, det_curve, equal_error_rate
from doorward.evaluation.det_plot import BOTTOM, LEFT, RIGHT, TOP, det_plot, det_svg
from doorward.evaluation.difference import accept_differences
from doorward.evaluation.false_matches import false_match_rate
from doorward.evaluation.groups import group_rates, parse_groups
from doorward.evaluation.rates import EDGES, compare_all


def people(count: int, photos: int, spread: float, seed: int = 1) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Templates of people: the smaller ``spread``, the better they are told apart."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(count, 16))
    subjects = np.repeat(np.arange(count), photos)
    vectors = centres[subjects] + spread * rng.normal(size=(count * photos, 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), subjects


def scores_of(
    vectors: NDArray[np.float32], subjects: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    first, second = np.triu_indices(len(vectors), 1)
    return (vectors @ vectors.T)[first, second].astype(np.float64), subjects[first] == subjects[second]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(0.3, 1.5))
def test_the_curve_is_that_of_the_whole_matrix(seed: int, spread: float) -> None:
    vectors, subjects = people(20, 4, spread, seed)
    scores, same = scores_of(vectors, subjects)
    curve = det_curve(compare_all(vectors, subjects))
    for threshold, fmr, fnmr in zip(curve.thresholds, curve.fmr, curve.fnmr, strict=True):
        # A score within rounding of an edge may fall to either side.
        assert fmr == pytest.approx((scores[~same] >= threshold).mean(), abs=2 / (~same).sum())
        assert fnmr == pytest.approx((scores[same] < threshold).mean(), abs=2 / same.sum())
        assert fmr * (~same).sum() >= 2.9
    assert (np.diff(curve.fmr) <= 0).all()
    assert (np.diff(curve.fnmr) >= 0).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(0.5, 1.5))
def test_errors_are_equal_at_the_equal_error_rate(seed: int, spread: float) -> None:
    vectors, subjects = people(30, 4, spread, seed)
    scores, same = scores_of(vectors, subjects)
    rate = equal_error_rate(compare_all(vectors, subjects))
    assert rate is not None
    finest = 1.5 / same.sum() + np.diff(np.histogram(scores[same], EDGES)[0] / same.sum()).max()
    assert (scores[~same] >= rate.threshold).mean() == pytest.approx(rate.value, abs=finest + 0.01)
    assert (scores[same] < rate.threshold).mean() == pytest.approx(rate.value, abs=finest + 0.01)
    assert rate.low <= rate.value <= rate.high


def test_no_error_leaves_an_interval_and_no_pair_leaves_no_rate() -> None:
    vectors, subjects = people(40, 2, 0.01)
    rate = equal_error_rate(compare_all(vectors, subjects))
    assert rate is not None
    assert (rate.value, rate.high) == (0.0, pytest.approx(3 / 40))
    assert equal_error_rate(compare_all(vectors[::2], subjects[::2])) is None
    assert equal_error_rate(compare_all(vectors[:2], subjects[:2])) is None


def test_the_equal_error_rates_interval_covers_the_truth() -> None:
    truths = [equal_error_rate(compare_all(*people(60, 4, 0.8, seed))) for seed in range(25)]
    rates = [rate for rate in truths if rate is not None]
    truth = np.mean([rate.value for rate in rates])
    covered = np.mean([rate.low <= truth <= rate.high for rate in rates])
    assert covered >= 0.8


def test_the_equal_error_rates_interval_is_as_wide_as_that_of_drawing_pairs() -> None:
    # A third of the people look like many others, so that it matters who is drawn together.
    rng = np.random.default_rng(1)
    kinds, apart = rng.normal(size=(4, 16)), np.where(np.arange(60) < 20, 0.25, 1.5)[:, None]
    centres = kinds[np.arange(60) % 4] + apart * rng.normal(size=(60, 16))
    subjects = np.repeat(np.arange(60), 6)
    vectors = (centres[subjects] + 0.2 * rng.normal(size=(360, 16))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = compare_all(vectors, subjects)
    rate = equal_error_rate(pairs)
    assert rate is not None
    first, second = np.triu_indices(len(vectors), 1)
    scores, same = scores_of(vectors, subjects)
    order = np.argsort(scores)
    one, other, same = subjects[first][order], subjects[second][order], same[order]
    drawn = []
    for _ in range(300):
        weight = np.bincount(rng.integers(0, 60, 60), minlength=60)
        of_pair = np.where(same, weight[one], weight[one] * weight[other])
        missed = np.cumsum(of_pair * same) / (of_pair * same).sum()
        matched = 1 - np.cumsum(of_pair * ~same) / (of_pair * ~same).sum()
        drawn.append(matched[np.argmax(missed >= matched)])
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert rate.high - rate.low == pytest.approx(high - low, rel=0.2)


def test_false_matches_within_a_group_are_counted_pair_by_pair() -> None:
    vectors, subjects = people(30, 3, 0.9)
    pairs = compare_all(vectors, subjects)
    scores, same = scores_of(vectors, subjects)
    threshold = pairs.threshold_at(1e-2)
    assert threshold is not None
    first, second = np.triu_indices(len(vectors), 1)
    members = np.arange(0, 30, 2)
    within = np.isin(subjects[first], members) & np.isin(subjects[second], members) & ~same
    told = false_match_rate(pairs, threshold, members)
    assert told is not None
    rate, falsely, total = told
    assert (falsely, total) == ((scores[within] >= threshold).sum(), within.sum())
    assert rate.value == falsely / total
    assert rate.low <= rate.value <= rate.high
    everybody = false_match_rate(pairs, threshold)
    assert everybody is not None
    assert everybody[1:] == (int(0.01 * pairs.non_mated), pairs.non_mated)
    assert false_match_rate(pairs, threshold, np.array([3])) is None
    none = false_match_rate(pairs, 2.0)
    assert none is not None
    assert (none[0].value, none[0].high) == (0.0, pytest.approx(3 / 30))


def test_groups_are_told_apart_and_small_ones_flagged() -> None:
    good, subjects = people(40, 4, 0.3)
    bad, more = people(40, 4, 1.2, seed=2)
    few, last = people(5, 4, 0.3, seed=3)
    vectors, owners = np.concatenate([good, bad, few]), np.concatenate([subjects, more + 40, last + 80])
    names = [f"p{number}" for number in range(85)]
    groups = {name: "good" if number < 40 else "bad" if number < 80 else "few" for number, name in enumerate(names)}
    del groups["p0"]
    pairs = compare_all(vectors, owners)
    threshold = pairs.threshold_at(1e-2)
    assert threshold is not None
    of_bad, of_few, of_good = group_rates(pairs, names, groups, threshold, 1e-2)
    assert [group.name for group in (of_bad, of_few, of_good)] == ["bad", "few", "good"]
    assert [group.subjects for group in (of_bad, of_few, of_good)] == [40, 5, 39]
    assert [group.is_small for group in (of_bad, of_few, of_good)] == [False, True, False]
    assert of_good.fnmr is not None
    assert of_bad.fnmr is not None
    assert of_good.fnmr.value < 0.01 < of_bad.fnmr.low


def test_a_list_of_groups_is_read_or_refused() -> None:
    assert parse_groups('person,group\nAnn,"a, b"\n\nBo,c\n') == {"Ann": "a, b", "Bo": "c"}
    for text in ("", "person,group\n", "Ann\n", "Ann,\n", "Ann,a,b\n", "Ann,a\nAnn,b\n"):
        with pytest.raises(WrongUse):
            parse_groups(text)


def test_the_better_model_is_known_by_its_interval() -> None:
    first = compare_all(*people(80, 4, 0.8))
    better = compare_all(*people(80, 4, 0.5))
    gained = accept_differences(first, better, (1e-2, 1e-6))
    assert gained[1e-6] is None
    one = gained[1e-2]
    assert one is not None
    assert 0 < one.low < one.value < one.high
    same = accept_differences(first, first, (1e-2,))[1e-2]
    assert same is not None
    assert (same.low, same.value, same.high) == (0, 0, 0)
    # Other scores in the same order, by a threshold of their own, are no better.
    vectors, subjects = people(80, 4, 0.8)
    raised = np.concatenate([vectors, np.ones((len(vectors), 1), dtype=np.float32)], axis=1) / np.float32(2**0.5)
    level = accept_differences(first, compare_all(raised, subjects), (1e-2,))[1e-2]
    assert level is not None
    assert level.value == pytest.approx(0, abs=0.01)
    with pytest.raises(WrongUse):
        accept_differences(first, compare_all(*people(40, 4, 0.8)))


def test_the_drawing_has_normal_deviate_axes_and_stays_inside_its_frame() -> None:
    rates = np.array([0.5, 0.3085, 0.1587, 0.0668, 1e-9])
    curve = DetCurve(np.linspace(0, 1, 5), rates, np.array([0.001, 0.1, 0.1587, 0.3, 0.9]))
    plot = det_plot({"one <b>": curve, "nothing": DetCurve(*[np.empty(0)] * 3)})
    (name, points), (_, empty) = plot.lines
    assert len(empty) == 0
    # One standard deviation is one length, wherever on the axis.
    assert np.diff(points[:3, 0]) == pytest.approx(np.diff(points[1:4, 0]), rel=2e-3)
    assert ((points >= [LEFT, TOP]) & (points <= [RIGHT, BOTTOM])).all()
    assert len(points) == 4
    svg = det_svg(plot)
    drawing = ElementTree.fromstring(svg)
    assert name in [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}polyline"))) == 1
    assert "<script" not in svg
    picture = decode_photo(det_png(plot))
    x, y = np.round(points[2] * 2).astype(int)
    assert picture[y, x].max() > picture[y, x].min() + 50
