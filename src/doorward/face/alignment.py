"""Bringing a face to the place where the models expect it."""

import numpy as np
from numpy.typing import NDArray

from doorward.kernel.image import Image

ALIGNED_SIZE = 112
"""Pixels a side of an aligned face."""

ALIGNED_LANDMARKS: NDArray[np.float64] = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where the five landmarks lie in an aligned face: ArcFace's reference points (Deng et al., CVPR 2019),
which OpenCV's ``FaceRecognizerSF`` uses too."""

_WHOLE = slice(None)
_LUMA = np.array([0.114, 0.587, 0.299], dtype=np.float32)


def similarity_transform(source: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64]:
    """The 2 x 3 rotation, uniform scale and shift that takes ``source`` (n x 2) closest to ``target``.

    Least squares after Umeyama, IEEE TPAMI 13(4), 1991. Points that all coincide give the identity's scale.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred = source - source_mean
    spread = float((centred**2).sum())
    left, singular, right = np.linalg.svd((target - target_mean).T @ centred)
    flip = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    scale = float((singular * flip).sum()) / spread if spread > 0 else 1.0
    linear = scale * (left * flip) @ right
    return np.column_stack([linear, target_mean - linear @ source_mean])


def alignment_of(landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """The 2 x 3 transform from a photo's pixels to the aligned face of ``ALIGNED_SIZE``."""
    return similarity_transform(landmarks.astype(np.float64), ALIGNED_LANDMARKS)


def aligned_luma(
    image: Image, landmarks: NDArray[np.floating], rows: slice = _WHOLE, columns: slice = _WHOLE
) -> NDArray[np.float32]:
    """The luma (Rec. 601) of ``rows`` and ``columns`` of the aligned face, 0..255, bilinear, borders repeated."""
    transform = alignment_of(landmarks)
    inverse = np.linalg.inv(transform[:, :2])
    grid = np.arange(ALIGNED_SIZE, dtype=np.float64)
    across, down = grid[columns], grid[rows]
    origin = -inverse @ transform[:, 2]
    x = (inverse[0, 0] * across + origin[0])[None, :] + (inverse[0, 1] * down)[:, None]
    y = (inverse[1, 0] * across + origin[1])[None, :] + (inverse[1, 1] * down)[:, None]
    height, width = image.shape[:2]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right_share, lower_share = (x - left).astype(np.float32), (y - top).astype(np.float32)
    step_right, step_down = (left < width - 1).astype(np.intp), width * (top < height - 1).astype(np.intp)
    pixels = image.reshape(-1, 3)
    corner = top * width + left
    upper, lower = corner, corner + step_down
    values = [pixels.take(place, axis=0) @ _LUMA for place in (upper, upper + step_right, lower, lower + step_right)]
    above = values[0] + right_share * (values[1] - values[0])
    below = values[2] + right_share * (values[3] - values[2])
    blended: NDArray[np.float32] = above + lower_share * (below - above)
    return blended
