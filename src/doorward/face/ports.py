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


class FaceEmbedder(Protocol):
    @property
    def origin(self) -> TemplateOrigin: ...

    def embed(self, samples: Sequence[tuple[Image, Face]]) -> tuple[Template, ...]:
        """One template a sample, in order; several samples go through the model as one batch."""
        ...
