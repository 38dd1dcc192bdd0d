"""What a camera sees of the ground, from where, and how far it can be trusted."""

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from doorward.crowd.geometry import Points, as_points, homography
from doorward.crowd.mount import CameraFoot, camera_foot, misplacement
from doorward.crowd.scene import Line, Scene, Zone
from doorward.crowd.scene_check import check_scene, squares
from doorward.crowd.scene_plan import BANDS, scene_plan
from doorward.crowd.visibility import seen_share
from doorward.errors import WrongUse

SIZE = (1280, 720)
NEAR_ZONE = Zone("near", "near", ((-2, 4), (2, 4), (2, 7), (-2, 7)))
GROUND = as_points([(-2, 4), (2, 4), (3, 9), (-3, 9)])


def projected(places: Points, height: float, tilt: float, focal: float = 900.0, turn: float = 0.0) -> Points:
    """Pixels of places on the ground, seen from ``height`` metres above (0, 0) by a camera that looks along y, ``tilt``
    degrees below the horizon."""
    angle, heading = radians(tilt), radians(turn)
    right = np.array([cos(heading), sin(heading), 0])
    ahead = np.array([-sin(heading), cos(heading), 0])
    towards = cos(angle) * ahead + np.array([0, 0, -sin(angle)])
    down = np.cross(towards, right)
    rays = np.column_stack([places, np.zeros(len(places))]) - np.array([0, 0, height])
    x, y, z = rays @ right, rays @ down, rays @ towards
    return np.column_stack([SIZE[0] / 2 + focal * x / z, SIZE[1] / 2 + focal * y / z])


def side_scene(
    height: float = 3.0, mount_height: float | None = 3.0, zone: Zone = NEAR_ZONE, tilt: float = 30.0
) -> Scene:
    pixels = projected(GROUND, height, tilt)
    pairs = tuple((tuple(pixel), tuple(place)) for pixel, place in zip(pixels.tolist(), GROUND.tolist(), strict=True))
    return Scene("side", SIZE, pairs, zones=(zone,), mount_height=mount_height)  # type: ignore[arg-type] # pairs of two


