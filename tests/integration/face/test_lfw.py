"""The default models on LFW's folds: accuracy, and the thresholds that the code states."""

import numpy as np
import pytest

from doorward.adapters.face.embedder_card import SFACE_EMBEDDER
from doorward.adapters.models.library import ModelPlaces
from doorward.evaluation.pairs import accuracy_by_fold, parse_pairs
from doorward.evaluation.rates import compare_all, true_accept_rates
from doorward.face.thresholds import SFACE_LFW
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
        assert measured == pytest.approx(stated, abs=0.006 if fmr > 1e-6 else 0.03), fmr
    rates = true_accept_rates(pairs)
    for fmr, least in {1e-2: 0.990, 1e-3: 0.980, 1e-4: 0.965, 1e-5: 0.935}.items():
        rate = rates[fmr]
        assert rate is not None
        assert rate.value >= least
        assert rate.low < rate.value < rate.high
