"""Presentation attacks told by the MiniFASNet pair of Silent-Face-Anti-Spoofing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.pixels import interpolate
from doorward.adapters.models.session import ModelSession
from doorward.errors import InternalError
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image

SIDE = 80
"""Pixels a side of what the models take."""

BONA_FIDE = 1
"""The place of the bona fide class among the three; the others are kinds of attack."""


@dataclass(frozen=True, slots=True, eq=False)
class ScaledModel:
    """A model, and how much larger than the face's box its crop is."""

    session: ModelSession
    scale: float


class MiniFasNetDetector:
    """Fills ``PresentationAttackDetector``: the mean of the models' probabilities of the bona fide class."""

    def __init__(self, name: str, models: Sequence[ScaledModel]) -> None:
        self._name = name
        self._models = tuple(models)

    @property
    def name(self) -> str:
        return self._name

    def score(self, image: Image, face: Face) -> float:
        found = [_bona_fide(model.session.run(_input(image, face.box, model.scale))) for model in self._models]
        return float(np.mean(found))


def crop_of(box: Box, scale: float, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (both exclusive) of the crop in a picture of ``width`` x ``height`` pixels.

    As in the maker's ``generate_patches.py``: the box is scaled about its middle, by less where the picture would not
    hold it, and moved into the picture.
    """
    scale = min((height - 1) / max(box.height, 1.0), (width - 1) / max(box.width, 1.0), scale)
    left, right = _moved(box.x + box.width / 2, max(box.width, 1.0) * scale, width)
    top, bottom = _moved(box.y + box.height / 2, max(box.height, 1.0) * scale, height)
    return left, top, right, bottom


def _moved(middle: float, length: float, limit: int) -> tuple[int, int]:
    start = min(max(middle - length / 2, 0.0), limit - 1 - length)
    return max(int(start), 0), min(int(start + length) + 1, limit)


def _input(image: Image, box: Box, scale: float) -> NDArray[np.float32]:
    """1 x 3 x 80 x 80, blue, green, red, 0..255."""
    left, top, right, bottom = crop_of(box, scale, image.shape[1], image.shape[0])
    piece = interpolate(np.ascontiguousarray(image[top:bottom, left:right]), SIDE)
    return np.ascontiguousarray(piece.transpose(2, 0, 1)[None], dtype=np.float32)


def _bona_fide(outputs: Mapping[str, NDArray[np.float32]]) -> float:
    (logits,) = outputs.values()
    if logits.shape != (1, 3):
        raise InternalError("The attack detector gave no three classes; run `doorward models verify`.")
    values = np.exp(logits[0].astype(np.float64) - float(logits.max()))
    return float(values[BONA_FIDE] / values.sum())
