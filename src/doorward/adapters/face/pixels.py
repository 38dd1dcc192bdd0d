"""Pictures resized and warped, by OpenCV."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.kernel.image import Image


def limit_threads(threads: int) -> None:
    """How many threads OpenCV uses in this process; for single photos more than one costs more than it gives."""
    cv2.setNumThreads(threads)


def shrink(image: Image, width: int, height: int) -> Image:
    """``image`` averaged down to ``width`` x ``height`` pixels."""
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def warp(image: Image, transform: NDArray[np.float64], side: int) -> Image:
    """``image`` under a 2 x 3 transform, bilinear, black where it ends, as a square of ``side`` pixels."""
    return cv2.warpAffine(image, transform, (side, side), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
