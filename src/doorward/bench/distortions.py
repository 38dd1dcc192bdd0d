"""What a hand, a lens and a lamp do to the picture of a document: simulated, so that much of it can be tried."""

from collections.abc import Callable, Mapping
from math import cos, radians, sin
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.errors import InternalError
from doorward.kernel.image import Image

_TABLE = 96
"""Grey of what the page lies on."""
_FILLS = 0.85
"""How much of the picture's width and height the page takes."""
_FOCAL_LENGTH = 0.75
"""In longer sides of the picture: 27 mm to a film of 36 mm, as a telephone's main camera has."""
_LEAST_SIDE = 1200
"""Pixels of the longer side to which a smaller page is enlarged before it is tilted, to cost shape and no detail."""

Distort = Callable[[Image, np.random.Generator], Image]
"""A page and what chooses its directions and places."""


def seen(page: Image, turned: float = 0, aside: float = 0, above: float = 0) -> Image:
    """``page`` on a table, through a pinhole: ``turned`` in its plane, then tilted ``aside`` and ``above``; degrees."""
    grown = max(1.0, _LEAST_SIDE / max(page.shape[:2]))
    page = cv2.resize(page, None, fx=grown, fy=grown, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    height, width = page.shape[:2]
    corners = np.array([[-width, -height, 0], [width, -height, 0], [width, height, 0], [-width, height, 0]]) / 2
    x, y, z = (corners @ (_about(0, above) @ _about(1, aside) @ _about(2, turned)).T).T
    focal = _FOCAL_LENGTH * max(height, width) / _FILLS
    placed = np.column_stack([x, y]) * (focal / (focal + z))[:, None]
    low, high = placed.min(axis=0), placed.max(axis=0)
    placed += (high - low) * (1 / _FILLS - 1) / 2 - low
    columns, rows = np.round((high - low) / _FILLS).astype(int)
    shrunk = np.sqrt(cv2.contourArea(placed.astype(np.float32)) / (width * height))
    smooth = cv2.GaussianBlur(page, (0, 0), 0.4 / shrunk) if shrunk < 0.8 else page  # thinned out without stairs
    here = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    bent = cv2.getPerspectiveTransform(here, placed.astype(np.float32))
    table = (_TABLE,) * 3
    return cv2.warpPerspective(smooth, bent, (int(columns), int(rows)), borderValue=table).astype(np.uint8)


def _about(axis: int, degrees: float) -> NDArray[np.float64]:
    """A rotation about one of the axes x, y and z."""
    first, second = [other for other in range(3) if other != axis]
    turn = np.eye(3)
    turn[first, first] = turn[second, second] = cos(radians(degrees))
    turn[first, second], turn[second, first] = -sin(radians(degrees)), sin(radians(degrees))
    return turn


def _blurred(page: Image, share: float) -> Image:
    """Out of focus: spread over ``share`` of the page's width (standard deviation)."""
    return cv2.GaussianBlur(page, (0, 0), share * page.shape[1]).astype(np.uint8)


def _noisy(page: Image, rng: np.random.Generator, spread: float) -> Image:
    return np.clip(page + rng.normal(0, spread, page.shape), 0, 255).astype(np.uint8)


def _packed(page: Image, quality: int) -> Image:
    """Through JPEG."""
    octets = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    image = cv2.imdecode(octets, cv2.IMREAD_COLOR)
    if image is None:
        raise InternalError("A picture that was just packed cannot be unpacked.")
    return image.astype(np.uint8)


def _dazzled(page: Image, rng: np.random.Generator, radius: float) -> Image:
    """A lamp's reflection, ``radius`` of the page's width, somewhere on its lower half: on or near a zone."""
    height, width = page.shape[:2]
    x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.5, 1.0) * height
    rows, columns = np.mgrid[:height, :width]
    spot = 300 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * (radius * width) ** 2))
    lit: Image = np.clip(page + spot[..., None], 0, 255).astype(np.uint8)
    return lit


def _shaded(page: Image, darkest: float) -> Image:
    """Light that falls off from one side to the other."""
    return (page * np.linspace(1, darkest, page.shape[1])[None, :, None]).astype(np.uint8)


def _held(page: Image, rng: np.random.Generator) -> Image:
    """By hand before a telephone: all of it a little."""
    page = seen(page, _either(rng, 6), _either(rng, 15), _either(rng, 12))
    return _packed(_noisy(_blurred(page, 0.0008), rng, 6), 75)


def _quartered(page: Image, rng: np.random.Generator) -> Image:
    return np.ascontiguousarray(np.rot90(page, int(rng.integers(1, 4))))


def _smaller(page: Image) -> Image:
    return cv2.resize(page, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _either(rng: np.random.Generator, degrees: float) -> float:
    return float(rng.choice([-1, 1])) * degrees


DISTORTIONS: Mapping[str, Distort] = MappingProxyType({
    "turned by 90, 180 or 270 degrees": _quartered,
    "turned by 12 degrees": lambda page, rng: seen(page, turned=_either(rng, 12)),
    "tilted aside by 15 degrees": lambda page, rng: seen(page, aside=_either(rng, 15)),
    "tilted aside by 30 degrees": lambda page, rng: seen(page, aside=_either(rng, 30)),
    "tilted back by 30 degrees": lambda page, rng: seen(page, above=_either(rng, 30)),
    "tilted both ways by 20 degrees": lambda page, rng: seen(page, _either(rng, 7), _either(rng, 20), _either(rng, 20)),
    "tilted both ways by 30 degrees": lambda page, rng: seen(page, 0, _either(rng, 30), _either(rng, 30)),
    "three quarters of the pixels": lambda page, _rng: _smaller(page),
    "blurred by 0.2% of the width": lambda page, _rng: _blurred(page, 0.002),
    "noise of 30": lambda page, rng: _noisy(page, rng, 30),
    "JPEG at 30": lambda page, _rng: _packed(page, 30),
    "glare of 8% of the width": lambda page, rng: _dazzled(page, rng, 0.08),
    "light down to a quarter": lambda page, _rng: _shaded(page, 0.25),
    "by hand": _held,
})  # fmt: skip
"""By what the figures call them."""
