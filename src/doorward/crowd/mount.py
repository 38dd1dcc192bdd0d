"""Where a camera hangs, and how far it misplaces people whose feet it does not see."""

from dataclasses import dataclass
from math import hypot

import numpy as np

from doorward.crowd.geometry import Homography, Points

HIDDEN = 0.5
"""Metres from the ground that are often hidden: behind others, bags, furniture."""

FAR_ENOUGH_OFF = 0.5
"""Metres of misplacement from which a mount is called low: as much as a person is wide."""

LEAST_TILT = 1e-6


@dataclass(frozen=True, slots=True)
class CameraFoot:
    """``place``: the point of the ground (metres) under the camera. ``height``: metres above it, as the picture tells;
    None where it tells nothing, because the camera looks straight down."""

    place: tuple[float, float]
    height: float | None


def camera_foot(homography: Homography, size: tuple[int, int]) -> CameraFoot | None:
    """Where the camera hangs, from its homography; None when no camera with square pixels and its optical axis in the
    middle of the picture of ``size`` (width, height) sees the ground so.

    The columns of the ground's homography are K r1 and K r2 up to a scale, with r1 and r2 orthogonal and of one
    length: Zhang, IEEE Transactions on Pattern Analysis and Machine Intelligence 22, 2000, section 2.3.
    """
    width, height = size
    centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, max(width, height)]]) / max(width, height)
    plane = centre @ np.linalg.inv(homography.matrix)
    plane /= np.linalg.norm(plane)
    first, second, third = plane.T
    tilts = np.array([first[2] * second[2], first[2] ** 2 - second[2] ** 2])
    if np.abs(tilts).max() < LEAST_TILT:
        middle = homography.to_ground(np.array([[width / 2, height / 2]]))[0]
        return CameraFoot((float(middle[0]), float(middle[1])), None)
    lengths = np.array([first[:2] @ second[:2], first[:2] @ first[:2] - second[:2] @ second[:2]])
    squared = -float(lengths @ tilts / (tilts @ tilts))
    if squared <= 0:
        return None
    focal = np.diag([squared**-0.5, squared**-0.5, 1.0])
    along, across, towards = (focal @ column for column in (first, second, third))
    scale = 2 / (np.linalg.norm(along) + np.linalg.norm(across))
    axes = np.column_stack([along * scale, across * scale, np.cross(along * scale, across * scale)])
    place = -np.linalg.solve(axes, towards * scale)
    return CameraFoot((float(place[0]), float(place[1])), abs(float(place[2])))


def misplacement(foot: CameraFoot, height: float, places: Points) -> float:
    """Metres by which somebody at the furthest of ``places`` (n x 2) is put too far away when their lowest half metre
    is hidden: the ray over its edge meets the ground at HIDDEN * d / (height - HIDDEN) behind them."""
    furthest = max(hypot(x - foot.place[0], y - foot.place[1]) for x, y in places.tolist())
    return HIDDEN * furthest / (height - HIDDEN) if height > HIDDEN else float("inf")
