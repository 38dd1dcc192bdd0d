"""Models in the format of NanoDet and NanoDet-Plus: scores of classes, and distributions of distances to box edges.

RangiLyu, NanoDet, github.com/RangiLyu/nanodet; the distributions are Generalized Focal Loss's, Li et al.,
arXiv:2006.04388. NanoDet has strides of 8, 16 and 32, and measures from the middles of cells; NanoDet-Plus has 64
besides, and measures from their corners. Exports give all strides in one output, or two outputs for every stride.
"""

from collections.abc import Mapping

import numpy as np

from doorward.adapters.crowd.person_boxes import (
    KNOWN_CLASSES,
    PERSON_CLASS,
    Floats,
    PersonBoxes,
    are_shares,
    channels_first,
    grid,
    grids,
)
from doorward.kernel.image import Image

STRIDES, PLUS_STRIDES = (8, 16, 32), (8, 16, 32, 64)
BINS = 8
"""Distances of 0 to 7 strides; each of a box's four edges has a distribution over them."""
EDGES = 4 * BINS
MEAN = np.array([103.53, 116.28, 123.675], dtype=np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], dtype=np.float32)
"""ImageNet's, of blue, green and red."""


class NanodetFormat:
    """``size``: width and height of the model's input."""

    name = "nanodet"
    fill = 0
    least_score = 0.35
    overlap = 0.6
    """Both are their makers': the least score of their demo, the overlap of their evaluation."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size

    def tensor(self, canvas: Image) -> Floats:
        return channels_first((canvas - MEAN) / DEVIATION)

    def fits(self, outputs: Mapping[str, Floats]) -> bool:
        """Whether a model with such outputs is one of this format."""
        rows = self._rows(outputs)
        return rows is not None and are_shares(rows[:, :-EDGES])

    def people(self, outputs: Mapping[str, Floats]) -> PersonBoxes:
        """Every cell's person, in pixels of the canvas, of whatever score."""
        rows = self._rows(outputs)
        if rows is None:
            return PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        plain = len(rows) == len(grids(self._size, STRIDES)[0])
        cells, strides = grids(self._size, STRIDES if plain else PLUS_STRIDES)
        shares = np.exp(rows[:, -EDGES:].reshape(-1, 4, BINS))
        shares /= shares.sum(axis=-1, keepdims=True)
        distances = (shares @ np.arange(BINS, dtype=np.float32)) * strides
        origins = (cells + (0.5 if plain else 0.0)) * strides
        corners = origins - distances[:, :2]
        return PersonBoxes(np.hstack([corners, distances[:, :2] + distances[:, 2:]]), rows[:, PERSON_CLASS])

    def _rows(self, outputs: Mapping[str, Floats]) -> Floats | None:
        """Scores and distributions of all cells in the order of strides; None when the outputs are of no such form."""
        tables = [output[0] for output in outputs.values() if output.ndim == 3 and len(output) == 1]
        if len(tables) != len(outputs):
            return None
        if len(tables) == 1:
            return self._whole(tables[0])
        rows = []
        for stride in STRIDES if len(tables) == 2 * len(STRIDES) else PLUS_STRIDES:
            number = len(grid(self._size, stride))
            pair = sorted(
                (table for table in tables if len(table) == number), key=lambda table: table.shape[1] == EDGES
            )
            if len(pair) != 2 or pair[1].shape[1] != EDGES or pair[0].shape[1] not in KNOWN_CLASSES:
                return None
            rows.append(np.hstack(pair))
        return np.vstack(rows) if 2 * len(rows) == len(tables) else None

    def _whole(self, table: Floats) -> Floats | None:
        numbers = [len(grids(self._size, strides)[0]) for strides in (STRIDES, PLUS_STRIDES)]
        widths = [classes + EDGES for classes in KNOWN_CLASSES]
        return table if len(table) in numbers and table.shape[1] in widths else None
