"""What the face room needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from doorward.face.sample import Face
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.image import Image


class FaceDetector(Protocol):
    def detect(self, image: Image) -> tuple[Face, ...]:
        """All faces in ``image``, largest box first; empty when there is none."""
        ...


class SecondLook(Protocol):
    def look(self, image: Image, face: Face) -> Face:
        """``face`` with landmarks found in a picture of its own; as it was where that shows none."""
        ...


class FaceEmbedder(Protocol):
    @property
    def origin(self) -> TemplateOrigin: ...

    def embed(self, samples: Sequence[tuple[Image, Face]]) -> tuple[Template, ...]:
        """One template a sample, in order; several samples go through the model as one batch."""
        ...


class PresentationAttackDetector(Protocol):
    @property
    def name(self) -> str:
        """The model, by which an evaluation is known to be its own."""
        ...

    def score(self, image: Image, face: Face) -> float:
        """0 (a presentation attack) to 1 (bona fide), from one picture; no probability that was ever calibrated."""
        ...
