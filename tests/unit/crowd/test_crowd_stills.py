"""A place without its people, and whether the camera still sees it."""

import numpy as np
import pytest

from doorward.adapters.crowd.still_comparison import compare
from doorward.crowd.camera_shift import Standing, judged, told
from doorward.crowd.still import GREY, KEPT, StillMaker, is_dark
from doorward.errors import WrongUse
from fakes.floor_clips import Camera, seen

POINTS = [(0.0, 0.0), (480.0, 0.0), (480.0, 272.0), (0.0, 272.0)]


def test_people_who_walk_by_are_not_in_the_still() -> None:
    maker = StillMaker()
    for tenth in range(200):
        maker.see(seen(Camera(), tenth / 10, walkers=4), tenth / 10)
    still, unknown = maker.still()
    assert unknown == 0
    assert np.abs(still.astype(int) - seen(Camera())).mean() < 3
    assert np.abs(still.astype(int) - seen(Camera())).max() < 40, "nobody's dark clothes are in it"


def test_where_it_is_not_known_to_be_floor_it_is_grey() -> None:
    maker = StillMaker()
    for tenth in range(200):
        image = seen(Camera(), tenth / 10)
        if tenth % 50 < 20:
            image[100:150, 200:260] = 20
        maker.see(image, tenth / 10)
    still, unknown = maker.still()
    assert (still[102:148, 202:258] == GREY).all()
    assert (still[80:170, 180:280] == GREY).all(), "nor is an outline left"
    assert (still[:40] != GREY).any(axis=-1).mean() > 0.9
    assert unknown < 0.15


def test_a_long_watch_holds_few_pictures_from_all_of_it() -> None:
    maker = StillMaker()
    for half in range(2000):
        picture = np.full((64, 64, 3), 40 if half < 900 else 200, np.uint8)
        maker.see(picture, half / 2)
    assert len(maker._pictures) <= KEPT  # the memory that it takes is part of its promise
    still, _ = maker.still()
    assert still.max() in (GREY, 200)


def test_too_few_pictures_or_pictures_of_changing_size_are_refused() -> None:
    maker = StillMaker()
    for half in range(5):
        maker.see(np.zeros((64, 64, 3), np.uint8), half / 2)
    with pytest.raises(WrongUse, match="5 pictures"):
        maker.still()
    with pytest.raises(WrongUse, match="size"):
        maker.see(np.zeros((32, 64, 3), np.uint8), 10.0)


def test_a_camera_that_stands_still_is_told_from_one_that_moved() -> None:
    still = seen(Camera())
    assert compare(still, seen(Camera(), 3.0, walkers=4), POINTS).standing is Standing.SAME
    assert compare(still, seen(Camera(light=0.55), 3.0, walkers=4), POINTS).standing is Standing.SAME
    shift = compare(still, seen(Camera(shift=(9, 12)), 3.0, walkers=4), POINTS)
    assert shift.standing is Standing.MOVED
    assert shift.pixels == pytest.approx(15, abs=1)
    assert "15 pixels" in told(shift)


def test_what_cannot_be_told_is_unknown() -> None:
    still = seen(Camera())
    for other in (seen(Camera(light=0.05)), np.full_like(still, 128), np.zeros((64, 64, 3), np.uint8)):
        shift = compare(still, other, POINTS)
        assert (shift.standing, shift.pixels) == (Standing.UNKNOWN, None)
        assert "unknown" in told(shift)
    elsewhere = compare(still, seen(Camera(place=8)), POINTS)
    assert elsewhere.standing is Standing.OTHER
    assert "turned" in told(elsewhere)


def test_a_click_s_error_is_no_movement() -> None:
    assert judged(3.9, 480).standing is Standing.SAME
    assert judged(4.1, 480).standing is Standing.MOVED
    assert judged(12.0, 1920).standing is Standing.SAME
    assert judged(15.0, 1920).standing is Standing.MOVED


def test_night_is_dark_and_lamps_in_it_do_not_make_day() -> None:
    assert not is_dark(seen(Camera()))
    assert not is_dark(seen(Camera(light=0.4)))
    night = seen(Camera(light=0.05))
    assert is_dark(night)
    night[20:40, 20:60] = 255
    assert is_dark(night)
