"""A second look at one face by MTCNN's last network, the O-Net, which places five landmarks in a small square."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.close_up import CloseUp
from doorward.adapters.face.pixels import divided, square, stretch
from doorward.adapters.models.session import ModelSession
from doorward.face.sample import Face
from doorward.kernel.image import Image

SIDE = 48
VIEWS = 2
"""The face as it is, and mirrored: their mean is less noisy than either."""

_CONFIDENCE = 0.7
"""The least at which MTCNN takes its last network's square for a face (Zhang et al., 2016)."""
_OTHER_SIDE = [1, 0, 2, 4, 3]
_HALF_RANGE = 127.5
_SCALE = 1 / 128


class LandmarkNetwork:
    """Fills ``SecondLook``. ``session`` takes ``VIEWS`` x ``SIDE`` x ``SIDE`` x 3. ``otherwise`` looks at what the
    network takes for no face.
    """

    def __init__(self, session: ModelSession, otherwise: CloseUp) -> None:
        self._session = session
        self._otherwise = otherwise

    def look(self, image: Image, face: Face) -> Face:
        box = face.box
        side = max(1, round(max(box.width, box.height)))
        divisor = max(1, side // (2 * SIDE))
        side = side // divisor * divisor
        left, top = round(box.x + (box.width - side) / 2), round(box.y + (box.height - side) / 2)
        pixels = stretch(divided(square(image, left, top, side), divisor), SIDE, SIDE)
        # The network reads columns before rows, and red first.
        seen = (pixels[:, :, ::-1].astype(np.float32).transpose(1, 0, 2) - _HALF_RANGE) * _SCALE
        outputs = self._session.run(np.stack([seen, seen[::-1]]))
        found = {output.shape[1]: output for output in outputs.values()}
        if found[2][:, 1].min() < _CONFIDENCE:
            return self._otherwise.look(image, face)
        straight, mirrored = (_points(row) for row in found[10])
        mirrored[:, 0] = 1 - mirrored[:, 0]
        # Pixel centres: the square's first pixel reaches from left - 0.5 to left + 0.5.
        landmarks = (straight + mirrored[_OTHER_SIDE]) / 2 * side + np.array([left, top]) - 0.5
        return replace(face, landmarks=np.ascontiguousarray(landmarks, dtype=np.float32))


def _points(row: NDArray[np.float32]) -> NDArray[np.float64]:
    """Five x, then five y, as shares of the square."""
    return row.reshape(2, 5).T.astype(np.float64)
