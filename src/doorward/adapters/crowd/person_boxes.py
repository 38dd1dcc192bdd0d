"""People as a model boxes them in a picture, whatever its format."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.crowd.geometry import Points
from doorward.kernel.image import Image

Floats = NDArray[np.float32]

COCO_CLASSES, PERSON_CLASS = 80, 0
KNOWN_CLASSES = (COCO_CLASSES, 1)
"""How many classes a model may tell apart: COCO's, the first of which is a person, or persons alone."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonBoxes:
    """``boxes``: n x 4, left, top, width, height in pixels. ``scores``: n, 0 to 1."""

    boxes: Floats
    scores: Floats

    def strongest(self, least: float, overlap: float) -> "PersonBoxes":
        """Those with a score of ``least`` or more, without any that overlaps a stronger one by more than ``overlap``
        (intersection over union), and without any that is nowhere."""
        sure = (self.scores >= least) & np.isfinite(self.boxes).all(axis=1)
        boxes, scores = self.boxes[sure], self.scores[sure]
        kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), least, overlap), dtype=np.intp).ravel()
        return PersonBoxes(boxes[kept], scores[kept])

    def foot_points(self) -> Points:
        """The middle of each box's lower edge, n x 2 pixels."""
        left, top, width, height = self.boxes.astype(np.float64).reshape(-1, 4).T
        return np.column_stack([left + width / 2, top + height])


def letterbox(image: Image, size: tuple[int, int], fill: int) -> tuple[Image, float]:
    """The picture as large as fits into ``size`` (width, height), in the upper left corner of a canvas of grey
    ``fill``; and how many of its pixels one of the picture became."""
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    fitted = (max(1, int(width * scale)), max(1, int(height * scale)))
    canvas: Image = np.full((size[1], size[0], 3), fill, dtype=np.uint8)
    canvas[: fitted[1], : fitted[0]] = cv2.resize(image, fitted, interpolation=cv2.INTER_LINEAR)
    return canvas, scale


def channels_first(pixels: NDArray[np.generic]) -> Floats:
    """Height x width x 3 as a batch of one: 1 x 3 x height x width."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32)


@cache
def grid(size: tuple[int, int], stride: int) -> Floats:
    """Column and row of every cell of ``stride`` pixels over ``size`` (width, height), row by row: n x 2."""
    columns, rows = (-(-side // stride) for side in size)
    place = np.indices((rows, columns), dtype=np.float32)
    return np.column_stack([place[1].ravel(), place[0].ravel()])


@cache
def grids(size: tuple[int, int], strides: Sequence[int]) -> tuple[Floats, Floats]:
    """The cells of all strides, one after another (n x 2), and the stride of each (n x 1)."""
    each = [grid(size, stride) for stride in strides]
    sizes = [np.full((len(cells), 1), stride, np.float32) for cells, stride in zip(each, strides, strict=True)]
    return np.vstack(each), np.vstack(sizes)


def are_shares(scores: Floats) -> bool:
    """Whether all lie between 0 and 1, as scores after a sigmoid do."""
    return bool(np.isfinite(scores).all() and scores.min() >= 0 and scores.max() <= 1)
