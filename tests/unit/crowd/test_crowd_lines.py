"""Crossings: who goes over, who loiters, who passes beside."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.tracks import Track
from fakes.crowd_scene import LINE, seen


def crossings(*moments: tuple[Track, ...]) -> tuple[int, int]:
    counter, total = LineCounter(LINE, 0.3), Crossings()
    for tracks in moments:
        total += counter.update(tracks)
    return total.inward, total.outward


def walk(*xs: float, y: float = 4.0) -> tuple[int, int]:
    return crossings(*((seen(x, y),) for x in xs))


def test_in_is_to_the_left_of_the_line() -> None:
    assert walk(9, 8.5, 8.1, 7.9, 7.5) == (1, 0)
    assert walk(7, 8.1, 9) == (0, 1)
    assert walk(9, 7, 9, 7) == (2, 1)


def test_the_band_has_to_be_left() -> None:
    assert walk(9, 7.75) == (0, 0)
    assert walk(9, 7.75, 7.69) == (1, 0)
    assert walk(8.1, 7.0) == (0, 0), "nobody knows where they came from"


def test_a_loiterer_crosses_nothing() -> None:
    rng = np.random.default_rng(3)
    assert walk(*(8 + np.clip(rng.normal(0, 0.1, 600), -0.29, 0.29))) == (0, 0)


@given(st.lists(st.floats(5, 11), min_size=2, max_size=40))
def test_in_and_out_of_one_person_differ_by_at_most_one(xs: list[float]) -> None:
    inward, outward = walk(*xs)
    assert abs(inward - outward) <= 1
    definite = [x for x in xs if abs(x - 8) > 0.3]
    changes = sum((a > 8) != (b > 8) for a, b in pairwise(definite))
    assert inward + outward == changes


def test_beside_the_ends_nothing_is_crossed() -> None:
    assert walk(9, 7, y=9.5) == (0, 0)
    assert crossings((seen(9, 8.5),), (seen(8.1, 8.9),), (seen(7, 9.5),)) == (1, 0), "over the line, then past its end"


def test_a_track_that_is_not_believed_counts_when_it_is() -> None:
    doubted = [(seen(x, confirmed=False),) for x in (9.0, 7.0)]
    assert crossings(*doubted) == (0, 0)
    assert crossings(*doubted, (seen(6.8),)) == (1, 0)


def test_a_guess_crosses_nothing_until_the_person_is_seen_again() -> None:
    guessed = [(seen(9),), (seen(7.0, unseen=0.4),)]
    assert crossings(*guessed) == (0, 0)
    assert crossings(*guessed, (seen(6.9),)) == (1, 0)
    assert crossings(*guessed, (seen(8.9),)) == (0, 0)
