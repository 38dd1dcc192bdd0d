"""Which detector finds the people of a scene."""

from dataclasses import dataclass

MOTION = "motion"
"""The detector without weights."""


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """A model file of the user's own: its path, and the SHA-256 (hex) that it has to have."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """``name``: motion, a model, or the format of a model. ``weights``: a file in place of the known models'."""

    name: str = MOTION
    weights: OwnWeights | None = None


BY_MOTION = DetectorChoice()
