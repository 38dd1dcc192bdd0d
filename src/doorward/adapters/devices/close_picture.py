"""The part of a frame that shows one face, as a device sends it where the site makes the template."""

import cv2
import numpy as np

from doorward.errors import PoorQuality
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image

AROUND = 1.5
"""Widths of the face's box that are left on every side: what the detectors of presentation attacks look at."""

MOST_SIDE = 640
QUALITY = 95


def close_picture(image: Image, box: Box) -> bytes:
    """A JPEG of the face and ``AROUND``, at most ``MOST_SIDE`` pixels a side."""
    height, width = image.shape[:2]
    left, top = max(0, round(box.x - AROUND * box.width)), max(0, round(box.y - AROUND * box.height))
    right = min(width, round(box.x + (1 + AROUND) * box.width))
    bottom = min(height, round(box.y + (1 + AROUND) * box.height))
    picture = image[top:bottom, left:right]
    shrink = MOST_SIDE / max(*picture.shape[:2], MOST_SIDE)
    if shrink < 1:
        smaller = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        picture = smaller.astype(np.uint8, copy=False)
    done, octets = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise PoorQuality("The face cannot be cut out of the picture; present yourself again.")
    return bytes(octets)
