"""From frames to presentations: whoever stands before the camera and does what they are asked, one at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from doorward.face.pad import PadMethod
from doorward.face.presentation import Act, PresentationPolicy
from doorward.kernel.image import Frame
from doorward.wiring.face.attack_guard import Challenger, Methods
from doorward.wiring.face.challenging import Moved, watch_movements
from doorward.wiring.face.claims import CheckpointClaims
from doorward.wiring.face.models import FaceModels
from doorward.wiring.face.watching import watch


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What a checkpoint watches for. ``holder``: whose movements are asked for, where ``checks`` ask for any; they take
    the ``act``'s place.
    """

    models: FaceModels
    challenger: Challenger
    checks: Methods
    act: Act
    holder: str


def presented(frames: Iterator[Frame], eyes: Watch, claims: CheckpointClaims | None) -> Iterator[Moved]:
    """What every judged frame told. With ``claims`` nobody is looked at before one waits, and no act is asked for."""
    if claims is None:
        yield from _judged(frames, eyes, eyes.act, lambda: True)
        return
    for seen in _judged(claims.watching(frames), eyes, Act.NONE, lambda: claims.waiting):
        claims.see_face(seen.seconds, is_there=seen.is_there)
        yield seen


def hint_of(seen: Moved, claims: CheckpointClaims | None) -> str | None:
    """What to tell whoever stands there."""
    return claims.ask if claims is not None and not claims.waiting else seen.hint


def _judged(frames: Iterator[Frame], eyes: Watch, act: Act, ready: Callable[[], bool]) -> Iterator[Moved]:
    if PadMethod.ACTIVE in eyes.checks:
        yield from watch_movements(frames, eyes.models, eyes.challenger, eyes.holder, ready)
        return
    for seen in watch(frames, eyes.models, PresentationPolicy(act=act), ready):
        yield Moved(seen.seconds, seen.hint, seen.best, is_there=seen.is_there)
