"""A picture held against a scene's still: matched corners tell how the camera moved between them.

ORB (Rublee et al., ICCV 2011) finds and matches them; a shift, turn and zoom that most agree on is found by RANSAC,
which leaves out those on people.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from doorward.crowd.camera_shift import CameraShift, Standing, judged
from doorward.crowd.geometry import as_points
from doorward.crowd.still import GREY, is_dark
from doorward.kernel.image import Image

FEATURES = 1500
ENOUGH = 80
"""Corners in a picture from which it shows enough to be compared."""
AGREEING = 20
AGREEING_SHARE = 0.3
"""So many matches, and this share of them, have to agree on one movement."""
RATIO = 0.75
"""A match counts when its descriptor is nearer than this share of the next: Lowe, IJCV 60, 2004."""
REACH = 2.0
"""Pixels by which a match may miss the movement that it agrees on."""


def compare(still: Image, picture: Image, points: Sequence[tuple[float, float]]) -> CameraShift:
    """How far the clicked ``points`` (pixels) of the ``still`` lie elsewhere in the ``picture`` of the same size."""
    if still.shape != picture.shape or is_dark(picture) or is_dark(still):
        return CameraShift(Standing.UNKNOWN)
    orb = cv2.ORB.create(FEATURES)
    before, known = orb.detectAndCompute(_even(still), _floor_of(still))
    after, seen = orb.detectAndCompute(_even(picture), None)
    if min(len(before), len(after)) < ENOUGH:
        return CameraShift(Standing.UNKNOWN)
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(known, seen, k=2)
    good = [best for best, *others in pairs if others and best.distance < RATIO * others[0].distance]
    if len(good) < AGREEING:
        return CameraShift(Standing.OTHER)
    first = np.array([before[match.queryIdx].pt for match in good], dtype=np.float64)
    second = np.array([after[match.trainIdx].pt for match in good], dtype=np.float64)
    movement, inliers = cv2.estimateAffinePartial2D(first, second, ransacReprojThreshold=REACH)
    if movement is None or inliers.sum() < max(AGREEING, AGREEING_SHARE * len(good)):
        return CameraShift(Standing.OTHER)
    clicked = as_points(points)
    moved = clicked @ movement[:, :2].T + movement[:, 2]
    return judged(float(np.median(np.linalg.norm(moved - clicked, axis=1))), still.shape[1])


def _floor_of(still: Image) -> Image:
    """255 where the still shows the place, 0 on and beside what was painted grey, whose edges are none of the place."""
    shown = np.where((still == GREY).all(axis=-1), 0, 255).astype(np.uint8)
    opened = cv2.morphologyEx(shown, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.erode(opened, np.ones((31, 31), np.uint8)), dtype=np.uint8)


def _even(image: Image) -> Image:
    """Grey, with light made even, so that day and lamplight give the same corners."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.createCLAHE(2.0, (8, 8)).apply(grey), dtype=np.uint8)
