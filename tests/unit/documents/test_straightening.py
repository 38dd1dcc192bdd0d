"""The surroundings of a zone are laid flat, whatever the camera's slant."""

from math import atan2, degrees

import cv2
import numpy as np
import pytest

from doorward.adapters.documents.straightening import laid_flat
from doorward.adapters.documents.text_lines import TextLine

WIDTH, HEIGHT = 1000, 700
ROWS = (560, 620)
ENDS = (80, 920)
TALL = 30


def bent(aside: float, above: float) -> np.ndarray:
    """The homography of a page that is tilted away at its right (or left) and at its top."""
    left, right = max(-aside, 0) * 120, max(aside, 0) * 120
    seen = np.float32(
        [
            [above * 200, left],
            [WIDTH - above * 200, right],
            [WIDTH, HEIGHT - right],
            [0, HEIGHT - left],
        ]
    )
    flat = np.float32([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
    return cv2.getPerspectiveTransform(flat, seen)


def seen_at(transform: np.ndarray, *points: tuple[float, float]) -> np.ndarray:
    return cv2.perspectiveTransform(np.float64([points]), transform)[0]


def line_at(transform: np.ndarray, row: float) -> TextLine:
    left, right, above, below = seen_at(
        transform, (ENDS[0], row), (ENDS[1], row), (500, row - TALL / 2), (500, row + TALL / 2)
    )
    x, y = (left + right) / 2
    along = right - left
    height = float(np.linalg.norm(below - above))
    return TextLine(x, y, float(np.linalg.norm(along)), height, degrees(atan2(along[1], along[0])))


def page(transform: np.ndarray) -> np.ndarray:
    """Two bars in place of lines, and a smaller one above them."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for row in ROWS:
        picture[row - TALL // 2 : row + TALL // 2, ENDS[0] : ENDS[1]] = 0
    picture[490:510, 400:600] = 0
    return cv2.warpPerspective(picture, transform, (WIDTH, HEIGHT), borderValue=(255, 255, 255))


@pytest.mark.parametrize(("aside", "above"), [(0, 0), (1, 0), (-1, 0), (0, 1), (1, 1), (-0.5, 1)])
def test_lines_become_level_and_of_one_length(aside: float, above: float) -> None:
    transform = bent(aside, above)
    lines = [line_at(transform, row) for row in ROWS]
    strip = laid_flat(page(transform), lines)
    dark = (strip.picture[..., 0] < 128).astype(np.uint8)
    contours, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    bars = sorted((cv2.boundingRect(contour) for contour in contours), key=lambda box: -box[2])[:2]
    (left, _, length, height), (other_left, _, other_length, _) = bars
    assert abs(left - other_left) <= 0.02 * length
    assert abs(length - other_length) <= 0.02 * length
    assert height < length / 15, "a bar that is tilted would stand in a taller box"


@pytest.mark.parametrize("lines", [1, 2])
def test_a_line_of_the_strip_is_found_on_the_page_again(lines: int) -> None:
    transform = bent(1, 1)
    given = [line_at(transform, row) for row in ROWS[:lines]]
    strip = laid_flat(page(transform), given)
    back = cv2.perspectiveTransform(np.array([[given[0].centre]]), np.linalg.inv(strip.to_page))[0, 0]
    there = strip.on_page(TextLine(float(back[0]), float(back[1]), 100, 60, 0))
    assert (there.x, there.y) == pytest.approx((given[0].x, given[0].y), abs=0.5)
    assert there.angle == pytest.approx(given[0].angle, abs=2)
    assert there.height == pytest.approx(given[0].height, rel=0.3)


def test_a_piece_brings_along_what_lies_beside_it() -> None:
    transform = bent(0, 0)
    piece = TextLine(200, ROWS[0], 240, TALL, 0)
    strip = laid_flat(page(transform), [piece]).picture
    assert strip.shape[1] / (240 * 60 / TALL) > 2.4, "of the row's 840 pixels only 240 were found"
