"""What is drawn over a scene's still: the ground's squares by how well places on them are known, zones and lines."""

from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from doorward.crowd.geometry import Points, as_points
from doorward.crowd.mount import camera_foot, misplacement
from doorward.crowd.scene import Scene
from doorward.crowd.scene_check import check_scene, squares
from doorward.crowd.uncertainty import position_spread

Colour = tuple[int, int, int]
"""Red, green, blue."""

BANDS: tuple[tuple[float, Colour], ...] = (
    (0.1, (26, 152, 80)),
    (0.25, (166, 217, 106)),
    (0.5, (253, 174, 97)),
    (float("inf"), (215, 48, 39)),
)
"""Metres up to which each colour stands for the uncertainty of a place."""

ZONE_COLOUR, LINE_COLOUR, POINT_COLOUR = (0, 90, 255), (255, 0, 200), (255, 255, 255)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """``corners``: n x 2 pixels; ``filled`` lightly, or its outline (a line where there are two)."""

    corners: Points
    colour: Colour
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    at: tuple[float, float]
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class ScenePlan:
    """``size``: width and height in pixels. ``notes``: sentences that stand below the picture."""

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    legend: tuple[tuple[str, Colour], ...]
    notes: tuple[str, ...]


def scene_plan(scene: Scene) -> ScenePlan:
    """The drawing of a scene, over whatever still."""
    to_image = scene.homography.to_image
    shapes, labels = _ground(scene), []
    for zone in scene.zones:
        corners = to_image(as_points(zone.corners))
        shapes.append(Shape(corners, ZONE_COLOUR))
        labels.append(_label(corners.mean(axis=0), zone.id))
    for line in scene.lines:
        ends = to_image(as_points([line.start, line.end]))
        shapes.append(Shape(ends, LINE_COLOUR))
        middle = as_points([((line.start[0] + line.end[0]) / 2, (line.start[1] + line.end[1]) / 2)])
        shapes.append(Shape(to_image(np.vstack([middle, middle + _inward(line.start, line.end)])), LINE_COLOUR))
        labels.append(_label(to_image(middle)[0], f"{line.id}, in"))
    for pixel, ground in scene.correspondences:
        shapes.append(Shape(as_points([pixel]), POINT_COLOUR))
        labels.append(_label(as_points([pixel])[0], f"{ground[0]:g}, {ground[1]:g} m"))
    return ScenePlan(scene.size, tuple(shapes), tuple(labels), _legend(), check_scene(scene).warnings)


def _ground(scene: Scene) -> list[Shape]:
    lower_left, side = squares(scene)
    foot = camera_foot(scene.homography, scene.size)
    shapes = []
    for corner in lower_left:
        corners = corner + side * as_points([(0, 0), (1, 0), (1, 1), (0, 1)])
        if scene.seen_share(Polygon(corners)) == 0:
            continue
        middle = corners.mean(axis=0, keepdims=True)
        off = float(position_spread(scene.homography, middle, 0.0)[0])
        if foot is not None and scene.mount_height is not None:
            off = float(np.hypot(off, misplacement(foot, scene.mount_height, middle)))
        colour = next(colour for most, colour in BANDS if off <= most)
        drawn = scene.homography.to_image(corners)
        shapes += [Shape(drawn, colour, filled=True), Shape(drawn, colour)]
    return shapes


def _inward(start: tuple[float, float], end: tuple[float, float]) -> Points:
    """Half a metre to the left of the line, where *in* is."""
    along = np.array([end[0] - start[0], end[1] - start[1]])
    return np.asarray(0.5 * np.array([-along[1], along[0]]) / np.linalg.norm(along), dtype=np.float64)


def _label(at: Points, words: str) -> Label:
    return Label((float(at[0]), float(at[1])), words)


def _legend() -> tuple[tuple[str, Colour], ...]:
    words = [f"to {most:g} m" for most, _ in BANDS[:-1]] + [f"above {BANDS[-2][0]:g} m"]
    return tuple(zip(words, (colour for _, colour in BANDS), strict=True))
