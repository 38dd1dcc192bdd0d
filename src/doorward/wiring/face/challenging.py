"""Watching a source while people make the movements that they are asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from doorward.adapters.images import decode_photo
from doorward.face.capture import ONE_CLOSE_FRONTAL
from doorward.face.challenge import POLICY, Eyes, Stage
from doorward.face.challenge_book import Issued
from doorward.face.decision import Reason
from doorward.face.presentation import Sighting
from doorward.face.quality import measure_quality
from doorward.face.sample import Face
from doorward.kernel.audit import Actor
from doorward.kernel.image import Frame
from doorward.wiring.face.attack_guard import AttackGuard, Challenger
from doorward.wiring.face.models import FaceModels
from doorward.wiring.face.watching import FRAMES_A_SECOND


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """What one frame told: ``sighting`` and ``nonce`` of who made all movements, a refusal, or only a hint.

    ``is_there``: somebody stands before the camera.
    """

    seconds: float
    hint: str | None = None
    sighting: Sighting | None = None
    nonce: str | None = None
    refusal: Reason | None = None
    is_there: bool = True

    @property
    def is_over(self) -> bool:
        """Whether somebody's presentation ended with this frame."""
        return self.sighting is not None or self.refusal is not None


def eyes_of(frame: Frame, models: FaceModels) -> Eyes:
    """What a challenge may ask about the faces of ``frame``, which are looked at as in any other capture."""
    return Eyes(
        is_usable=lambda face: _sighted(frame, face, models).quality.is_good,
        embed=lambda face: models.embedder.embed([(frame.image, models.second_look.look(frame.image, face))])[0],
    )


def _sighted(frame: Frame, face: Face, models: FaceModels) -> Sighting:
    seen = models.second_look.look(frame.image, face)
    return Sighting(frame.image, seen, measure_quality(frame.image, seen, ONE_CLOSE_FRONTAL.limits))


class ChallengeWatcher:
    """One challenge a presentation: it begins with a face close and frontal, and after its end whoever stands there
    has to leave before the next.
    """

    def __init__(self, models: FaceModels, guard: Challenger, holder: str) -> None:
        self._models = models
        self._guard = guard
        self._book = guard.book
        self._holder = holder
        self._issued: Issued | None = None
        self._over = False
        self._seen = float("-inf")

    def observe(self, frame: Frame, *, may_begin: bool = True) -> Moved:
        faces = self._models.movement_detector.detect(frame.image)
        if faces:
            self._seen = frame.seconds
        is_gone = frame.seconds - self._seen >= POLICY.gone_after
        if self._over:
            self._over = not is_gone
            return Moved(frame.seconds)
        if self._issued is None:
            if not faces or not may_begin or not eyes_of(frame, self._models).is_usable(faces[0]):
                return Moved(frame.seconds)
            self._issued = self._book.issue(self._holder, self._guard.same_face(self._models.embedder.origin.model))
        return self._go_on(frame, faces, self._issued)

    def saw_somebody_at(self, seconds: float) -> bool:
        return self._seen == seconds

    def end(self) -> Reason | None:
        """The source has ended: the refusal of who was asked for movements and had not made all of them."""
        asked = self._issued is not None and self._issued.challenge.stage is not Stage.SETTLING
        return Reason.FACE_LOST if asked else None

    def _go_on(self, frame: Frame, faces: tuple[Face, ...], issued: Issued) -> Moved:
        found = self._book.find(issued.nonce, self._holder)
        if isinstance(found, Reason):
            return self._refused(frame, found)
        challenge = issued.challenge
        was = challenge.stage
        challenge.observe(frame.seconds, faces, eyes_of(frame, self._models))
        if was is Stage.SETTLING and challenge.refusal is Reason.FACE_LOST:
            self._issued = None  # they passed by, and were asked for nothing
            return Moved(frame.seconds)
        if challenge.refusal is not None:
            return self._refused(frame, challenge.refusal)
        if not challenge.is_over:
            return Moved(frame.seconds, challenge.sentence)
        self._issued, self._over = None, True
        return Moved(frame.seconds, None, _sighted(frame, faces[0], self._models), issued.nonce)

    def _refused(self, frame: Frame, reason: Reason) -> Moved:
        self._issued, self._over = None, True
        return Moved(frame.seconds, refusal=reason)


def watch_movements(
    frames: Iterator[Frame],
    models: FaceModels,
    guard: Challenger,
    holder: str,
    ready: Callable[[], bool] = lambda: True,
) -> Iterator[Moved]:
    """Judge frames at ``FRAMES_A_SECOND`` of the source's own time at most; nobody is asked unless ``ready``."""
    watcher = ChallengeWatcher(models, guard, holder)
    last = float("-inf")
    for frame in frames:
        if frame.seconds - last < 1 / FRAMES_A_SECOND - 1e-6:
            continue
        last = frame.seconds
        moved = watcher.observe(frame, may_begin=ready())
        yield replace(moved, is_there=watcher.saw_somebody_at(frame.seconds))
    reason = watcher.end()
    if reason is not None:
        yield Moved(last, refusal=reason)


def observe_photo(
    photo: bytes, models: FaceModels, guard: AttackGuard, nonce: str, actor: Actor, taken_at: datetime | None
) -> Issued | Reason:
    """One frame of the challenge ``nonce``, at the time at which it came; why there is no such challenge.

    ``PhotoError`` for what is no picture.
    """
    image = decode_photo(photo)
    issued = guard.book.find(nonce, actor.name, taken_at)
    if isinstance(issued, Reason):
        return issued
    frame = Frame(image, guard.seconds_of(issued))
    issued.challenge.observe(frame.seconds, models.movement_detector.detect(image), eyes_of(frame, models))
    return issued
