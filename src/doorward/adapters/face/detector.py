"""Faces found by YuNet."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.pixels import shrink
from doorward.adapters.face.yunet_output import CONFIDENCE, decode
from doorward.adapters.models.session import ModelSession
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image

CANVASES = (320, 640)
"""Sides of the squares that a photo is scaled down into; the larger is used when the smaller shows no face, or
only faces too small for exact landmarks."""

_SMALL_FACE = 28.0
"""Pixels on the smaller canvas under which the larger one is asked."""


class YuNetDetector:
    """Fills ``FaceDetector``. ``open_canvas(side)`` gives the session for a square of that side."""

    def __init__(self, open_canvas: Callable[[int], ModelSession], confidence: float = CONFIDENCE) -> None:
        self._open_canvas = open_canvas
        self._confidence = confidence
        self._sessions: dict[int, ModelSession] = {}

    def detect(self, image: Image) -> tuple[Face, ...]:
        faces = self._detect_on(image, CANVASES[0])
        shrunk = CANVASES[0] / max(image.shape[:2])
        if shrunk < 1.0 and (not faces or faces[0].box.width * shrunk < _SMALL_FACE):
            return self._detect_on(image, CANVASES[1])
        return faces

    def _detect_on(self, image: Image, side: int) -> tuple[Face, ...]:
        if side not in self._sessions:
            self._sessions[side] = self._open_canvas(side)
        scale = min(1.0, side / max(image.shape[:2]))
        outputs = self._sessions[side].run(_canvas(image, side, scale))
        found = decode(outputs, side, self._confidence)
        rows = sorted(found, key=lambda row: -row[2] * row[3])
        return tuple(_face(row / np.float32(scale), float(row[14])) for row in rows)


def _canvas(image: Image, side: int, scale: float) -> NDArray[np.float32]:
    """The photo in the upper left corner of a black square, as 1 x 3 x side x side."""
    if scale < 1.0:
        height, width = (max(1, round(length * scale)) for length in image.shape[:2])
        image = shrink(image, width, height)
    canvas = np.zeros((1, 3, side, side), dtype=np.float32)
    canvas[0, :, : image.shape[0], : image.shape[1]] = image.transpose(2, 0, 1)
    return canvas


def _face(row: NDArray[np.float32], confidence: float) -> Face:
    return Face(
        box=Box(float(row[0]), float(row[1]), float(row[2]), float(row[3])),
        landmarks=np.ascontiguousarray(row[4:14].reshape(5, 2)),
        confidence=confidence,
    )
