"""Templates made by a model that takes aligned faces, SFace and those like ArcFace."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.embedder_card import EmbedderCard, EmbedderInput
from doorward.adapters.face.pixels import divided, warp
from doorward.adapters.models.session import ModelSession
from doorward.errors import InternalError, ModelRefused
from doorward.face.alignment import ALIGNED_SIZE, alignment_of
from doorward.face.sample import Face
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.image import Image

_LARGEST_BATCH = 16


class AlignedFaceEmbedder:
    """Fills ``FaceEmbedder``; ``ModelRefused`` when the model's output is not what its card says."""

    def __init__(self, card: EmbedderCard, session: ModelSession) -> None:
        self._card = card
        self._session = session
        self._origin = TemplateOrigin(card.model, session.choice.runtime.value, session.choice.precision.value)

    @property
    def origin(self) -> TemplateOrigin:
        return self._origin

    def embed(self, samples: Sequence[tuple[Image, Face]]) -> tuple[Template, ...]:
        templates: list[Template] = []
        for start in range(0, len(samples), _LARGEST_BATCH):
            batch = np.concatenate(
                [_aligned(image, face, self._card.input) for image, face in samples[start : start + _LARGEST_BATCH]]
            )
            outputs = list(self._session.run(batch).values())
            if len(outputs) != 1 or outputs[0].shape != (len(batch), self._card.input.dimension):
                raise ModelRefused(
                    f"The model {self._card.card.name} does not give {self._card.input.dimension} numbers a face; "
                    "correct its card, or export it with one output and a batch of any size."
                )
            templates += [Template(_unit(vector), self._origin) for vector in outputs[0]]
        return tuple(templates)


def _aligned(image: Image, face: Face, wanted: EmbedderInput) -> NDArray[np.float32]:
    """The aligned face as the model takes it, a batch of one."""
    transform = _alignment(face.landmarks, wanted.size)
    scale = float(np.hypot(*transform[:, 0]))
    divisor = int(min(8, 0.5 / scale)) if scale > 0 else 1
    if divisor > 1:
        # A large face is averaged down first: sampling it sparsely would alias.
        image, landmarks = _shrunk(image, face.landmarks, transform, wanted.size, divisor)
        transform = _alignment(landmarks, wanted.size)
    crop = warp(image, transform, wanted.size)
    ordered = crop[:, :, ::-1] if wanted.channels == "rgb" else crop
    values = np.ascontiguousarray(ordered.transpose(2, 0, 1)[None], dtype=np.float32)
    if wanted.mean:
        values -= np.float32(wanted.mean)
    if wanted.scale != 1.0:
        values *= np.float32(wanted.scale)
    return values


def _shrunk(
    image: Image, landmarks: NDArray[np.float32], transform: NDArray[np.float64], size: int, divisor: int
) -> tuple[Image, NDArray[np.float64]]:
    """What ``transform`` shows of ``image``, divided by ``divisor``, and the landmarks there."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]]) - transform[:, 2]
    seen = corners @ np.linalg.inv(transform[:, :2]).T
    limits = np.array([image.shape[1], image.shape[0]])
    start = np.clip(np.floor(seen.min(axis=0)) - 2 * divisor, 0, limits - divisor).astype(int)
    end = np.clip(np.ceil(seen.max(axis=0)) + 2 * divisor, start + divisor, limits).astype(int)
    small = divided(image[start[1] : end[1], start[0] : end[0]], divisor)
    # Pixel centres: (x + 0.5) / divisor - 0.5 on the small picture.
    return small, (landmarks.astype(np.float64) - start + 0.5) / divisor - 0.5


def _alignment(landmarks: NDArray[np.floating], size: int) -> NDArray[np.float64]:
    transform = alignment_of(landmarks)
    if size == ALIGNED_SIZE:
        return transform
    factor = size / ALIGNED_SIZE
    scaled = transform * factor
    # Pixel centres: (x + 0.5) * factor - 0.5 on the picture of another size.
    scaled[:, 2] += (factor - 1) / 2
    return scaled


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        raise InternalError("The face model gave no direction; run `doorward models verify`.")
    unit: NDArray[np.float32] = np.ascontiguousarray(vector / length, dtype=np.float32)
    return unit
