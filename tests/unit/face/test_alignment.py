"""Similarity transforms and the aligned face."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doorward.face.alignment import ALIGNED_LANDMARKS, ALIGNED_SIZE, aligned_luma, alignment_of, similarity_transform


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.05, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_a_similarity_is_found_again(angle: float, scale: float, shift: tuple[float, float]) -> None:
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = ALIGNED_LANDMARKS @ linear.T + np.array(shift)
    found = similarity_transform(ALIGNED_LANDMARKS, moved)
    assert np.allclose(found, np.column_stack([linear, shift]), atol=1e-6 * max(scale, 1) * 500)


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=5, max_size=5))
def test_it_never_mirrors_and_is_always_finite(points: list[tuple[float, float]]) -> None:
    transform = alignment_of(np.array(points))
    assert np.isfinite(transform).all()
    assert np.linalg.det(transform[:, :2]) >= -1e-9


def test_aligned_luma_brings_landmarks_to_their_places() -> None:
    image = np.zeros((300, 400, 3), dtype=np.uint8)
    landmarks = ALIGNED_LANDMARKS * 1.5 + np.array([90.0, 40.0])
    for x, y in landmarks.round().astype(int):
        image[y - 2 : y + 3, x - 2 : x + 3] = 255
    luma = aligned_luma(image, landmarks)
    assert luma.shape == (ALIGNED_SIZE, ALIGNED_SIZE)
    for x, y in ALIGNED_LANDMARKS.round().astype(int):
        assert luma[y, x] > 200
    assert luma.mean() < 10


def test_luma_weighs_blue_green_red() -> None:
    for channel, weight in enumerate((0.114, 0.587, 0.299)):
        image = np.zeros((150, 150, 3), dtype=np.uint8)
        image[:, :, channel] = 200
        assert np.allclose(aligned_luma(image, ALIGNED_LANDMARKS), 200 * weight, atol=0.1)
