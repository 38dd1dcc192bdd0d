"""The stored vector, and what made it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TemplateOrigin:
    """Which model, runtime and precision made a template; only templates of one model compare."""

    model: str
    runtime: str
    precision: str


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """``vector``: float32 of unit length, of the model's dimension (SFace: 128)."""

    vector: NDArray[np.float32]
    origin: TemplateOrigin
