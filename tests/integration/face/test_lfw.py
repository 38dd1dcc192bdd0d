"""The default models on LFW's folds: accuracy, and the thresholds that the code states."""

import numpy as np
import pytest

from doorward.adapters.face.embedder_card import SFACE_EMBEDDER
from doorward.adapters.models.library import ModelPlaces
from doorward.evaluation.pairs import accuracy_by_fold, parse_pairs
from doorward.evaluation.rates import compare_all, true_accept_rates
from doorward.evaluation.tail import fit_tail
from doorward.evaluation.tail_check import check_tail
from doorward.face.comparison import BEST_OF_SEVERAL
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, SFACE_LFW
from doorward.wiring.face.evaluating import EmbeddedPhotos, embed_photos, photos_in
from shared_data import shared


@pytest.fixture(scope="module")
def embedded() -> EmbeddedPhotos:
    return embed_photos(photos_in(shared("lfw", "images")), ModelPlaces(), (SFACE_EMBEDDER,), lambda done: None)


def test_no_photo_is_missed_and_the_folds_reach_their_accuracy(embedded: EmbeddedPhotos) -> None:
    pairs = parse_pairs(shared("lfw", "pairs.txt").read_text(encoding="utf-8"))
    assert embedded.failures == ()
    place = {name: row for row, name in enumerate(embedded.names)}
    scores = np.array(
        [embedded.vectors[0][place[pair.first]] @ embedded.vectors[0][place[pair.second]] for pair in pairs]
    )
    mated = np.array([pair.mated for pair in pairs])
    folds = np.array([pair.fold for pair in pairs])
    assert np.mean(accuracy_by_fold(scores, mated, folds)) >= 0.990


def test_the_stated_thresholds_are_those_measured(embedded: EmbeddedPhotos) -> None:
    pairs = compare_all(embedded.vectors[0], embedded.subjects)
    assert (len(pairs.mated), pairs.non_mated) == (SFACE_LFW.mated, SFACE_LFW.non_mated)
    for fmr, stated in SFACE_LFW.points:
        measured = pairs.threshold_at(fmr)
        assert measured == pytest.approx(stated, abs=0.006), fmr
    tail, stated_tail = fit_tail(pairs), SFACE_LFW.tail
    assert tail is not None
    assert stated_tail is not None
    assert tail.carried_to == stated_tail.carried_to
    assert tail.threshold(1e-6).high == pytest.approx(stated_tail.threshold(1e-6).high, abs=0.01)
    for threshold, stated_missed in SFACE_LFW.misses:
        missed = (pairs.mated < threshold).mean()
        assert missed == pytest.approx(stated_missed.value, abs=0.01), threshold
    held = [check.held for check in check_tail(pairs, 10, 1, lambda _: None) if check.rate >= check.carried_to]
    assert len(held) == 5
    assert min(held) >= 0.9
    rates = true_accept_rates(pairs)
    for fmr, least in {1e-2: 0.990, 1e-3: 0.980, 1e-4: 0.965, 1e-5: 0.935}.items():
        rate = rates[fmr]
        assert rate is not None
        assert rate.value >= least
        assert rate.low < rate.value < rate.high


@pytest.mark.parametrize("references", [2, 3, 5])
def test_several_references_keep_what_the_threshold_promises(embedded: EmbeddedPhotos, references: int) -> None:
    random = np.random.default_rng(20261123)
    rows = [np.flatnonzero(embedded.subjects == one) for one in np.unique(embedded.subjects)]
    chosen = [random.permutation(own) for own in rows if len(own) > references]
    enrolled = embedded.vectors[0][np.array([own[:references] for own in chosen])]
    probes = [(place, probe) for place, own in enumerate(chosen) for probe in own[references : references + 20]]
    probes += [(-1, own[0]) for own in rows if len(own) <= references]
    scores = np.einsum("nd,pkd->npk", embedded.vectors[0][[probe for _, probe in probes]], enrolled)
    mated = np.array([place for place, _ in probes])[:, None] == np.arange(len(chosen))
    threshold = SFACE_LFW.at(DEFAULT_VERIFICATION_FMR).value
    taken = np.sort(scores, axis=2)[:, :, -BEST_OF_SEVERAL:].mean(axis=2) >= threshold
    assert np.mean(taken[~mated]) <= 1.5 * DEFAULT_VERIFICATION_FMR
    assert np.mean(taken[mated]) >= 0.98
    best_alone = scores.max(axis=2) >= threshold
    assert np.mean(best_alone[~mated]) > 1.5 * DEFAULT_VERIFICATION_FMR
