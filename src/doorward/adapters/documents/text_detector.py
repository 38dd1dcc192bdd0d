"""Lines of text found by a differentiable-binarisation model (Liao et al., arXiv:1911.08947)."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from doorward.adapters.documents.text_lines import TextLine
from doorward.adapters.models.session import ModelSession
from doorward.kernel.image import Image

CANVAS = 960
"""Side of the square that a page is scaled into, up or down."""
_MOST_ENLARGED = 4.0
_LIKELY = 0.3
_SURE = 0.5
_LEAST_HEIGHT = 3.0
# The model marks lines shrunk by their area over their perimeter; this many times that is given back.
_GIVEN_BACK = 1.6
_MOST_LINES = 400


class TextDetector:
    """``session`` takes a square of ``CANVAS`` pixels."""

    def __init__(self, session: ModelSession) -> None:
        self._session = session

    def detect(self, page: Image) -> list[TextLine]:
        """Every line of text on ``page``, longest first; the angle is that of its long side, -90 to 90 degrees."""
        height, width = page.shape[:2]
        scale = min(CANVAS / max(height, width), _MOST_ENLARGED)
        canvas = np.full((CANVAS, CANVAS, 3), 127, dtype=np.uint8)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        canvas[: size[1], : size[0]] = cv2.resize(page, size, interpolation=method)
        (marked,) = self._session.run(as_input(canvas)).values()
        lines = _lines(np.ascontiguousarray(marked[0, 0]))
        found = [TextLine(x / scale, y / scale, a / scale, b / scale, angle) for x, y, a, b, angle in lines]
        return sorted(found, key=lambda line: -line.length)


def as_input(picture: Image) -> NDArray[np.float32]:
    """1 x 3 x height x width, -1..1, as both text models take it."""
    return cv2.dnn.blobFromImage(picture, 1 / 127.5, mean=(127.5, 127.5, 127.5)).astype(np.float32, copy=False)


def _lines(marked: NDArray[np.float32]) -> list[tuple[float, float, float, float, float]]:
    """Centre, length, height and angle of what is ``marked``, on the canvas."""
    mask = cv2.dilate((marked > _LIKELY).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in sorted(contours, key=len, reverse=True)[:_MOST_LINES]:
        (x, y), (length, height), angle = cv2.minAreaRect(contour)
        if min(length, height) < _LEAST_HEIGHT or _likelihood(marked, contour) < _SURE:
            continue
        given_back = 2 * _GIVEN_BACK * length * height / (2 * (length + height))
        if length < height:
            length, height, angle = height, length, angle + 90
        found.append((x, y, length + given_back, height + given_back, (angle + 90) % 180 - 90))
    return found


def _likelihood(marked: NDArray[np.float32], contour: MatLike) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(inside, [np.asarray(contour - (left, top), dtype=np.int32)], 1)
    return float(cv2.mean(marked[top : top + height, left : left + width], inside)[0])
