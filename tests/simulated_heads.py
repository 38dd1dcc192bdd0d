"""Five landmarks as a pinhole camera sees them: of a head, whose nose stands out, and of a photo, which is flat."""

import numpy as np

from doorward.face.sample import Face
from doorward.kernel.geometry import Box

# Millimetres, the camera looking along +z: right and left eye, tip of the nose, right and left corner of the mouth.
HEAD = np.array([[-31.5, -35, 0], [31.5, -35, 0], [0, 3, -28], [-24, 33, 2], [24, 33, 2]], dtype=float)
PHOTO = HEAD * (1, 1, 0)
FOCAL = 600.0
"""Pixels; a camera of 640 x 480 that sees 56 degrees across."""

BOX_MM = np.array([[-70, -85, 0], [70, -85, 0], [-70, 75, 0], [70, 75, 0]], dtype=float)


def seen(
    points: np.ndarray,
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    distance: float = 600.0,
    at: tuple[float, float] = (0.0, 0.0),
) -> Face:
    """The face of ``points`` turned by degrees: ``yaw`` to the person's own left, ``pitch`` upwards."""
    turn = _about(2, roll) @ _about(0, -pitch) @ _about(1, yaw)
    landmarks = _projected(points @ turn.T, distance, at)
    corners = _projected(BOX_MM @ turn.T, distance, at)
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    return Face(box, landmarks.astype(np.float32), 0.9)


def _projected(points: np.ndarray, distance: float, at: tuple[float, float]) -> np.ndarray:
    moved = points + np.array([*at, distance])
    return moved[:, :2] / moved[:, 2:] * FOCAL + (320, 240)


def _about(axis: int, degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    one, other = [place for place in range(3) if place != axis]
    turn = np.eye(3)
    turn[one, one] = turn[other, other] = np.cos(angle)
    turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
    return turn
