"""A still of a place without the people who walk through it."""

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse
from doorward.kernel.image import Image

KEPT = 30
"""At least half and at most all of so many pictures are held, spread evenly over the time watched."""

FEWEST = 9

OTHER = 24
"""Levels of grey, of 255, by which a pixel differs from its usual colour when somebody stands there."""

RESTLESS_SHARE = 0.2
"""A pixel that looks otherwise in more of the pictures than this is not known to be floor, and is painted grey."""

GREY = 128

BLOCK = 16
"""Pixels along a side of the squares that are painted grey whole."""
BLOCK_SHARE = 0.02
"""The share of restless pixels in a square above which it is; fewer are noise."""

ROWS = 64
"""Rows whose median is taken at a time, so that memory stays small."""

DARK = 30
"""In the dark, nineteen of twenty pixels are below this level of grey, of 255."""


class StillMaker:
    """Feed it pictures of one size, spread over minutes; it forgets them with itself."""

    def __init__(self, every: float = 0.5) -> None:
        """``every``: seconds between pictures at first; longer when the watch is long."""
        self._pictures: list[Image] = []
        self._every, self._due = every, 0.0

    def see(self, image: Image, seconds: float) -> None:
        """``seconds`` since the watch began."""
        if seconds < self._due:
            return
        if self._pictures and self._pictures[0].shape != image.shape:
            raise WrongUse("The source's pictures change their size; give one whose pictures stay as large.")
        self._pictures.append(image.copy())
        if len(self._pictures) > KEPT:
            del self._pictures[1::2]
            self._every *= 2
        self._due = seconds + self._every

    def still(self) -> tuple[Image, float]:
        """The median over time, grey where it is not known to be floor, and the share of it that is so.

        Who never moved is still in it. ``WrongUse`` after too few pictures.
        """
        if len(self._pictures) < FEWEST:
            raise WrongUse(
                f"The source gave {len(self._pictures)} pictures half a second apart; a still without people takes "
                f"{FEWEST} or more, better a minute's."
            )
        still = np.empty_like(self._pictures[0])
        restless = np.empty(still.shape[:2], dtype=bool)
        for top in range(0, len(still), ROWS):
            rows = np.stack([picture[top : top + ROWS] for picture in self._pictures])
            middle = np.median(rows, axis=0).astype(np.uint8)
            off = np.abs(rows.astype(np.int16) - middle).max(axis=-1) > OTHER
            restless[top : top + ROWS] = off.mean(axis=0) > RESTLESS_SHARE
            still[top : top + ROWS] = middle
        hidden = _blocks_around(restless)
        still[hidden] = GREY
        return still, float(hidden.mean())


def _blocks_around(restless: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Every block with a restless pixel, and the blocks beside it: no outline of anybody stays."""
    height, width = restless.shape
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    padded = np.zeros((rows * BLOCK, columns * BLOCK), dtype=bool)
    padded[:height, :width] = restless
    blocks = np.pad(padded.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3)) > BLOCK_SHARE, 1)
    around = np.zeros((rows, columns), dtype=bool)
    for down in range(3):
        for right in range(3):
            around |= blocks[down : down + rows, right : right + columns]
    return np.repeat(np.repeat(around, BLOCK, axis=0), BLOCK, axis=1)[:height, :width]


def is_dark(image: Image) -> bool:
    """Whether so little light is in the picture that nobody could be seen in it: night, or a covered lens."""
    grey: NDArray[np.uint8] = image[::4, ::4].max(axis=-1)
    return bool(np.percentile(grey, 95) < DARK)
