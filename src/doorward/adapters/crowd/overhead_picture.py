"""What a camera under the ceiling would see of people whose places are known: drawn, and so easier than a real hall."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from doorward.crowd.geometry import Homography, Points
from doorward.kernel.image import Image

FRACTION_BITS = 4  # OpenCV draws at sixteenths of a pixel
SHOULDERS = (0.25, 0.15)
HEAD = 0.1
SHADOW_OFFSET = (0.07, -0.05)
SHADOW_RADIUS = 0.28
NOISES = 6
"""Different pictures of noise, taken in turns."""

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Look:
    clothes: Colour
    hair: Colour
    build: float


class OverheadPainter:
    """Draws ``people`` of random looks on a tiled floor of ``size`` (width, height) pixels.

    Shapes are those of somebody seen straight from above, as large as the ``homography`` has a metre at their place.
    """

    def __init__(self, homography: Homography, size: tuple[int, int], people: int, seed: int) -> None:
        self._homography, self._size = homography, size
        self._random = np.random.default_rng(seed)
        middle = np.array([[size[0] / 2, size[1] / 2]])
        self._floor = _floor(self._random, size, float(1 / np.sqrt(homography.area_scale(middle)[0])))
        shape = (size[1], size[0], 3)
        self._noise = [self._random.normal(0, 3, shape).astype(np.int16) for _ in range(NOISES)]
        self._looks = [
            _Look(_shade(self._random), _shade(self._random), self._random.uniform(0.9, 1.1)) for _ in range(people)
        ]

    def picture(self, people: Sequence[int], places: Points, headings: Points) -> Image:
        """The people numbered ``people`` at ``places``, walking along ``headings`` (both n x 2, metres)."""
        pixels = self._homography.to_image(places)
        ahead = self._homography.to_image(places + headings)
        scales = 1 / np.sqrt(self._homography.area_scale(pixels))
        picture = self._with_shadows(self._homography.to_image(places + SHADOW_OFFSET), scales)
        for person, at, towards, scale in zip(people, pixels, ahead, scales.tolist(), strict=True):
            heading = float(np.degrees(np.arctan2(towards[1] - at[1], towards[0] - at[0])))
            _draw_person(picture, at, heading, scale, self._looks[person])
        noise = self._noise[int(self._random.integers(NOISES))]
        return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)

    def _with_shadows(self, pixels: Points, scales: Points) -> Image:
        width, height = self._size
        shade: Image = np.full((height // 2, width // 2), 255, dtype=np.uint8)
        for at, scale in zip(pixels, scales.tolist(), strict=True):
            column, row = _drawn_at(at)
            radius = _drawn_length(SHADOW_RADIUS, scale) // 2
            cv2.circle(shade, (column // 2, row // 2), radius, 205, -1, cv2.LINE_8, FRACTION_BITS)
        soft = cv2.resize(cv2.blur(shade, (9, 9)), self._size)
        return np.asarray(cv2.multiply(self._floor, cv2.merge([soft, soft, soft]), scale=1 / 255), dtype=np.uint8)


def _drawn_at(pixel: Points) -> tuple[int, int]:
    return round(float(pixel[0]) * 2**FRACTION_BITS), round(float(pixel[1]) * 2**FRACTION_BITS)


def _drawn_length(metres: float, scale: float) -> int:
    return round(metres * scale * (1 << FRACTION_BITS))


def _draw_person(picture: Image, at: Points, heading: float, scale: float, look: _Look) -> None:
    axes = (_drawn_length(SHOULDERS[1] * look.build, scale), _drawn_length(SHOULDERS[0] * look.build, scale))
    cv2.ellipse(picture, _drawn_at(at), axes, heading, 0, 360, look.clothes, -1, cv2.LINE_AA, FRACTION_BITS)
    cv2.circle(picture, _drawn_at(at), _drawn_length(HEAD, scale), look.hair, -1, cv2.LINE_AA, FRACTION_BITS)


def _shade(random: np.random.Generator) -> Colour:
    """Dark or light clothes or hair; the floor is of a middle grey."""
    base = random.uniform(20, 75) if random.random() < 0.7 else random.uniform(190, 235)
    blue, green, red = np.clip(base + random.uniform(-15, 15, 3), 0, 255)
    return int(blue), int(green), int(red)


def _floor(random: np.random.Generator, size: tuple[int, int], pixels_a_metre: float) -> Image:
    """Tiles of about a metre, stains, and light that falls off towards the corners."""
    width, height = size
    tile = max(2, round(pixels_a_metre))
    stains = cv2.resize(random.normal(0, 9, (height // 12, width // 12)), size, interpolation=cv2.INTER_CUBIC)
    number = (-(-height // tile), -(-width // tile))
    tiles = np.kron(random.normal(0, 4, number), np.ones((tile, tile)))[:height, :width]
    grout = np.zeros((height, width))
    grout[::tile] = grout[:, ::tile] = -18
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    grey = (138 + stains + tiles + grout) * (1 - 0.12 * (rows**2 + columns**2))
    return np.asarray(np.clip(grey[:, :, None] * np.array([0.96, 1.0, 1.03]), 0, 255), dtype=np.uint8)
