"""Trajectories files: read, joined, and cut into moments."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.crowd.noisy_sight import NoisySight, SightNoise
from doorward.crowd.walks import joined, moments_of, parse_walks
from doorward.errors import DoorwardError, WrongUse
from fakes.crowd_scene import overhead_scene
from shared_data import shared

TWO = "# frame id x y\n0 1 0 0 7 7\n10 1 1.0 0\n20 1 2.0 0\n\n10 2 5 5\n20 2 5 6\n"


def test_walks_are_read_in_metres_and_seconds() -> None:
    walks = parse_walks(TWO, 25)
    assert list(walks) == ["1", "2"]
    assert walks["1"].seconds.tolist() == [0.0, 0.4, 0.8]
    assert walks["2"].places.tolist() == [[5, 5], [5, 6]]


def test_moments_lie_on_straight_lines_between_what_was_tracked() -> None:
    moments = moments_of(parse_walks(TWO, 25), 5)
    assert [round(moment.seconds, 6) for moment in moments] == [0.0, 0.2, 0.4, 0.6, 0.8]
    assert [moment.ids for moment in moments] == [("1",), ("1",), ("1", "2"), ("1", "2"), ("1", "2")]
    assert moments[3].positions.tolist() == [[1.5, 0.0], [5.0, 5.5]]


def test_a_walk_that_goes_on_is_one() -> None:
    lost = "0 1 0 0\n10 1 0.5 0\n20 1 1.0 0\n40 2 2.1 0.1\n50 2 2.6 0.1\n40 3 2.0 9\n"
    walks = joined(parse_walks(lost, 25))
    assert list(walks) == ["2", "3"]
    assert walks["2"].places[:, 0].tolist() == [0, 0.5, 1.0, 2.1, 2.6]
    late = joined(parse_walks(lost.replace("40 2", "90 2").replace("50 2", "100 2"), 25))
    assert list(late) == ["1", "2", "3"]


@pytest.mark.parametrize(("name", "walks", "whole"), [("zara01", 148, 146), ("hotel", 390, 351)])
def test_the_real_walks(name: str, walks: int, whole: int) -> None:
    read = parse_walks(shared("trajectories", f"{name}.txt").read_text(), 25)
    assert (len(read), len(joined(read))) == (walks, whole)
    places = sum(len(walk.seconds) for walk in read.values())
    assert sum(len(walk.seconds) for walk in joined(read).values()) == places


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no position"),
        ("# only a remark\n\n", "no position"),
        ("0 1 2\n", "four numbers"),
        ("0 1 two 3\n", "four numbers"),
        ("0 1 nan 3\n", "no place"),
        ("0 1 1e300 3\n", "no place"),
        ("0 1 1 1\n0 1 2 2\n", "twice"),
    ],
)
def test_what_is_no_list_of_walks_is_refused(text: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        parse_walks(text, 25)


def test_moments_that_are_none_or_far_too_many_are_refused() -> None:
    with pytest.raises(WrongUse, match="rate"):
        moments_of(parse_walks("1 1 0 0\n", 25), 5)
    with pytest.raises(WrongUse, match="too long"):
        moments_of(parse_walks("0 1 0 0\n1e9 1 5 5\n", 25), 5)


@given(st.text(max_size=80))
def test_no_text_brings_anything_but_our_own_error(text: str) -> None:
    with suppress(DoorwardError):
        moments_of(joined(parse_walks(text, 25)), 5)


def test_noise_is_as_much_as_was_asked_for() -> None:
    scene = overhead_scene()
    rows = [f"{frame} {person} {person % 15 + 0.5} {person // 15 + 1}" for frame in range(100) for person in range(60)]
    truth = moments_of(parse_walks("\n".join(rows), 25), 25)
    sight = NoisySight(scene.homography, truth, SightNoise(dropout=0.2, false_positive=0.1, jitter=0.05))
    seen = [scene.homography.to_ground(sight.see(moment)) for moment in truth]
    apart = [np.linalg.norm(places[:, None] - truth[0].positions[None], axis=2).min(axis=1) for places in seen]
    near = np.concatenate(apart) < 0.2
    assert near.sum() / 6000 == pytest.approx(0.8, abs=0.03)
    assert (~near).sum() / 6000 == pytest.approx(0.1, abs=0.03)
    distances = np.concatenate(apart)[near]
    assert np.sqrt((distances**2).mean() / 2) == pytest.approx(0.05, abs=0.01)
    for wrong in ({"dropout": 1.0}, {"false_positive": -0.1}, {"jitter": 2.0}):
        with pytest.raises(WrongUse):
            SightNoise(**wrong)
