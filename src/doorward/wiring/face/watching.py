"""Watching a source until somebody presents themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from doorward.adapters.video.source import open_source
from doorward.errors import MoreThanOneFace, NoFace, SourceError, WrongUse
from doorward.face.capture import ONE_CLOSE_FRONTAL, find_subject
from doorward.face.presentation import PresentationPolicy, PresentationWatcher, Sighting
from doorward.face.quality import measure_quality
from doorward.face.template import Template
from doorward.kernel.image import Frame
from doorward.wiring.face.models import FaceModels

FRAMES_A_SECOND = 10.0
LONGEST_WAIT = 60.0
"""Seconds that a live capture waits for a usable face."""

HINTS = {
    "act": "Tilt your head to one side, then hold it upright.",
    "two": "One person at a time, please.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What one frame told: a completed presentation, or a hint for who stands there."""

    seconds: float
    best: Sighting | None
    hint: str | None


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
        best = watcher.observe(frame.seconds, sighting)
        if watcher.awaits_act:
            hint = HINTS["act"]
        yield Observation(frame.seconds, best, hint)


def capture_live(spec: str, models: FaceModels, *, unsafe_recorded: bool = False) -> Template:
    """The template of who presents themselves before a camera.

    A recording is refused unless ``unsafe_recorded``: it shows that somebody once stood there, not that they do.
    ``SourceError`` when nobody usable appears before the source ends or ``LONGEST_WAIT`` passes.
    """
    with open_source(spec) as source:
        if not source.is_live and not unsafe_recorded:
            raise WrongUse(
                "A live capture needs a camera or stream; a recording proves nobody's presence "
                "(--unsafe-recorded-source takes one all the same, for trials)."
            )
        hint = "nobody stood before the camera"
        for seen in watch(iter(source), models, PresentationPolicy()):
            if seen.best is not None:
                (template,) = models.embedder.embed([(seen.best.image, seen.best.face)])
                return template
            hint = seen.hint or hint
            if seen.seconds > LONGEST_WAIT:
                break
    raise SourceError(f"No usable face was seen ({hint.rstrip('.')}); try again.")


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
