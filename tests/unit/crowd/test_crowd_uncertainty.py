"""How well a place is known: clicks and jitter, larger where a pixel covers more ground."""

import numpy as np
import pytest

from doorward.crowd.geometry import as_points, homography
from doorward.crowd.uncertainty import position_spread, speed_spread


def test_two_pixels_and_the_jitter_add_up() -> None:
    corners = [(0.0, 0.0), (10.0, 0.0), (10.0, 6.0), (0.0, 6.0)]
    overhead = homography([(x * 40, y * 40) for x, y in corners], corners)
    spread = position_spread(overhead, as_points([(5.0, 3.0), (1.0, 1.0)]), jitter=0.12)
    assert spread == pytest.approx(np.hypot(2 / 40, 0.12))


def test_far_away_less_is_known() -> None:
    tilted = homography([(100, 400), (540, 400), (420, 100), (220, 100)], [(0, 0), (5, 0), (5, 20), (0, 20)])
    near, far = position_spread(tilted, as_points([(2.5, 1.0), (2.5, 19.0)]), jitter=0.0)
    assert far > 2 * near


def test_speeds_are_known_to_the_jitter_over_the_window() -> None:
    rng = np.random.default_rng(0)
    differences = (rng.normal(0, 0.05, 100_000) - rng.normal(0, 0.05, 100_000)) / 0.8
    assert speed_spread(0.05) == pytest.approx(differences.std(), rel=0.01)
