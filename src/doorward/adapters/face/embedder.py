"""Templates made by SFace."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.pixels import shrink, warp
from doorward.adapters.models.session import ModelSession
from doorward.errors import InternalError
from doorward.face.alignment import ALIGNED_SIZE, alignment_of
from doorward.face.sample import Face
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.image import Image

_LARGEST_BATCH = 16


class SFaceEmbedder:
    """Fills ``FaceEmbedder``."""

    def __init__(self, model: str, session: ModelSession) -> None:
        self._session = session
        self._origin = TemplateOrigin(model, session.choice.runtime.value, session.choice.precision.value)

    @property
    def origin(self) -> TemplateOrigin:
        return self._origin

    def embed(self, samples: Sequence[tuple[Image, Face]]) -> tuple[Template, ...]:
        templates: list[Template] = []
        for start in range(0, len(samples), _LARGEST_BATCH):
            batch = np.concatenate([_aligned(image, face) for image, face in samples[start : start + _LARGEST_BATCH]])
            (vectors,) = self._session.run(batch).values()
            templates += [Template(_unit(vector), self._origin) for vector in vectors]
        return tuple(templates)


def _aligned(image: Image, face: Face) -> NDArray[np.float32]:
    """The aligned face as the model takes it: 1 x 3 x 112 x 112, red, green, blue."""
    transform = alignment_of(face.landmarks)
    scale = float(np.hypot(*transform[:, 0]))
    divisor = int(min(8, 0.5 / scale)) if scale > 0 else 1
    if divisor > 1:
        # A large face is averaged down first: sampling it sparsely would alias.
        height, width = (max(1, length // divisor) for length in image.shape[:2])
        exact = np.array([image.shape[1] / width, image.shape[0] / height])
        image = shrink(image, width, height)
        # Pixel centres: (x + 0.5) / exact - 0.5 on the small picture.
        landmarks = (face.landmarks.astype(np.float64) + 0.5) / exact - 0.5
        transform = alignment_of(landmarks)
    crop = warp(image, transform, ALIGNED_SIZE)
    return np.ascontiguousarray(crop[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        raise InternalError("The face model gave no direction; run `doorward models verify`.")
    unit: NDArray[np.float32] = np.ascontiguousarray(vector / length, dtype=np.float32)
    return unit
