"""A face as a detector finds it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.kernel.geometry import Box


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """``landmarks`` are 5 x 2 float32 pixels: the subject's right eye, left eye, nose tip, right and
    left corner of the mouth. ``confidence`` is the detector's, 0..1.
    """

    box: Box
    landmarks: NDArray[np.float32]
    confidence: float
