"""Faces found by YuNet."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.pixels import as_canvas, shrink, stretch
from doorward.adapters.face.yunet_output import CONFIDENCE, decode
from doorward.adapters.models.session import ModelSession
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image

CANVASES = (256, 640)
"""Sides of the squares that a photo is scaled down into; the larger is used when the smaller shows no face, or
only faces too small to be sure of."""

_SMALL_FACE = 24.0
"""Pixels on the smaller canvas under which the larger one is asked."""

_CLOSE_UP = 170.0
"""Width of a face in its close-up. The quantised YuNet's landmarks follow a head's tilt only in faces wider than
about 150 pixels: a tilt of 15 degrees reads as 2 at a width of 90, and as 14 at 170. On LFW, close-ups raise the
share of mated pairs accepted at a false-match rate of 1e-5 from .939 to .951.
"""
_CLOSE_ENOUGH = 150.0
_CLOSE_UPS = 2
_CLOSE_UP_CONFIDENCE = 0.5


class YuNetDetector:
    """Fills ``FaceDetector``. ``open_canvas(side)`` gives the session for a square of that side.

    The landmarks of the two largest faces come from a second look at each, close up; the others' are coarse.
    """

    def __init__(self, open_canvas: Callable[[int], ModelSession], confidence: float = CONFIDENCE) -> None:
        self._open_canvas = open_canvas
        self._confidence = confidence
        self._sessions: dict[int, ModelSession] = {}

    def detect(self, image: Image) -> tuple[Face, ...]:
        side = CANVASES[0]
        shrunk = min(1.0, side / max(image.shape[:2]))
        faces = self._detect_on(image, side)
        if shrunk < 1.0 and (not faces or faces[0].box.width * shrunk < _SMALL_FACE):
            side = CANVASES[1]
            shrunk = min(1.0, side / max(image.shape[:2]))
            faces = self._detect_on(image, side)
        near = [
            face if face.box.width * shrunk >= _CLOSE_ENOUGH else self._close_up(image, face)
            for face in faces[:_CLOSE_UPS]
        ]
        return (*near, *faces[_CLOSE_UPS:])

    def _detect_on(self, image: Image, side: int) -> tuple[Face, ...]:
        scale = min(1.0, side / max(image.shape[:2]))
        if scale < 1.0:
            height, width = (max(1, round(length * scale)) for length in image.shape[:2])
            image = shrink(image, width, height)
        found = self._run(image, side, self._confidence)
        rows = sorted(found, key=lambda row: -row[2] * row[3])
        return tuple(_face(row / np.float32(scale), float(row[14])) for row in rows)

    def _run(self, image: Image, side: int, confidence: float) -> NDArray[np.float32]:
        if side not in self._sessions:
            self._sessions[side] = self._open_canvas(side)
        return decode(self._sessions[side].run(as_canvas(image, side)), side, confidence)

    def _close_up(self, image: Image, face: Face) -> Face:
        """``face`` with landmarks found in a picture of its own, or as it was where that shows none."""
        side, box = CANVASES[0], face.box
        scale = _CLOSE_UP / max(box.width, box.height / 1.5)
        middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
        limits = np.array([image.shape[1], image.shape[0]])
        corner = np.clip(np.round(middle - side / scale / 2), 0, limits).astype(int)
        end = np.clip(np.round(middle + side / scale / 2), 0, limits).astype(int)
        size = np.minimum(np.round((end - corner) * scale), side).astype(int)
        if size.min() < 1:
            return face
        factor = size / (end - corner)
        piece = np.ascontiguousarray(image[corner[1] : end[1], corner[0] : end[0]])
        found = self._run(stretch(piece, int(size[0]), int(size[1])), side, _CLOSE_UP_CONFIDENCE)
        if not len(found):
            return face
        away = np.abs(found[:, :2] + found[:, 2:4] / 2 - (middle - corner) * factor).sum(axis=1)
        nearest = int(np.argmin(away))
        if away[nearest] > _CLOSE_UP / 2:
            return face
        landmarks = found[nearest, 4:14].reshape(5, 2) / factor + corner
        return Face(box, np.ascontiguousarray(landmarks, dtype=np.float32), face.confidence)


def _face(row: NDArray[np.float32], confidence: float) -> Face:
    return Face(
        box=Box(float(row[0]), float(row[1]), float(row[2]), float(row[3])),
        landmarks=np.ascontiguousarray(row[4:14].reshape(5, 2)),
        confidence=confidence,
    )
