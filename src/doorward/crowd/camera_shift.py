"""Whether a camera still sees what it saw when its scene was drawn."""

from dataclasses import dataclass
from enum import StrEnum

MOVED_SHARE = 0.0075
"""A shift of the picture by more than this share of its width has moved the camera; twice a click's error or more."""
MOVED_LEAST = 4.0


class Standing(StrEnum):
    """``OTHER``: both pictures show much, and nothing that they share: turned away, or in quite another light."""

    SAME = "same"
    MOVED = "moved"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CameraShift:
    """``pixels`` by which the clicked points lie elsewhere, the median; None where that cannot be told."""

    standing: Standing
    pixels: float | None = None


def judged(pixels: float, width: int) -> CameraShift:
    """A measured shift, in a picture so many pixels wide."""
    moved = pixels > max(MOVED_LEAST, MOVED_SHARE * width)
    return CameraShift(Standing.MOVED if moved else Standing.SAME, pixels)


def told(shift: CameraShift) -> str:
    """The sentence for a person."""
    if shift.standing is Standing.MOVED:
        return (
            f"The camera moved since the scene was drawn: its points lie about {shift.pixels:.0f} pixels elsewhere. "
            "Turn it back, or draw the scene anew."
        )
    return {
        Standing.SAME: "The camera sees the place as it did when the scene was drawn.",
        Standing.OTHER: (
            "The picture shows nothing of the scene's still: the camera was turned, or the light is quite another. "
            "Look at it, and draw the scene anew if it was turned."
        ),
        Standing.UNKNOWN: "Whether the camera moved is unknown: the picture, or the still, shows too little for it.",
    }[shift.standing]