@settings(max_examples=60, deadline=None)
@given(st.floats(2.0, 12.0), st.floats(15.0, 75.0), st.floats(-60.0, 60.0))
def test_the_homography_tells_where_the_camera_hangs(height: float, tilt: float, turn: float) -> None:
    # Where the optical axis meets the ground, and a square around it.
    distance = height / np.tan(radians(tilt))
    middle = distance * np.array([-sin(radians(turn)), cos(radians(turn))])
    places = middle + 0.2 * distance * as_points([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    origin = np.array([5.0, -3.0])
    seen_from = homography(projected(places, height, tilt, turn=turn).tolist(), (places + origin).tolist())
    foot = camera_foot(seen_from, SIZE)
    assert foot is not None
    assert foot.place == pytest.approx((5, -3), abs=0.01 * distance + 0.01)
    assert foot.height == pytest.approx(height, rel=0.01)


def test_straight_down_the_camera_hangs_over_the_middle_at_a_height_that_nothing_tells() -> None:
    plain = homography([(0, 0), (1280, 0), (1280, 720), (0, 720)], [(0, 9), (16, 9), (16, 0), (0, 0)])
    foot = camera_foot(plain, SIZE)
    assert foot is not None
    assert foot.place == pytest.approx((8, 4.5))
    assert foot.height is None


def test_hidden_feet_misplace_people_as_far_as_the_design_says() -> None:
    # The lowest 0.5 m hidden, 8 m away, from 3 m: 1.6 m.
    assert misplacement(CameraFoot((0, 0), 3), 3.0, as_points([(0, 2), (0, 8)])) == pytest.approx(1.6)
    assert misplacement(CameraFoot((0, 0), None), 0.4, as_points([(0, 8)])) == float("inf")


def test_a_low_mount_is_warned_of_and_a_high_one_is_not() -> None:
    low = check_scene(side_scene())
    assert low.zones[0].hidden_feet == pytest.approx(0.5 * (2**2 + 7**2) ** 0.5 / 2.5, abs=0.02)
    assert len(low.warnings) == 1
    assert "hangs low" in low.warnings[0]
    assert check_scene(side_scene(height=9.0, mount_height=9.0, tilt=56.0)).warnings == ()
    (unknown,) = check_scene(side_scene(mount_height=None)).warnings
    assert "unknown" in unknown
    assert check_scene(side_scene(mount_height=None)).zones[0].hidden_feet is None
    assert "look as if from 3.0 m" in check_scene(side_scene(mount_height=6.0)).warnings[0]


def test_a_zone_or_line_outside_the_picture_is_refused() -> None:
    for corners in (
        ((-2, 4), (2, 4), (2, -7), (-2, -7)),
        ((20, 4), (24, 4), (24, 7), (20, 7)),
        ((-12, 4), (2, 4), (2, 7), (-12, 7)),
    ):
        with pytest.raises(WrongUse, match="outside the picture"):
            side_scene(zone=Zone("off", "off", corners))
    scene = side_scene()
    with pytest.raises(WrongUse, match="'gone' lies outside the picture"):
        Scene("side", SIZE, scene.correspondences, lines=(Line("gone", "gone", (30, 4), (30, 8)),))
    Scene("side", SIZE, scene.correspondences, lines=(Line("wide", "wide", (-30, 5), (30, 5)),))


def test_what_lies_behind_the_camera_is_not_seen_though_it_projects_into_the_picture() -> None:
    scene = side_scene(tilt=30.0)
    level = homography(projected(GROUND, 3.0, 10.0).tolist(), GROUND.tolist())
    behind = [(-2, -60), (2, -60), (2, -30), (-2, -30)]
    pixels = level.to_image(as_points(behind))
    assert ((pixels >= 0) & (pixels <= SIZE)).all()
    assert seen_share(level, [ground for _, ground in scene.correspondences], SIZE, Polygon(behind)) == 0


def test_shares_of_the_picture_are_those_drawn() -> None:
    plain = homography([(0, 0), (1280, 0), (1280, 720), (0, 720)], [(0, 9), (16, 9), (16, 0), (0, 0)])
    clicked = [(0.0, 9.0), (16.0, 9.0), (16.0, 0.0), (0.0, 0.0)]
    half = Polygon([(-4, 2), (4, 2), (4, 6), (-4, 6)])
    assert seen_share(plain, clicked, SIZE, half) == pytest.approx(0.5)
    assert seen_share(plain, clicked, SIZE, LineString([(-1, 5), (3, 5)])) == pytest.approx(0.75)


def test_the_drawing_shows_what_is_known_worse_further_away() -> None:
    plan = scene_plan(side_scene(height=12.0, mount_height=12.0, tilt=63.0))
    filled = [shape for shape in plan.shapes if shape.filled]
    assert len(filled) == len({shape.corners.tobytes() for shape in filled})
    colours = [colour for _, colour in BANDS]
    nearest = max(filled, key=lambda shape: shape.corners[:, 1].max())
    furthest = min(filled, key=lambda shape: shape.corners[:, 1].min())
    assert colours.index(nearest.colour) < colours.index(furthest.colour)
    assert any(label.words == "near" for label in plan.labels)
    assert plan.notes == ()
    assert "hangs low" in scene_plan(side_scene()).notes[0]


def test_squares_cover_the_ground_and_stay_few() -> None:
    corners, side = squares(side_scene())
    assert side == 1.0
    assert corners.min(axis=0).tolist() == [-3, 4]
    large = homography([(0, 0), (1280, 0), (1280, 720), (0, 720)], [(0, 400), (600, 400), (600, 0), (0, 0)])
    zone = Zone("square", "square", ((0, 0), (600, 0), (600, 400), (0, 400)))
    corners = as_points([(0, 400), (600, 400), (600, 0), (0, 0)])
    pairs = tuple(zip([(0.0, 0.0), (1280.0, 0.0), (1280.0, 720.0), (0.0, 720.0)], map(tuple, corners), strict=True))
    assert large is not None
    assert len(squares(Scene("large", SIZE, pairs, zones=(zone,)))[0]) <= 2500  # type: ignore[arg-type] # pairs of two
