"""A quantised template costs no score more than the stated bound, and no more bytes than fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from doorward.errors import WrongUse
from doorward.face.quantisation import MOST_OCTETS, bits_for, largest_score_error, quantise, restore
from known_people import UNHURRIED

dimensions = st.integers(1, 512)
vectors = dimensions.flatmap(
    lambda dimension: arrays.arrays(np.float32, dimension, elements=st.floats(-1, 1, width=32))
).filter(lambda vector: float(np.linalg.norm(vector)) > 1e-3)


@UNHURRIED
@given(vectors, st.integers(0, 2**32))
def test_no_score_is_off_by_more_than_the_bound(vector: np.ndarray, seed: int) -> None:
    vector = (vector / np.linalg.norm(vector)).astype(np.float32)
    bits = bits_for(len(vector))
    octets = quantise(vector, bits)
    restored = restore(octets, bits, len(vector))
    assert len(octets) <= MOST_OCTETS
    assert np.linalg.norm(restored) == pytest.approx(1, abs=1e-5)
    probes = np.random.default_rng(seed).normal(size=(20, len(vector)))
    probes = np.vstack([probes, vector, restored, restored - vector, vector - restored])
    lengths = np.linalg.norm(probes, axis=1, keepdims=True)
    probes = probes / np.where(lengths, lengths, 1)
    errors = np.abs(probes @ restored - probes @ vector)
    assert errors.max() <= largest_score_error(vector, bits) + 1e-6


def test_a_template_of_the_default_model_is_off_by_less_than_a_hundredth_in_practice() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(200, 128))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    restored = np.stack([restore(quantise(vector, 8), 8, 128) for vector in vectors])
    assert np.abs(vectors @ vectors.T - restored @ vectors.T).max() < 0.005


@pytest.mark.parametrize(("dimension", "bits"), [(1, 8), (128, 8), (256, 8), (257, 4), (512, 4)])
def test_as_many_bits_as_fit(dimension: int, bits: int) -> None:
    assert bits_for(dimension) == bits


def test_what_cannot_be_quantised_or_restored_is_refused() -> None:
    for attempt in (
        lambda: bits_for(513),
        lambda: quantise(np.zeros(4, np.float32), 8),
        lambda: quantise(np.full(4, np.nan, np.float32), 8),
        lambda: restore(bytes(127), 8, 128),
        lambda: restore(bytes(128), 8, 128),
        lambda: restore(b"\x01", 3, 1),
    ):
        with pytest.raises(WrongUse):
            attempt()
