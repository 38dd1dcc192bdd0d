"""When somebody stands before a camera."""

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.face.presentation import Act, PresentationPolicy, PresentationWatcher, Sighting
from doorward.face.quality import QualityIssue, QualityReport
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from known_people import UNHURRIED

PICTURE = np.zeros((4, 4, 3), np.uint8)
UPRIGHT = np.array([[-1, -1], [1, -1], [0, 0], [-1, 1], [1, 1]], np.float32)
STEP = 0.1


def sighting(degrees: float = 0, sharpness: float = 1, left: float = 0, usable: bool = True) -> Sighting:
    """A face of 100 pixels at ``left``, leaning by ``degrees``."""
    turn = np.array([[cos(radians(degrees)), sin(radians(degrees))], [-sin(radians(degrees)), cos(radians(degrees))]])
    landmarks = (UPRIGHT @ turn * 20 + left + 50).astype(np.float32)
    issues = () if usable else (QualityIssue.BLURRED,)
    quality = QualityReport(issues, 100, 0.5, 1, 0, 0, degrees, 1, 120, 50, sharpness)
    return Sighting(PICTURE, Face(Box(left, 0, 100, 100), landmarks, 0.9), quality)


def watched(frames: list[Sighting | None], act: Act = Act.NONE) -> list[int]:
    """The frames in which a decision was due."""
    watcher = PresentationWatcher(PresentationPolicy(act))
    return [at for at, seen in enumerate(frames) if watcher.observe(at * STEP, seen) is not None]


GOOD, TILTED, POOR = sighting(), sighting(25), sighting(usable=False)


def test_four_good_frames_and_the_sharpest_is_taken() -> None:
    watcher = PresentationWatcher(PresentationPolicy())
    frames = [sighting(sharpness=value) for value in (1, 3, 2, 1)]
    answers = [watcher.observe(at * STEP, seen) for at, seen in enumerate(frames)]
    assert answers == [None, None, None, frames[1]]


def test_poor_frames_do_not_count() -> None:
    assert watched([GOOD, POOR, GOOD, POOR, GOOD, POOR, GOOD]) == [6]
    assert watched([POOR] * 50) == []


def test_an_act_comes_first_where_one_is_asked() -> None:
    assert watched([GOOD] * 50, Act.TILT) == []
    assert watched([GOOD, GOOD, TILTED, TILTED, GOOD, GOOD, GOOD, GOOD], Act.TILT) == [7]
    assert watched([GOOD] * 3 + [sighting(-25)] * 2 + [GOOD] * 4, Act.TILT) == [8]
    assert watched([GOOD, TILTED, GOOD, TILTED, GOOD, GOOD, GOOD, GOOD], Act.TILT) == []
    assert watched([TILTED] * 50, Act.TILT) == []


def test_a_gap_without_any_picture_begins_anew_too() -> None:
    watcher = PresentationWatcher(PresentationPolicy(Act.TILT))
    seconds = [0.0, 0.1, 5.0, 5.1, 5.2, 5.3, 5.4]
    assert [watcher.observe(at, TILTED if at < 1 else GOOD) for at in seconds] == [None] * 7


def test_a_tilt_in_a_poor_picture_is_no_act() -> None:
    assert watched([sighting(25, usable=False)] * 5 + [GOOD] * 10, Act.TILT) == []


def test_one_decision_a_presentation() -> None:
    assert watched([GOOD] * 100) == [3]


def test_who_is_gone_begins_anew_with_the_act() -> None:
    gone = [None] * 10
    assert watched([GOOD] * 4 + gone + [GOOD] * 4) == [3, 17]
    assert watched([TILTED] * 2 + [GOOD] * 4 + gone + [GOOD] * 9, Act.TILT) == [5]
    assert watched([TILTED] * 2 + gone + [GOOD] * 9, Act.TILT) == []


def test_a_face_lost_for_a_moment_goes_on() -> None:
    assert watched([GOOD, GOOD, None, None, GOOD, GOOD]) == [5]
    assert watched([GOOD] * 4 + [None] * 5 + [GOOD] * 20) == [3]


def test_somebody_elsewhere_in_the_picture_is_somebody_else() -> None:
    other = sighting(left=150)
    assert watched([GOOD] * 4 + [other] * 4) == [3, 7]
    assert watched([TILTED] * 2 + [GOOD] * 2 + [other] * 9, Act.TILT) == []
    assert watched([GOOD, other] * 20) == []


kinds = st.sampled_from([GOOD, TILTED, POOR, None, sighting(left=150), sighting(25, left=150)])


@UNHURRIED
@given(frames=st.lists(kinds, max_size=60), act=st.sampled_from(list(Act)))
def test_never_a_decision_without_good_frames_and_the_act(frames: list[Sighting | None], act: Act) -> None:
    policy = PresentationPolicy(act)
    watcher = PresentationWatcher(policy)
    since: list[Sighting] = []
    for at, seen in enumerate(frames):
        if seen is not None and since and seen.face.box != since[-1].face.box:
            since = []
        best = watcher.observe(at * STEP, seen)
        if seen is not None:
            since.append(seen)
        assert watcher.somebody_present or seen is None
        if best is None:
            continue
        good = [one for one in since if not one.quality.issues and one.quality.roll == 0]
        assert best in good
        assert len(good) >= policy.good_frames
        assert act is Act.NONE or any(one.quality.roll for one in since)


@pytest.mark.parametrize("good_frames", [1, 2, 10])
def test_as_many_good_frames_as_asked_for(good_frames: int) -> None:
    watcher = PresentationWatcher(PresentationPolicy(good_frames=good_frames))
    assert [at for at in range(30) if watcher.observe(at * STEP, GOOD)] == [good_frames - 1]
