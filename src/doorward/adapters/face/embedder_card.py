"""What is known of an embedder: its file, and how an aligned face becomes its input."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from doorward.adapters.face.cards import SFACE
from doorward.adapters.models.card import ModelCard
from doorward.face.alignment import ALIGNED_SIZE

_NON_COMMERCIAL = re.compile(
    r"non[\s-]?commercial|\bNC\b|research[\s-]+(use[\s-]+)?only|only[\s-]+for[\s-]+research|academic", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class EmbedderInput:
    """An aligned face as the model takes it: N x 3 x ``size`` x ``size`` float32, (pixel - ``mean``) * ``scale``.

    Pixels are 0..255, ``channels`` in the order ``rgb`` or ``bgr``. ``dimension``: numbers in a template.
    """

    size: int
    mean: float
    scale: float
    channels: str
    dimension: int


@dataclass(frozen=True, slots=True)
class EmbedderCard:
    card: ModelCard
    input: EmbedderInput

    @property
    def model(self) -> str:
        """The name that stands in ``TemplateOrigin``.

        It changes with the file and with how its input is made, so that templates of another making never compare.
        The model that Doorward carries has its plain name.
        """
        if self == SFACE_EMBEDDER:
            return self.card.name
        made = json.dumps([self.card.sha256, asdict(self.input)], sort_keys=True)
        return f"{self.card.name}@{hashlib.sha256(made.encode()).hexdigest()[:12]}"

    @property
    def is_non_commercial(self) -> bool:
        """Do the words of its licence forbid commercial use?"""
        return is_non_commercial(self.card.licence)


def is_non_commercial(licence: str) -> bool:
    """Do the words of ``licence`` forbid commercial use?"""
    return _NON_COMMERCIAL.search(licence) is not None


SFACE_EMBEDDER = EmbedderCard(SFACE, EmbedderInput(ALIGNED_SIZE, 0.0, 1.0, "rgb", 128))
