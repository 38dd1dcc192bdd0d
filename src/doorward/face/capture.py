"""From a photo to a template: one person, good enough to compare.

A second face counts as a second subject when its box has at least ``policy.second_subject_share`` of the
largest one's area: two and a half times as far away at most. Whoever stands further back is not before the camera,
and is not compared.
"""

from dataclasses import dataclass

from doorward.errors import MoreThanOneFace, NoFace, PoorQuality
from doorward.face.ports import FaceDetector, FaceEmbedder
from doorward.face.quality import CLOSE_FRONTAL_LIMITS, DEFAULT_LIMITS, QualityLimits, QualityReport, measure_quality
from doorward.face.sample import Face
from doorward.face.template import Template
from doorward.kernel.image import Image


@dataclass(frozen=True, slots=True)
class CapturePolicy:
    """What a capture must be. ``second_subject_share``: 0..1, of the largest face's area."""

    name: str
    limits: QualityLimits
    second_subject_share: float


ONE_PERSON = CapturePolicy("one-person", DEFAULT_LIMITS, second_subject_share=0.15)
ONE_CLOSE_FRONTAL = CapturePolicy("one-close-frontal", CLOSE_FRONTAL_LIMITS, second_subject_share=0.15)


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """``former``: the template by the model before the one in use, where that is asked for too."""

    face: Face
    quality: QualityReport
    template: Template
    former: Template | None = None


def find_subject(image: Image, detector: FaceDetector, policy: CapturePolicy = ONE_PERSON) -> Face:
    """The one face before the camera; ``NoFace`` or ``MoreThanOneFace`` when there is not exactly one."""
    faces = detector.detect(image)
    if not faces:
        raise NoFace("No face was found; look at the camera, in good light, without anything before the face.")
    if len(faces) > 1 and faces[1].box.area >= policy.second_subject_share * faces[0].box.area:
        raise MoreThanOneFace("More than one face was found; one person at a time.")
    return faces[0]


def capture(
    image: Image,
    detector: FaceDetector,
    embedder: FaceEmbedder,
    policy: CapturePolicy = ONE_PERSON,
    former: FaceEmbedder | None = None,
) -> Capture:
    """Detect, judge, embed; raises ``NoFace``, ``MoreThanOneFace`` or ``PoorQuality`` with what to do."""
    face = find_subject(image, detector, policy)
    quality = measure_quality(image, face, policy.limits)
    if quality.issues:
        worst = quality.issues[0]
        raise PoorQuality(worst.sentence, worst.value)
    (template,) = embedder.embed([(image, face)])
    return Capture(face, quality, template, embedded_by(former, image, face))


def embedded_by(former: FaceEmbedder | None, image: Image, face: Face) -> Template | None:
    """The face's template by the model before, if there is one still."""
    return None if former is None else former.embed([(image, face)])[0]


def capture_one_close_frontal(
    image: Image, detector: FaceDetector, embedder: FaceEmbedder, former: FaceEmbedder | None = None
) -> Capture:
    """The capture that a search takes: one person, close and facing the camera."""
    return capture(image, detector, embedder, ONE_CLOSE_FRONTAL, former)
