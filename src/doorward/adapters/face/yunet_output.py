"""YuNet's output turned into faces, after OpenCV's ``FaceDetectorYN`` (objdetect/src/face_detect.cpp)."""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

STRIDES = (8, 16, 32)
CONFIDENCE = 0.7
"""The least confidence of a face: the root of its class score times its objectness."""
OVERLAP = 0.3
"""The intersection over union above which the weaker of two faces is dropped."""


def decode(outputs: Mapping[str, NDArray[np.float32]], side: int, confidence: float) -> NDArray[np.float32]:
    """Rows of x, y, width, height, five landmarks, confidence, in pixels of the canvas, strongest first."""
    rows = [_decode_stride(outputs, stride, side, confidence) for stride in STRIDES]
    found = np.concatenate(rows)
    return _suppress(found[np.argsort(-found[:, 14], kind="stable")])


def _decode_stride(
    outputs: Mapping[str, NDArray[np.float32]], stride: int, side: int, confidence: float
) -> NDArray[np.float32]:
    product = outputs[f"cls_{stride}"].ravel().clip(0, 1) * outputs[f"obj_{stride}"].ravel().clip(0, 1)
    cells = np.flatnonzero(product >= confidence * confidence)
    centres = _grid(side // stride)[cells]
    boxes = outputs[f"bbox_{stride}"][0, cells]
    points = outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2)
    size = np.exp(np.minimum(boxes[:, 2:], 10.0))
    corner = centres + boxes[:, :2] - size / 2
    landmarks = (points + centres[:, None, :]).reshape(-1, 10)
    pixels = np.concatenate([corner, size, landmarks], axis=1) * np.float32(stride)
    return np.column_stack([pixels, np.sqrt(product[cells])]).astype(np.float32)


@cache
def _grid(cells: int) -> NDArray[np.float32]:
    """Column and row of every cell, row by row."""
    rows, columns = np.divmod(np.arange(cells * cells), cells)
    return np.stack([columns, rows], axis=1).astype(np.float32)


def _suppress(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    kept: list[NDArray[np.float32]] = []
    while len(rows):
        best, rows = rows[0], rows[1:]
        kept.append(best)
        upper = np.maximum(best[:2], rows[:, :2])
        lower = np.minimum(best[:2] + best[2:4], rows[:, :2] + rows[:, 2:4])
        shared = np.prod(np.maximum(lower - upper, 0), axis=1)
        joined = best[2] * best[3] + rows[:, 2] * rows[:, 3] - shared
        rows = rows[shared <= OVERLAP * joined]
    return np.array(kept, dtype=np.float32).reshape(-1, 15)
