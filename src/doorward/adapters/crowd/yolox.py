"""Models in the format of YOLOX: one output, of cells at strides of 8, 16 and 32.

Ge et al., YOLOX: Exceeding YOLO Series in 2021, arXiv:2107.08430, and the demo of its makers for ONNX Runtime. A row
is the middle's offset in its cell, the logarithm of the box's size, objectness, and a score for every class.
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
    grids,
)
from doorward.kernel.image import Image

STRIDES = (8, 16, 32)
CLASSES = 5
"""The column where the classes begin."""
LARGEST_LOGARITHM = 12.0
"""A logarithm of a size above this is none, but a size in pixels, already computed."""


class YoloxFormat:
    """``size``: width and height of the model's input."""

    name = "yolox"
    fill = 114
    least_score = 0.3
    overlap = 0.65
    """Both are their makers': the least score of their demo, the overlap of their evaluation."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._cells, self._strides = grids(size, STRIDES)

    def tensor(self, canvas: Image) -> Floats:
        """Blue, green, red as they are."""
        return channels_first(canvas)

    def fits(self, outputs: Mapping[str, Floats]) -> bool:
        """Whether a model with such outputs is one of this format."""
        if len(outputs) != 1:
            return False
        (output,) = outputs.values()
        shapes = [(1, len(self._cells), CLASSES + classes) for classes in KNOWN_CLASSES]
        return (
            output.shape in shapes
            and are_shares(output[0, :, 4:])
            and float(output[0, :, 2:4].max()) < LARGEST_LOGARITHM
        )

    def people(self, outputs: Mapping[str, Floats]) -> PersonBoxes:
        """Every cell's person, in pixels of the canvas, of whatever score."""
        (output,) = outputs.values()
        rows = output[0]
        middles = (rows[:, :2] + self._cells) * self._strides
        sizes = np.exp(np.minimum(rows[:, 2:4], LARGEST_LOGARITHM)) * self._strides
        scores = rows[:, 4] * rows[:, CLASSES + PERSON_CLASS]
        return PersonBoxes(np.hstack([middles - sizes / 2, sizes]), scores)
