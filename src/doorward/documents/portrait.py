"""The portrait on a document's page."""

from doorward.errors import NoFace, PoorQuality
from doorward.face.capture import Capture
from doorward.face.ports import FaceDetector, FaceEmbedder
from doorward.face.quality import DEFAULT_LIMITS, measure_quality
from doorward.kernel.image import Image


def capture_portrait(page: Image, detector: FaceDetector, embedder: FaceEmbedder) -> Capture:
    """The largest face on the upright ``page``: a smaller one is the ghost image that many documents repeat it in.

    ``NoFace`` or ``PoorQuality`` where there is none that can be compared.
    """
    faces = detector.detect(page)
    if not faces:
        raise NoFace("No face was found on the document; show the page with the portrait.")
    quality = measure_quality(page, faces[0], DEFAULT_LIMITS)
    if quality.issues:
        raise PoorQuality(
            "The document's portrait cannot be compared reliably; scan it larger, in even light.",
            quality.issues[0].value,
        )
    (template,) = embedder.embed([(page, faces[0])])
    return Capture(faces[0], quality, template)
