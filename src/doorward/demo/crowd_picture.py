"""What a camera under the ceiling would see of simulated walks: rendered, and so easier than a real hall."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from doorward.demo.crowd_simulation import DEPTH, WIDTH, Walk
from doorward.kernel.image import Image

PIXELS_A_METRE = 40
SIZE = (int(WIDTH * PIXELS_A_METRE), int(DEPTH * PIXELS_A_METRE))
FRACTION_BITS = 4  # OpenCV draws at sixteenths of a pixel
SHOULDERS = (0.25, 0.15)
HEAD = 0.1
SHADOW_OFFSET = (0.07, 0.05)


def render(walks: Sequence[Walk], seconds: float, frames_a_second: int, seed: int) -> Iterator[Image]:
    """The pictures from second 0 on, ``SIZE`` pixels; the hall's far side (large y) is at the top."""
    rng = np.random.default_rng(seed)
    floor = _floor(rng)
    noise = [rng.normal(0, 3, (SIZE[1], SIZE[0], 3)).astype(np.int16) for _ in range(6)]
    looks = [(_shade(rng), _shade(rng), rng.uniform(0.9, 1.1)) for _ in walks]
    for index in range(int(seconds * frames_a_second)):
        now = index / frames_a_second
        there = [(_pose(walk, now), look) for walk, look in zip(walks, looks, strict=True) if _is_there(walk, now)]
        picture = _with_shadows(floor, [pose for pose, _ in there])
        for pose, look in there:
            _draw_person(picture, pose, look)
        yield np.clip(picture + noise[int(rng.integers(len(noise)))], 0, 255).astype(np.uint8)


def _is_there(walk: Walk, now: float) -> bool:
    return bool(walk.seconds[0] <= now <= walk.seconds[-1])


Pose = tuple[float, float, float]
Colour = tuple[int, int, int]


def _pose(walk: Walk, now: float) -> Pose:
    """x and y in metres, and heading in degrees, clockwise in the picture."""
    x, y = (float(np.interp(now, walk.seconds, walk.places[:, axis])) for axis in (0, 1))
    ahead = [float(np.interp(now + 0.3, walk.seconds, walk.places[:, axis])) for axis in (0, 1)]
    return x, y, float(np.degrees(np.arctan2(y - ahead[1], ahead[0] - x)))


def _at(x: float, y: float) -> tuple[int, int]:
    scale = PIXELS_A_METRE * 2**FRACTION_BITS
    return round(x * scale), round((DEPTH - y) * scale)


def _length(metres: float) -> int:
    scale: int = PIXELS_A_METRE * 2**FRACTION_BITS
    return round(metres * scale)


def _with_shadows(floor: Image, poses: Sequence[Pose]) -> Image:
    shade: Image = np.full((SIZE[1] // 2, SIZE[0] // 2), 255, dtype=np.uint8)
    for x, y, _ in poses:
        column, row = _at(x + SHADOW_OFFSET[0], y - SHADOW_OFFSET[1])
        cv2.circle(shade, (column // 2, row // 2), _length(0.28) // 2, 205, -1, cv2.LINE_8, FRACTION_BITS)
    soft = cv2.resize(cv2.blur(shade, (9, 9)), SIZE)
    return np.asarray(cv2.multiply(floor, cv2.merge([soft, soft, soft]), scale=1 / 255), dtype=np.uint8)


def _draw_person(picture: Image, pose: Pose, look: tuple[Colour, Colour, float]) -> None:
    x, y, heading = pose
    clothes, hair, build = look
    axes = (_length(SHOULDERS[1] * build), _length(SHOULDERS[0] * build))
    cv2.ellipse(picture, _at(x, y), axes, heading, 0, 360, clothes, -1, cv2.LINE_AA, FRACTION_BITS)
    cv2.circle(picture, _at(x, y), _length(HEAD), hair, -1, cv2.LINE_AA, FRACTION_BITS)


def _shade(rng: np.random.Generator) -> Colour:
    """Dark or light clothes or hair; the floor is of a middle grey."""
    base = rng.uniform(20, 75) if rng.random() < 0.7 else rng.uniform(190, 235)
    blue, green, red = np.clip(base + rng.uniform(-15, 15, 3), 0, 255)
    return int(blue), int(green), int(red)


def _floor(rng: np.random.Generator) -> Image:
    """Tiles of a metre, stains, and light that falls off towards the corners."""
    width, height = SIZE
    stains = cv2.resize(rng.normal(0, 9, (height // 12, width // 12)), SIZE, interpolation=cv2.INTER_CUBIC)
    tiles = np.kron(rng.normal(0, 4, (int(DEPTH), int(WIDTH))), np.ones((PIXELS_A_METRE, PIXELS_A_METRE)))
    grout = np.zeros((height, width))
    grout[::PIXELS_A_METRE] = grout[:, ::PIXELS_A_METRE] = -18
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    grey = (138 + stains + tiles + grout) * (1 - 0.12 * (rows**2 + columns**2))
    return np.asarray(np.clip(grey[:, :, None] * np.array([0.96, 1.0, 1.03]), 0, 255), dtype=np.uint8)
