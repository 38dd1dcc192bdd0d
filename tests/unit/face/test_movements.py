"""Which movements landmarks show: those of a head that moves, and none of a photo that is moved."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from doorward.face.movements import LIMITS, Movement, head_pose, median_pose
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from known_people import UNHURRIED
from simulated_heads import HEAD, PHOTO, seen

TURNS = {Movement.TURN_LEFT, Movement.TURN_RIGHT}
tilts = st.floats(-75, 75)
rolls = st.floats(-30, 30)
places = st.tuples(st.floats(-100, 100), st.floats(-100, 100))


def within_the_picture(face: Face) -> bool:
    return bool((face.landmarks >= 0).all() and (face.landmarks <= (640, 480)).all())


def shown(moved: Face, frontal: Face) -> frozenset[Movement]:
    pose, ahead = head_pose(moved), head_pose(frontal)
    assert pose is not None
    assert ahead is not None
    return LIMITS.shown(pose, ahead)


@given(degrees=st.floats(21, 32), side=st.sampled_from([-1, 1]), roll=rolls, distance=st.floats(400, 1500))
@UNHURRIED
def test_a_head_that_turns_is_seen_to_turn_to_its_own_side(
    degrees: float, side: int, roll: float, distance: float
) -> None:
    frontal = seen(HEAD, distance=distance)
    turned = seen(HEAD, yaw=side * degrees, roll=roll, distance=distance)
    assert shown(turned, frontal) == {Movement.TURN_LEFT if side > 0 else Movement.TURN_RIGHT}


@given(degrees=st.floats(14, 30), distance=st.floats(400, 1500))
@UNHURRIED
def test_a_head_that_looks_up_is_seen_to_look_up(degrees: float, distance: float) -> None:
    assert shown(seen(HEAD, pitch=degrees, distance=distance), seen(HEAD, distance=distance)) == {Movement.LOOK_UP}


@given(yaw=st.floats(-12, 12), pitch=st.floats(-30, 8), roll=rolls)
@UNHURRIED
def test_a_head_held_about_still_shows_nothing(yaw: float, pitch: float, roll: float) -> None:
    assert shown(seen(HEAD, yaw=yaw, pitch=pitch, roll=roll), seen(HEAD)) == frozenset()


def stretched(face: Face, across: float) -> Face:
    """The face widened about its middle, which changes no nose's place."""
    middle = face.landmarks.mean(axis=0)
    return Face(face.box, ((face.landmarks - middle) * (across, 1) + middle).astype(np.float32), 0.9)


def test_a_turn_is_told_from_a_third_of_the_way_to_the_eye() -> None:
    assert shown(seen(HEAD, yaw=16), seen(HEAD)) == frozenset()
    assert shown(seen(HEAD, yaw=21), seen(HEAD)) == {Movement.TURN_LEFT}


def test_a_head_turned_too_far_is_not_told() -> None:
    assert shown(seen(HEAD, yaw=45), seen(HEAD)) == frozenset()
    assert shown(stretched(seen(HEAD, yaw=45), 1.3), seen(HEAD)) == frozenset()


@pytest.mark.parametrize("pose", [{"yaw": 27}, {"yaw": -27}, {"pitch": 20}])
def test_what_narrows_more_than_a_head_is_no_movement(pose: dict[str, float]) -> None:
    """As a photo held askew does, into which a detector reads a turn."""
    assert shown(seen(HEAD, **pose), seen(HEAD))
    assert shown(stretched(seen(HEAD, **pose), 0.72), seen(HEAD)) == frozenset()


@given(distance=st.floats(300, 470))
@UNHURRIED
def test_coming_nearer_is_seen_by_the_faces_height(distance: float) -> None:
    assert shown(seen(HEAD, distance=distance), seen(HEAD, distance=600)) == {Movement.COME_NEARER}


@given(
    scale=st.floats(0.5, 3),
    distance=st.floats(200, 1500),
    first=st.tuples(tilts, tilts, rolls, places),
    then=st.tuples(tilts, tilts, rolls, places),
)
@UNHURRIED
def test_no_photo_shows_a_turn_however_it_is_held(
    scale: float, distance: float, first: tuple[object, ...], then: tuple[object, ...]
) -> None:
    """Of any size and at any distance at which the camera sees it: a plane has no nose that stands out."""
    photo = PHOTO * scale
    one, other = (
        seen(photo, yaw, pitch, roll, distance, at)  # type: ignore[arg-type] # drawn as such
        for yaw, pitch, roll, at in (first, then)
    )
    assume(within_the_picture(one))
    assume(within_the_picture(other))
    ahead, pose = head_pose(one), head_pose(other)
    assume(ahead is not None)
    assume(pose is not None)
    assume(LIMITS.is_frontal(ahead))
    assert not LIMITS.shown(pose, ahead) & TURNS


@given(matrix=st.tuples(*[st.floats(-3, 3)] * 4), shift=places)
@UNHURRIED
def test_the_noses_place_is_kept_under_every_affine_map(matrix: tuple[float, ...], shift: tuple[float, float]) -> None:
    linear = np.array(matrix).reshape(2, 2)
    assume(linear[0, 0] * linear[1, 1] - linear[0, 1] * linear[1, 0] > 0.2)
    face = seen(HEAD, yaw=15, pitch=5)
    moved = Face(face.box, (face.landmarks @ linear.T + shift).astype(np.float32), 0.9)
    pose, as_was = head_pose(moved), head_pose(face)
    assume(pose is not None)
    assert as_was is not None
    assert pose.yaw == pytest.approx(as_was.yaw, abs=1e-2)
    assert pose.pitch == pytest.approx(as_was.pitch, abs=1e-2)


@pytest.mark.parametrize("landmarks", [np.zeros((5, 2)), HEAD[:, :2] * (-1, 1), np.full((5, 2), np.nan)])
def test_landmarks_that_span_no_face_have_no_pose(landmarks: np.ndarray) -> None:
    assert head_pose(Face(Box(0, 0, 100, 100), landmarks.astype(np.float32), 0.9)) is None


def test_one_outlier_does_not_move_the_frontal_pose() -> None:
    poses = [head_pose(seen(HEAD, yaw=degrees)) for degrees in (0, 1, -1, 0, 40)]
    assert abs(median_pose([pose for pose in poses if pose]).yaw) < 0.03
