"""People seen from above by what moves: background subtraction, no weights.

For a sensor that looks straight down. The background model is OpenCV's MOG2 (Zivkovic 2004; Zivkovic and van der
Heijden 2006). One blob is split by the area that one person covers, because people side by side merge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from doorward.adapters.crowd.picture_size import check_size
from doorward.adapters.crowd.recent_median import RecentMedian
from doorward.crowd.geometry import Points
from doorward.crowd.scene import Scene
from doorward.kernel.image import Image

WORKING_WIDTH = 640
"""Wider pictures are made smaller first: a person from above needs no more than about ten pixels."""

LEARNING_RATE = 0.0003
"""Share of a picture that enters the background: the library's own rate swallows people who stand."""

FIRST_PICTURES = 10
"""So many pictures are learnt from faster, to begin with a background at all."""

VARIANCE_THRESHOLD = 16.0
BACKGROUND_SHARE = 0.7
"""Colours that make up this share of a pixel's past are floor: who stands is floor after 1,200 pictures, not 350."""

SHADOW_SHARE = 0.7
"""Floor that keeps at least this share of its light lies in a shadow. At the usual half, grey clothes do, too."""

SURELY_FOREGROUND = 255  # MOG2 marks shadows with 127

SMALLEST_SHARE = 0.4
"""Blobs below this share of a person's area are no person."""

LIGHT_CHANGE_SHARE = 0.6
LIGHT_CHANGE_FRAMES = 3
"""That much of the picture changed for so many frames: the light did, so the background is learnt anew."""

SECOND_SHARE = 0.38
"""People in one blob hide parts of each other: this share of another person's area is one more person."""

LEARN_FROM = 60
"""Lone blobs seen before their median area replaces the area that the scene's person radius gives."""

LONE_AREAS = 2000
"""So many of the last ones are kept."""

PIXELS_A_PERSON = 60
"""Enough to find a person's middle; large blobs are thinned to it, so that a hall full of people takes no minutes."""

Mask = NDArray[np.uint8]


class MotionDetector:
    """Foot-points of the people in pictures of one scene, taken in order by one camera."""

    name = "motion"

    def __init__(self, scene: Scene) -> None:
        self._size = scene.size
        self._scale = min(1.0, WORKING_WIDTH / scene.size[0])
        self._homography = scene.homography
        self._person_area = np.pi * scene.person_radius**2
        self._lone_areas = RecentMedian(LONE_AREAS)
        self._frames_of_other_light = 0
        self._pictures = 0
        self._model = _new_model()

    def detect(self, image: Image) -> Points:
        """The middle of each person, n x 2 pixels; ``SourceError`` when the picture is not of the scene's size."""
        check_size(image, self._size)
        mask = self._foreground(image)
        count, drawn, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
        if count < 2:
            return np.zeros((0, 2))
        labels = np.asarray(drawn, dtype=np.int32)
        centres: Points = (np.asarray(middles[1:], dtype=np.float64) + 0.5) / self._scale - 0.5
        areas = stats[1:, cv2.CC_STAT_AREA] / self._scale**2 * self._homography.area_scale(centres)
        people: list[Points] = []
        for blob in np.flatnonzero(areas >= SMALLEST_SHARE * self._one()):
            number = self._people_in(float(areas[blob]))
            if number == 1:
                people.append(centres[blob : blob + 1])
            else:
                people.append(
                    _split(labels, np.asarray(stats[blob + 1], dtype=np.int32), int(blob) + 1, number, self._scale)
                )
        return np.vstack(people) if people else np.zeros((0, 2))

    def _foreground(self, image: Image) -> Mask:
        if self._scale < 1:
            small = cv2.resize(image, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_AREA)
        else:
            small = image
        self._pictures += 1
        rate = max(LEARNING_RATE, 0.5 / self._pictures) if self._pictures <= FIRST_PICTURES else LEARNING_RATE
        mask = np.where(self._model.apply(small, learningRate=rate) == SURELY_FOREGROUND, 255, 0).astype(np.uint8)
        if self._light_changed(float(np.count_nonzero(mask)) / mask.size):
            return np.zeros_like(mask)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
        return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel), dtype=np.uint8)

    def _light_changed(self, share: float) -> bool:
        """True while nearly all of the picture differs, in which nobody can be told from the floor."""
        if share <= LIGHT_CHANGE_SHARE:
            self._frames_of_other_light = 0
            return False
        self._frames_of_other_light += 1
        if self._frames_of_other_light >= LIGHT_CHANGE_FRAMES:
            self._frames_of_other_light = 0
            self._pictures = 0
            self._model = _new_model()
        return True

    def _one(self) -> float:
        """Square metres that one person covers here."""
        if len(self._lone_areas) < LEARN_FROM:
            return self._person_area
        return self._lone_areas.value()

    def _people_in(self, area: float) -> int:
        if SMALLEST_SHARE < area / self._person_area < 1.5:
            self._lone_areas.add(area)
        return max(1, int(area / self._one() + 1 - SECOND_SHARE))


def _new_model() -> cv2.BackgroundSubtractorMOG2:
    model = cv2.createBackgroundSubtractorMOG2(varThreshold=VARIANCE_THRESHOLD, detectShadows=True)
    model.setShadowThreshold(SHADOW_SHARE)
    model.setBackgroundRatio(BACKGROUND_SHARE)
    return model


def _split(labels: NDArray[np.int32], stats: NDArray[np.int32], label: int, number: int, scale: float) -> Points:
    """The blob's pixels in ``number`` groups by k-means, begun at points far from each other: their centres, n x 2."""
    left, top, width, height = (int(v) for v in stats[:4])
    rows, columns = np.nonzero(labels[top : top + height, left : left + width] == label)
    thinned = slice(None, None, max(1, len(rows) // (number * PIXELS_A_PERSON)))
    pixels = np.column_stack([columns[thinned] + left, rows[thinned] + top]).astype(np.float64)
    centres = _far_apart(pixels, number)
    for _ in range(12):
        nearest = cKDTree(centres).query(pixels)[1]
        size = np.maximum(np.bincount(nearest, minlength=number), 1)
        sums = [np.bincount(nearest, weights=pixels[:, axis], minlength=number) for axis in (0, 1)]
        moved = np.column_stack(sums) / size[:, None]
        settled = np.abs(moved - centres).max() < 0.1
        centres = moved
        if settled:
            break
    return np.asarray((centres + 0.5) / scale - 0.5, dtype=np.float64)


def _far_apart(pixels: Points, number: int) -> Points:
    chosen = [pixels[np.argmax(np.sum((pixels - pixels.mean(axis=0)) ** 2, axis=1))]]
    distance = np.sum((pixels - chosen[0]) ** 2, axis=1)
    while len(chosen) < number:
        chosen.append(pixels[np.argmax(distance)])
        distance = np.minimum(distance, np.sum((pixels - chosen[-1]) ** 2, axis=1))
    return np.array(chosen)
