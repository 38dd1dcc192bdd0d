"""The detection error trade-off drawn as a PNG, by OpenCV."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.evaluation.det_plot import (
    BOTTOM,
    COLOURS,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    DetPlot,
    legend,
    legend_at,
)

_FINE = 2
"""Pixels drawn for one of the plot's."""
_GREY, _INK = (0xDD, 0xDD, 0xDD), (0x33, 0x33, 0x33)


def det_png(plot: DetPlot) -> bytes:
    """The same drawing as ``det_svg`` gives, at twice its size."""
    canvas = np.full((HEIGHT * _FINE, WIDTH * _FINE, 3), 255, dtype=np.uint8)
    for x, words in plot.x_ticks:
        cv2.line(canvas, _at(x, TOP), _at(x, BOTTOM), _GREY, 1, cv2.LINE_AA)
        _write(canvas, words, x, BOTTOM + 18, 0.5)
    for y, words in plot.y_ticks:
        cv2.line(canvas, _at(LEFT, y), _at(RIGHT, y), _GREY, 1, cv2.LINE_AA)
        _write(canvas, words, LEFT - 6, y + 4, 1.0)
    cv2.rectangle(canvas, _at(LEFT, TOP), _at(RIGHT, BOTTOM), _INK, 1)
    _write(canvas, plot.x_title, (LEFT + RIGHT) / 2, BOTTOM + 40, 0.5)
    upright = np.ascontiguousarray(np.rot90(canvas, -1))
    _write(upright, plot.y_title, HEIGHT - (TOP + BOTTOM) / 2, 18, 0.5)
    canvas = np.ascontiguousarray(np.rot90(upright))
    for place, (name, points) in enumerate(plot.lines):
        colour = _blue_first(COLOURS[place % len(COLOURS)])
        drawn = np.round(points * _FINE * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [drawn], isClosed=False, color=colour, thickness=2 * _FINE, lineType=cv2.LINE_AA, shift=4)
        _write(canvas, legend(name, points), *legend_at(place), 1.0, colour)
    return bytes(cv2.imencode(".png", canvas)[1])


def _at(x: float, y: float) -> tuple[int, int]:
    return round(x * _FINE), round(y * _FINE)


def _write(
    canvas: NDArray[np.uint8], words: str, x: float, y: float, before: float, colour: tuple[int, int, int] = _INK
) -> None:
    """``words`` with the share ``before`` of their width left of ``x``; letters that OpenCV lacks become ``?``."""
    letters = words.encode("ascii", "replace").decode()
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.42 * _FINE
    (width, _), _ = cv2.getTextSize(letters, font, size, 1)
    cv2.putText(canvas, letters, (round(x * _FINE - width * before), round(y * _FINE)), font, size, colour, 1, 16)


def _blue_first(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return blue, green, red
