"""Pictures resized and warped, by OpenCV."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.kernel.image import Image


def limit_threads(threads: int) -> None:
    """How many threads OpenCV uses in this process; for single photos more than one costs more than it gives."""
    cv2.setNumThreads(threads)


def shrink(image: Image, width: int, height: int) -> Image:
    """``image`` averaged down to ``width`` x ``height`` pixels.

    What is four times as large is halved first, which takes a fraction of the time of another ratio; an odd row or
    column is left out.
    """
    while min(image.shape[0] // height, image.shape[1] // width) >= _HALVED_FROM:
        image = divided(image, 2)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


_HALVED_FROM = 4


def divided(image: Image, divisor: int) -> Image:
    """``image`` with the mean of each ``divisor`` x ``divisor`` pixels as one; what is left over is left out."""
    height, width = image.shape[0] // divisor, image.shape[1] // divisor
    even = image[: height * divisor, : width * divisor]
    return cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def warp(image: Image, transform: NDArray[np.float64], side: int) -> Image:
    """``image`` under a 2 x 3 transform, bilinear, black where it ends, as a square of ``side`` pixels."""
    return cv2.warpAffine(image, transform, (side, side), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def stretch(image: Image, width: int, height: int) -> Image:
    """``image`` at ``width`` x ``height`` pixels: averaged down, or interpolated up."""
    method = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method).astype(np.uint8, copy=False)


def interpolate(image: Image, side: int) -> Image:
    """``image`` as a square of ``side`` pixels, bilinear whatever its size: for models that were trained on that."""
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def as_canvas(image: Image, side: int) -> NDArray[np.float32]:
    """``image`` in the upper left corner of a black square, as 1 x 3 x side x side, 0..255."""
    bottom, right = side - image.shape[0], side - image.shape[1]
    square = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
    return cv2.dnn.blobFromImage(square).astype(np.float32, copy=False)


def square(image: Image, left: int, top: int, side: int) -> Image:
    """``side`` x ``side`` pixels of ``image`` from (``left``, ``top``) on, black where it ends."""
    height, width = image.shape[:2]
    rows = slice(max(0, top), max(0, min(height, top + side)))
    columns = slice(max(0, left), max(0, min(width, left + side)))
    cut = np.zeros((side, side, 3), dtype=np.uint8)
    inside = image[rows, columns]
    across, down = columns.start - left, rows.start - top
    cut[down : down + inside.shape[0], across : across + inside.shape[1]] = inside
    return cut
