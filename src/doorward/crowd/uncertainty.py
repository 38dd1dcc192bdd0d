"""How well a place on the ground is known."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from doorward.crowd.geometry import Homography, Points
from doorward.crowd.kinematics import HALF_WINDOW_SECONDS

CLICK_PIXELS = 2.0
"""Standard deviation of a point that a person clicks."""


def position_spread(homography: Homography, metres: Points, jitter: float) -> NDArray[np.float64]:
    """Standard deviation in metres at each of n places: of the clicked homography, and of a foot-point's ``jitter``.

    The click is taken to the ground by the linear scale there, the root of the area under a pixel.
    """
    scale = np.sqrt(homography.area_scale(homography.to_image(metres)))
    return np.asarray(np.hypot(CLICK_PIXELS * scale, jitter), dtype=np.float64)


def speed_spread(jitter: float) -> float:
    """Standard deviation in m/s, along an axis, of a central difference of positions that jitter by so many metres.

    An upper bound: positions were smoothed before.
    """
    return sqrt(2) * jitter / (2 * HALF_WINDOW_SECONDS)
