"""What of the ground a camera's picture shows."""

from collections.abc import Sequence

import numpy as np
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from doorward.crowd.geometry import Homography, as_points

HORIZON = 1e-3
"""A place whose third homogeneous coordinate is below this share of the clicked points' lies at the horizon."""


def seen_share(
    homography: Homography, clicked: Sequence[tuple[float, float]], size: tuple[int, int], shape: BaseGeometry
) -> float:
    """The share of a line's length or a polygon's area, as drawn in the picture, that the picture of ``size`` (width,
    height) holds. ``clicked``: points on the ground (metres) that are in sight; what lies behind the camera, on the
    far side of the horizon from them, is not seen at all.
    """
    inverse = np.linalg.inv(homography.matrix)
    places = np.asarray(shape.exterior.coords if isinstance(shape, Polygon) else shape.coords, dtype=np.float64)
    known = np.column_stack([as_points(clicked), np.ones(len(clicked))]) @ inverse[2]
    depths = np.column_stack([places[:, :2], np.ones(len(places))]) @ inverse[2] * np.sign(known[0])
    if depths.min() <= HORIZON * np.abs(known).max():
        return 0.0
    pixels = homography.to_image(places)
    picture = box(0, 0, *size)
    if isinstance(shape, Polygon):
        drawn = Polygon(pixels)
        # A zone whose corners are in order on the ground is in order in the picture as well.
        return float(drawn.intersection(picture).area / drawn.area) if drawn.is_valid and drawn.area > 0 else 0.0
    line = LineString(pixels)
    return float(line.intersection(picture).length / line.length) if line.length > 0 else 0.0
