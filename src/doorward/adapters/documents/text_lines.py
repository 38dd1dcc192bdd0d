"""Where a line of text lies on a page, and its picture laid straight."""

from dataclasses import dataclass, replace
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.kernel.image import Image

LINE_HEIGHT = 48
"""Pixels in height of a line that is laid straight, as the recogniser takes it."""
LONGEST_LINE = 1920
"""Pixels in length of one: longer lines are squeezed."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A tilted rectangle around a line of text, in pixels of its image.

    ``angle``: degrees, clockwise on the screen, of the direction that the text is read in; -180 to 180.
    """

    x: float
    y: float
    length: float
    height: float
    angle: float

    @property
    def along(self) -> NDArray[np.float64]:
        """The unit vector of the reading direction."""
        return np.array([cos(radians(self.angle)), sin(radians(self.angle))])

    @property
    def down(self) -> NDArray[np.float64]:
        """The unit vector from this line to the next one."""
        return np.array([-sin(radians(self.angle)), cos(radians(self.angle))])

    @property
    def centre(self) -> NDArray[np.float64]:
        return np.array([self.x, self.y])

    def turned(self) -> "TextLine":
        """The same rectangle, read the other way round."""
        return replace(self, angle=self.angle - 180 if self.angle > 0 else self.angle + 180)

    def seen_from(self, other: "TextLine") -> tuple[float, float]:
        """How far along and down this line's centre lies from that of ``other``, in pixels."""
        away = self.centre - other.centre
        return float(away @ other.along), float(away @ other.down)


def laid_straight(image: Image, line: TextLine, grow: float = 1.0) -> Image:
    """The picture of ``line``, ``LINE_HEIGHT`` pixels high; ``grow``: how much of its surroundings comes along."""
    height, length = line.height * grow, line.length + line.height * (grow - 1.0)
    width = int(np.clip(round(LINE_HEIGHT * length / max(height, 1.0)), LINE_HEIGHT, LONGEST_LINE))
    corner = line.centre - line.along * length / 2 - line.down * height / 2
    corners = np.array([corner, corner + line.along * length, corner + line.down * height], dtype=np.float32)
    target = np.array([[0, 0], [width, 0], [0, LINE_HEIGHT]], dtype=np.float32)
    transform = cv2.getAffineTransform(corners, target)
    straight = cv2.warpAffine(
        image, transform, (width, LINE_HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return straight.astype(np.uint8, copy=False)


def turned_upright(image: Image, angle: float) -> Image:
    """``image`` turned so that text at ``angle`` degrees runs level from left to right; its corners stay in."""
    height, width = image.shape[:2]
    transform = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cosine, sine = abs(transform[0, 0]), abs(transform[0, 1])
    new_width, new_height = round(height * sine + width * cosine), round(height * cosine + width * sine)
    transform[:, 2] += [(new_width - width) / 2, (new_height - height) / 2]
    turned = cv2.warpAffine(image, transform, (new_width, new_height), borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8, copy=False)
