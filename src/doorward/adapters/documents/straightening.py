"""The surroundings of a zone laid flat: what the camera saw at a slant becomes level, of one size from end to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.adapters.documents.text_lines import TextLine
from doorward.kernel.image import Image

_LINE_HEIGHT = 60
"""Pixels that a line takes in height, on the mean."""
_BEYOND = 1.5
"""How much of the picture comes along at either end, in lengths: of a line only a piece may have been found."""
_ROUND = 3.0
"""How much above and below, in distances of two lines: a third one may have been overlooked."""
_STEPS = 60
_MOST_PIXELS = 8_000_000

Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FlatStrip:
    """``to_page``: from its pixels to those of the page (3 x 3)."""

    picture: Image
    to_page: NDArray[np.float64]

    def on_page(self, line: TextLine) -> TextLine:
        """Where a line of the strip lies on the page."""
        along, down = line.along * line.length / 2, line.down * line.height / 2
        points = np.array(
            [line.centre, line.centre - along, line.centre + along, line.centre - down, line.centre + down]
        )
        seen = cv2.perspectiveTransform(points[None], self.to_page)[0]
        reading = seen[2] - seen[1]
        angle = degrees(atan2(reading[1], reading[0]))
        x, y = seen[0]
        height = np.linalg.norm(seen[4] - seen[3])
        return TextLine(float(x), float(y), float(np.linalg.norm(reading)), float(height), angle)


def laid_flat(page: Image, lines: Sequence[TextLine]) -> FlatStrip:
    """The strip of ``page`` around ``lines``, as seen from straight above.

    The outer corners of two lines or more, one below the other, are those of a rectangle, and so tell the perspective.
    Of a single line nothing but its tilt is known.
    """
    corners = _corners(lines)
    length, height = _size(corners, lines)
    flat = np.array([[0, 0], [length, 0], [length, height], [0, height]], dtype=np.float32)
    to_page = cv2.getPerspectiveTransform(flat, corners.astype(np.float32)).astype(np.float64)
    left, right = (_last_inside(page, to_page, end, height / 2) for end in (-_BEYOND * length, (1 + _BEYOND) * length))
    around = _ROUND * height / max(len(lines) - 1, 1)
    tall = round(height + 2 * around)
    size = min(round(right - left), _MOST_PIXELS // tall), tall
    shifted = to_page @ np.array([[1, 0, left], [0, 1, -around], [0, 0, 1]])
    strip = cv2.warpPerspective(
        page, shifted, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return FlatStrip(strip.astype(np.uint8, copy=False), shifted)


def _corners(lines: Sequence[TextLine]) -> Corners:
    """Left above, right above, right below and left below, seen in the reading direction."""
    first, last = lines[0], lines[-1]
    return np.array(
        [
            first.centre - first.along * first.length / 2 - first.down * first.height / 2,
            first.centre + first.along * first.length / 2 - first.down * first.height / 2,
            last.centre + last.along * last.length / 2 + last.down * last.height / 2,
            last.centre - last.along * last.length / 2 + last.down * last.height / 2,
        ]
    )


def _size(corners: Corners, lines: Sequence[TextLine]) -> tuple[float, float]:
    """Length and height of the flat rectangle: the means of what is seen at opposite sides, as large as is wanted."""
    left_above, right_above, right_below, left_below = corners
    length = (np.linalg.norm(right_above - left_above) + np.linalg.norm(right_below - left_below)) / 2
    height = (np.linalg.norm(left_below - left_above) + np.linalg.norm(right_below - right_above)) / 2
    scale = _LINE_HEIGHT * len(lines) / sum(line.height for line in lines)
    return float(length * scale), float(height * scale)


def _last_inside(page: Image, to_page: NDArray[np.float64], end: float, middle: float) -> float:
    """How far towards ``end`` the rectangle's middle line goes on before it leaves the picture."""
    last = 0.0
    for at in np.linspace(0.0, end, _STEPS):
        x, y, w = to_page @ np.array([at, middle, 1.0])
        if w <= 0 or not (0 <= x / w < page.shape[1] and 0 <= y / w < page.shape[0]):
            break
        last = float(at)
    return last
