"""Whether a face in a photo can be compared reliably, and if not, what the person can do about it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import laplace

from doorward.face.alignment import aligned_luma
from doorward.face.sample import Face
from doorward.kernel.image import Image


class QualityIssue(StrEnum):
    """What is wrong with a capture; ``sentence`` tells the person what to do."""

    TOO_SMALL = "face_too_small"
    CUT_OFF = "face_cut_off"
    TURNED = "face_turned"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LOW_CONTRAST = "low_contrast"
    BLURRED = "blurred"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    QualityIssue.TOO_SMALL: "Come closer: the face is too small.",
    QualityIssue.CUT_OFF: "Move into the middle of the picture: part of the face is cut off.",
    QualityIssue.TURNED: "Look straight at the camera: the face is turned away.",
    QualityIssue.TOO_DARK: "Find more light: the face is too dark.",
    QualityIssue.TOO_BRIGHT: "Find softer light: the face is too bright.",
    QualityIssue.LOW_CONTRAST: "Find even, clear light: the face can hardly be told from its surroundings.",
    QualityIssue.BLURRED: "Hold still and clean the lens: the face is blurred.",
}


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """A named set of limits; the fields are those of ``QualityReport``."""

    name: str
    min_face_pixels: float
    min_face_share: float
    max_outside: float
    max_yaw: float
    max_pitch: float
    max_roll: float
    min_brightness: float
    max_brightness: float
    min_contrast: float
    min_sharpness: float


# Set so that ordinary press photos pass and their dimmed, blurred, turned, tiny and cut-off variants do not.
DEFAULT_LIMITS = QualityLimits(
    name="default-1",
    min_face_pixels=40.0,
    min_face_share=0.0,
    max_outside=0.1,
    max_yaw=0.55,
    max_pitch=0.35,
    max_roll=40.0,
    min_brightness=45.0,
    max_brightness=225.0,
    min_contrast=14.0,
    min_sharpness=2.0,
)

CLOSE_FRONTAL_LIMITS = QualityLimits(
    name="close-frontal-1",
    min_face_pixels=64.0,
    min_face_share=0.15,
    max_outside=0.05,
    max_yaw=0.4,
    max_pitch=0.3,
    max_roll=25.0,
    min_brightness=45.0,
    max_brightness=225.0,
    min_contrast=14.0,
    min_sharpness=2.0,
)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What was measured on one face, and what is wrong with it, most useful remark first.

    ``face_pixels``: the shorter side of the face's box. ``face_share``: that side over the picture's shorter
    side, 0..1. ``outside``: share of the box outside the picture, 0..1. ``yaw``, ``pitch``: how far the nose
    lies from its frontal place, in eye distances, signed (about 0.5 is 30 degrees of yaw). ``roll``: degrees.
    ``brightness``: mean luma of the aligned face, 0..255; ``contrast``: its standard deviation.
    ``sharpness``: variance of the Laplacian of the aligned face, relative to its contrast, in percent.
    """

    issues: tuple[QualityIssue, ...]
    face_pixels: float
    face_share: float
    outside: float
    yaw: float
    pitch: float
    roll: float
    brightness: float
    contrast: float
    sharpness: float

    @property
    def is_good(self) -> bool:
        return not self.issues

    @property
    def score(self) -> float:
        """0..1, to choose the best of several frames of one face: frontal, sharp and large is better."""
        frontal = max(0.0, 1.0 - abs(self.yaw)) * max(0.0, 1.0 - abs(self.pitch)) * max(0.0, 1.0 - abs(self.roll) / 90)
        sharp = self.sharpness / (self.sharpness + _HALF_SHARP)
        large = self.face_pixels / (self.face_pixels + _HALF_LARGE)
        return frontal * sharp * large * (1.0 - self.outside)

    def to_json(self) -> dict[str, object]:
        """Plain values, rounded to what is meaningful."""
        return {
            "issues": [issue.value for issue in self.issues],
            "face_pixels": round(self.face_pixels),
            "face_share": round(self.face_share, 3),
            "outside": round(self.outside, 3),
            "yaw": round(self.yaw, 3),
            "pitch": round(self.pitch, 3),
            "roll": round(self.roll, 1),
            "brightness": round(self.brightness, 1),
            "contrast": round(self.contrast, 1),
            "sharpness": round(self.sharpness, 1),
        }


def measure_quality(image: Image, face: Face, limits: QualityLimits = DEFAULT_LIMITS) -> QualityReport:
    """Measure ``face`` in ``image`` and say which of ``limits`` it breaks."""
    height, width = image.shape[:2]
    face_pixels = min(face.box.width, face.box.height)
    face_share = face_pixels / min(height, width)
    outside = _share_outside(face, width, height)
    yaw, pitch, roll = _pose(face.landmarks)
    luma = aligned_luma(image, face.landmarks)[_FACE_ROWS, _FACE_COLUMNS]
    brightness, contrast = float(luma.mean()), float(luma.std())
    sharpness = 100.0 * float(laplace(luma).var()) / max(contrast**2, 1.0)
    broken = {
        QualityIssue.TOO_SMALL: face_pixels < limits.min_face_pixels or face_share < limits.min_face_share,
        QualityIssue.CUT_OFF: outside > limits.max_outside,
        QualityIssue.TURNED: (
            abs(yaw) > limits.max_yaw or abs(pitch) > limits.max_pitch or abs(roll) > limits.max_roll
        ),
        QualityIssue.TOO_DARK: brightness < limits.min_brightness,
        QualityIssue.TOO_BRIGHT: brightness > limits.max_brightness,
        QualityIssue.LOW_CONTRAST: contrast < limits.min_contrast,
        QualityIssue.BLURRED: sharpness < limits.min_sharpness,
    }
    issues = tuple(issue for issue, is_broken in broken.items() if is_broken)
    return QualityReport(issues, face_pixels, face_share, outside, yaw, pitch, roll, brightness, contrast, sharpness)


# The sharpness and the size in pixels that count as half of the best there is.
_HALF_SHARP, _HALF_LARGE = 20.0, 60.0

# The aligned face without its corners, where the background shows.
_FACE_ROWS, _FACE_COLUMNS = slice(28, 104), slice(24, 88)

_FRONTAL_NOSE = 0.5
"""How far down from the eyes to the mouth the nose tip lies in a frontal face, as a share."""


def _share_outside(face: Face, width: int, height: int) -> float:
    box = face.box
    inside_x = max(0.0, min(box.x + box.width, width) - max(box.x, 0.0))
    inside_y = max(0.0, min(box.y + box.height, height) - max(box.y, 0.0))
    return 1.0 - inside_x * inside_y / max(box.area, 1e-6)


def _pose(landmarks: NDArray[np.float32]) -> tuple[float, float, float]:
    """Yaw and pitch in eye distances and eye-to-mouth heights, roll in degrees."""
    eye_a, eye_b, nose, mouth_a, mouth_b = landmarks.astype(np.float64)
    across = eye_b - eye_a
    distance = max(float(np.hypot(*across)), 1e-6)
    across = across / distance
    down = np.array([-across[1], across[0]])
    eyes, mouth = (eye_a + eye_b) / 2, (mouth_a + mouth_b) / 2
    height = max(float((mouth - eyes) @ down), 1e-6)
    # The face's own middle line runs from the eyes to the mouth, so a leaning mouth is not taken for a turn.
    share_down = float((nose - eyes) @ down) / height
    middle = eyes + share_down * (mouth - eyes)
    yaw = float((nose - middle) @ across) / distance
    return yaw, share_down - _FRONTAL_NOSE, float(np.degrees(np.arctan2(across[1], across[0])))
