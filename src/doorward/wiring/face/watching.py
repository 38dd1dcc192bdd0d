"""Watching a source until somebody presents themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from doorward.errors import MoreThanOneFace, NoFace
from doorward.face.capture import ONE_CLOSE_FRONTAL, find_subject
from doorward.face.presentation import PresentationPolicy, PresentationWatcher, Sighting
from doorward.face.quality import measure_quality
from doorward.kernel.image import Frame
from doorward.wiring.face.models import FaceModels

FRAMES_A_SECOND = 10.0

HINTS = {
    "act": "Tilt your head to one side, then hold it upright.",
    "two": "One person at a time, please.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What one frame told: a completed presentation, or a hint for who stands there. ``is_there``: somebody does."""

    seconds: float
    best: Sighting | None
    hint: str | None
    is_there: bool = True


def watch(
    frames: Iterator[Frame],
    models: FaceModels,
    policy: PresentationPolicy,
    ready: Callable[[], bool] = lambda: True,
) -> Iterator[Observation]:
    """Judge frames at ``FRAMES_A_SECOND`` of the source's own time at most; nobody is looked at unless ``ready``."""
    watcher = PresentationWatcher(policy)
    last = float("-inf")
    for frame in frames:
        if frame.seconds - last < 1 / FRAMES_A_SECOND - 1e-6:
            continue
        last = frame.seconds
        sighting, hint = _sight(frame, models) if ready() else (None, None)
        is_there = sighting is not None or hint is not None
        best = watcher.observe(frame.seconds, sighting)
        if watcher.awaits_act:
            hint = HINTS["act"]
        yield Observation(frame.seconds, best, hint, is_there)


def _sight(frame: Frame, models: FaceModels) -> tuple[Sighting | None, str | None]:
    try:
        face = find_subject(frame.image, models.detector, ONE_CLOSE_FRONTAL)
    except NoFace:
        return None, None
    except MoreThanOneFace:
        return None, HINTS["two"]
    quality = measure_quality(frame.image, face, ONE_CLOSE_FRONTAL.limits)
    hint = quality.issues[0].sentence if quality.issues else None
    return Sighting(frame.image, face, quality), hint
