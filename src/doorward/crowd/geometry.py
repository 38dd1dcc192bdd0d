"""From the picture to the ground: a plane homography from clicked points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse

Points = NDArray[np.float64]
"""n x 2: x and y, in pixels of the picture or metres on the ground."""

MIN_POINTS, MAX_POINTS = 4, 8

# Below this, the points lie so nearly in a line (or three of four do) that the plane is not determined.
MIN_CONDITION = 1e-4


def as_points(places: Sequence[tuple[float, float]]) -> Points:
    """Places as n x 2, also when there are none."""
    return np.asarray(places, dtype=np.float64).reshape(-1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Homography:
    """``matrix`` (3 x 3) takes homogeneous pixels to homogeneous metres."""

    matrix: NDArray[np.float64]

    def to_ground(self, pixels: Points) -> Points:
        """n x 2 pixels to n x 2 metres."""
        return _apply(self.matrix, pixels)

    def to_image(self, metres: Points) -> Points:
        """n x 2 metres to n x 2 pixels."""
        return _apply(np.asarray(np.linalg.inv(self.matrix), dtype=np.float64), metres)

    def area_scale(self, pixels: Points) -> NDArray[np.float64]:
        """Square metres of ground under one square pixel at each of n points: the Jacobian's determinant.

        For x' = Hx the determinant is det(H) / w^3, with w the third homogeneous coordinate.
        """
        weights = _homogeneous(pixels) @ self.matrix[2]
        return np.asarray(np.abs(np.linalg.det(self.matrix) / weights**3), dtype=np.float64)


def homography(image: Sequence[tuple[float, float]], ground: Sequence[tuple[float, float]]) -> Homography:
    """The homography of 4 to 8 pairs of points (pixels, metres), by least squares.

    Normalised direct linear transformation: Hartley and Zisserman, Multiple View Geometry, 2nd ed., algorithm 4.2.
    ``WrongUse`` for too few or too many points, and for points that do not span a plane.
    """
    if len(image) != len(ground) or not MIN_POINTS <= len(image) <= MAX_POINTS:
        raise WrongUse(f"Give {MIN_POINTS} to {MAX_POINTS} pairs of points, each in the picture and on the ground.")
    source, from_pixels = _normalised(np.asarray(image, dtype=np.float64))
    target, from_metres = _normalised(np.asarray(ground, dtype=np.float64))
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, -u])
    _, singular, right = np.linalg.svd(np.asarray(rows))
    solution = right[-1].reshape(3, 3)
    # The eighth singular value is zero when a second homography fits as well.
    if singular[7] < MIN_CONDITION * singular[0] or abs(np.linalg.det(solution)) < MIN_CONDITION:
        raise _degenerate()
    matrix = np.linalg.inv(from_metres) @ solution @ from_pixels
    return Homography(matrix / np.linalg.norm(matrix))


def _normalised(points: Points) -> tuple[Points, NDArray[np.float64]]:
    """Points moved to a centroid of 0 and a mean distance of the square root of 2, and the matrix that did it."""
    centre = points.mean(axis=0)
    distance = np.linalg.norm(points - centre, axis=1).mean()
    if not np.isfinite(distance) or distance == 0:
        raise _degenerate()
    scale = np.sqrt(2) / distance
    matrix = np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])
    return (points - centre) * scale, matrix


def _degenerate() -> WrongUse:
    return WrongUse("The points lie in a line or nearly so; choose four that span the floor, no three in a line.")


def _homogeneous(points: Points) -> NDArray[np.float64]:
    return np.hstack([points, np.ones((len(points), 1))])


def _apply(matrix: NDArray[np.float64], points: Points) -> Points:
    moved = _homogeneous(np.asarray(points, dtype=np.float64).reshape(-1, 2)) @ matrix.T
    return moved[:, :2] / moved[:, 2:]
