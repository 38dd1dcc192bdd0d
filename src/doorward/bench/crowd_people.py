"""People who walk to and fro through a scene of 30 x 20 metres, and some who loiter on its line."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from doorward.adapters.crowd.overhead_picture import OverheadPainter
from doorward.crowd.presence import Moment
from doorward.crowd.scene import Line, Scene, Zone
from doorward.kernel.image import Image
from doorward.settings.crowd.levels_file import scene_levels

WIDTH, DEPTH, PIXELS_A_METRE = 30.0, 20.0, 32
RATE = 5.0
"""Pictures a second."""

LOITER_METRES = 0.15


def wide_scene() -> Scene:
    """One line across, two zones."""
    corners = [(0.0, 0.0), (WIDTH, 0.0), (WIDTH, DEPTH), (0.0, DEPTH)]
    return Scene(
        name="bench",
        size=(int(WIDTH * PIXELS_A_METRE), int(DEPTH * PIXELS_A_METRE)),
        correspondences=tuple(((x * PIXELS_A_METRE, (DEPTH - y) * PIXELS_A_METRE), (x, y)) for x, y in corners),
        lines=(Line("middle", "Middle", (WIDTH / 2, 0.0), (WIDTH / 2, DEPTH)),),
        zones=(
            Zone("left", "Left", ((1.0, 1.0), (14.0, 1.0), (14.0, 19.0), (1.0, 19.0))),
            Zone("right", "Right", ((16.0, 1.0), (29.0, 1.0), (29.0, 19.0), (16.0, 19.0))),
        ),
        levels=scene_levels({}, Path()),
    )


def walkers(people: int, seconds: float, seed: int, loiterers: int = 0) -> Iterator[Moment]:
    """``people`` in lanes of their own, who turn at the ends, and ``loiterers`` who stand on the line and sway."""
    random = np.random.default_rng(seed)
    number = people + loiterers
    lanes = (np.arange(number) + 0.5) * DEPTH / number
    speeds, begins = random.uniform(0.8, 1.6, people), random.uniform(0, 2 * WIDTH, people)
    ids = tuple(str(person) for person in range(number))
    for tick in range(int(seconds * RATE)):
        time = tick / RATE
        way = (begins + speeds * time) % (2 * (WIDTH - 1))
        xs = 0.5 + np.where(way < WIDTH - 1, way, 2 * (WIDTH - 1) - way)
        swaying = WIDTH / 2 + LOITER_METRES * np.sin(time * random.uniform(0.9, 1.1, loiterers))
        yield Moment(time, ids, np.stack([np.concatenate([xs, swaying]), lanes], axis=1))


def drawn(people: int, seconds: float) -> list[Image]:
    """What a camera above such a scene sees of them, at ``RATE``."""
    scene = wide_scene()
    painter = OverheadPainter(scene.homography, scene.size, people, seed=1)
    headings = np.tile((1.0, 0.0), (people, 1))
    return [
        painter.picture(list(range(people)), moment.positions, headings) for moment in walkers(people, seconds, seed=1)
    ]
