"""Faces found by YuNet."""

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.pixels import shrink
from doorward.adapters.face.yunet import YuNet
from doorward.adapters.face.yunet_output import CONFIDENCE
from doorward.face.ports import SecondLook
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image

CANVASES = (256, 640)
"""Sides of the squares that a photo is scaled down into; the larger is used when the smaller shows no face, or
only faces too small to be sure of."""

_SMALL_FACE = 24.0
"""Pixels on the smaller canvas under which the larger one is asked."""

_LOOKED_AT_AGAIN = 2


class YuNetDetector:
    """Fills ``FaceDetector``.

    The landmarks of the two largest faces are those of ``second_look``; the others' are coarse.
    """

    def __init__(self, yunet: YuNet, second_look: SecondLook) -> None:
        self._yunet = yunet
        self._second_look = second_look

    def detect(self, image: Image) -> tuple[Face, ...]:
        faces = self._detect_on(image, CANVASES[0])
        shrunk = min(1.0, CANVASES[0] / max(image.shape[:2]))
        if shrunk < 1.0 and (not faces or faces[0].box.width * shrunk < _SMALL_FACE):
            faces = self._detect_on(image, CANVASES[1])
        near = [self._second_look.look(image, face) for face in faces[:_LOOKED_AT_AGAIN]]
        return (*near, *faces[_LOOKED_AT_AGAIN:])

    def _detect_on(self, image: Image, side: int) -> tuple[Face, ...]:
        scale = min(1.0, side / max(image.shape[:2]))
        if scale < 1.0:
            height, width = (max(1, round(length * scale)) for length in image.shape[:2])
            image = shrink(image, width, height)
        found = self._yunet.find(image, side, CONFIDENCE)
        rows = sorted(found, key=lambda row: -row[2] * row[3])
        return tuple(_face(row / np.float32(scale), float(row[14])) for row in rows)


def _face(row: NDArray[np.float32], confidence: float) -> Face:
    return Face(
        box=Box(float(row[0]), float(row[1]), float(row[2]), float(row[3])),
        landmarks=np.ascontiguousarray(row[4:14].reshape(5, 2)),
        confidence=confidence,
    )
