"""The homography, against cameras that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.crowd.geometry import homography
from doorward.errors import WrongUse

GROUND = [(0.0, 0.0), (10.0, 0.0), (10.0, 6.0), (0.0, 6.0), (5.0, 3.0), (2.0, 5.0), (8.0, 1.0), (5.0, 0.0)]


def camera(height: float, tilt: float, metres: np.ndarray) -> np.ndarray:
    """A pinhole camera over (5, -2), tilted ``tilt`` radians from straight down, focal length 600 pixels."""
    offset = np.column_stack([metres[:, 0] - 5, metres[:, 1] + 2, np.full(len(metres), -height)])
    down = np.array([0, np.sin(tilt), -np.cos(tilt)])
    right = np.array([1.0, 0, 0])
    depth = offset @ down
    return np.column_stack([320 + 600 * (offset @ right) / depth, 240 - 600 * (offset @ np.cross(right, down)) / depth])


@settings(max_examples=60, deadline=None)
@given(st.floats(2.5, 12), st.floats(0.0, 0.9), st.integers(4, 8))
def test_every_point_comes_back_to_its_place(height: float, tilt: float, number: int) -> None:
    ground = np.array(GROUND[:number])
    h = homography([tuple(p) for p in camera(height, tilt, ground)], [tuple(p) for p in ground])
    inside = np.random.default_rng(0).uniform((0, 0), (10, 6), (50, 2))
    pixels = camera(height, tilt, inside)
    np.testing.assert_allclose(h.to_ground(pixels), inside, atol=1e-6)
    np.testing.assert_allclose(h.to_image(inside), pixels, atol=1e-5)


def test_the_area_under_a_pixel_is_its_quadrilateral_on_the_ground() -> None:
    ground = np.array(GROUND[:4])
    h = homography([tuple(p) for p in camera(4, 0.6, ground)], [tuple(p) for p in ground])
    for pixel in camera(4, 0.6, np.array([(2.0, 1.0), (7.0, 5.0)])):
        corners = h.to_ground(pixel + 0.05 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]))
        x, y = corners.T
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        assert h.area_scale(pixel[None])[0] == pytest.approx(area / 0.01, rel=1e-3)


def test_two_pixels_of_click_noise_cost_at_most_3_percent_of_area_in_95_of_100_scenes() -> None:
    rng = np.random.default_rng(1)
    ground = np.array(GROUND)
    zone = np.array([(2.0, 1.0), (8.0, 1.0), (8.0, 5.0), (2.0, 5.0)])
    errors = []
    for _ in range(100):
        clicked = camera(6, 0.5, ground) + rng.normal(0, 2, ground.shape)
        h = homography([tuple(p) for p in clicked], [tuple(p) for p in ground])
        x, y = h.to_ground(camera(6, 0.5, zone)).T
        errors.append(abs(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2 / 24 - 1))
    assert np.percentile(errors, 95) <= 0.03


@pytest.mark.parametrize(
    "image",
    [
        [(0, 0), (10, 0), (10, 10)],
        [(0, 0), (1, 1), (2, 2), (3, 3)],
        [(0, 0), (5, 0), (10, 0), (10, 10)],
        [(7, 7)] * 4,
        [(float(i), float(i * i)) for i in range(9)],
    ],
)
def test_points_that_span_no_plane_are_refused(image: list[tuple[float, float]]) -> None:
    ground = [(0.0, 0.0), (10.0, 0.0), (10.0, 6.0), (0.0, 6.0)][: len(image)] if len(image) < 9 else image
    with pytest.raises(WrongUse, match="points"):
        homography(image, ground)
