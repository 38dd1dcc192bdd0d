"""A second look by YuNet at one face, close up."""

from dataclasses import replace

import numpy as np

from doorward.adapters.face.pixels import stretch
from doorward.adapters.face.yunet import YuNet
from doorward.face.sample import Face
from doorward.kernel.image import Image

_SIDE = 256
_WIDTH = 170.0
"""Of a face in its close-up. The quantised YuNet's landmarks follow a head's tilt only in faces wider than about 150
pixels: a tilt of 15 degrees reads as 2 at a width of 90, and as 14 at 170.
"""
_CONFIDENCE = 0.5


class CloseUp:
    """Fills ``SecondLook``."""

    def __init__(self, yunet: YuNet) -> None:
        self._yunet = yunet

    def look(self, image: Image, face: Face) -> Face:
        box = face.box
        scale = _WIDTH / max(box.width, box.height / 1.5)
        middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
        limits = np.array([image.shape[1], image.shape[0]])
        corner = np.clip(np.round(middle - _SIDE / scale / 2), 0, limits).astype(int)
        end = np.clip(np.round(middle + _SIDE / scale / 2), 0, limits).astype(int)
        size = np.minimum(np.round((end - corner) * scale), _SIDE).astype(int)
        if size.min() < 1:
            return face
        factor = size / (end - corner)
        piece = np.ascontiguousarray(image[corner[1] : end[1], corner[0] : end[0]])
        found = self._yunet.find(stretch(piece, int(size[0]), int(size[1])), _SIDE, _CONFIDENCE)
        if not len(found):
            return face
        away = np.abs(found[:, :2] + found[:, 2:4] / 2 - (middle - corner) * factor).sum(axis=1)
        nearest = int(np.argmin(away))
        if away[nearest] > _WIDTH / 2:
            return face
        landmarks = found[nearest, 4:14].reshape(5, 2) / factor + corner
        return replace(face, landmarks=np.ascontiguousarray(landmarks, dtype=np.float32))
