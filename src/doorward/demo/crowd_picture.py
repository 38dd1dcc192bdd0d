"""What a camera under the ceiling would see of simulated walks."""

from collections.abc import Iterator, Sequence

import numpy as np

from doorward.adapters.crowd.overhead_picture import OverheadPainter
from doorward.crowd.geometry import homography
from doorward.demo.crowd_simulation import DEPTH, WIDTH, Walk
from doorward.kernel.image import Image

PIXELS_A_METRE = 40
SIZE = (int(WIDTH * PIXELS_A_METRE), int(DEPTH * PIXELS_A_METRE))
CORNERS = ((0.0, 0.0), (WIDTH, 0.0), (WIDTH, DEPTH), (0.0, DEPTH))
"""Metres on the ground that lie in the corners of the picture; the hall's far side (large y) is at the top."""

AHEAD_SECONDS = 0.3


def corner_pixels() -> list[tuple[float, float]]:
    """Where ``CORNERS`` lie in the picture."""
    return [(x * PIXELS_A_METRE, (DEPTH - y) * PIXELS_A_METRE) for x, y in CORNERS]


def render(walks: Sequence[Walk], seconds: float, frames_a_second: int, seed: int) -> Iterator[Image]:
    """The pictures from second 0 on, ``SIZE`` pixels."""
    painter = OverheadPainter(homography(corner_pixels(), CORNERS), SIZE, len(walks), seed)
    for index in range(int(seconds * frames_a_second)):
        now = index / frames_a_second
        there = [number for number, walk in enumerate(walks) if walk.seconds[0] <= now <= walk.seconds[-1]]
        places, ahead = (
            np.array([_place(walks[number], moment) for number in there]).reshape(-1, 2)
            for moment in (now, now + AHEAD_SECONDS)
        )
        yield painter.picture(there, places, ahead - places)


def _place(walk: Walk, now: float) -> tuple[float, float]:
    x, y = (float(np.interp(now, walk.seconds, walk.places[:, axis])) for axis in (0, 1))
    return x, y
