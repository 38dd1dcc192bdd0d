"""Whoever stands before a camera to be enrolled or confirmed: captured once, checked as the site asks."""

from collections.abc import Callable, Iterator

from doorward.adapters.video.source import open_source
from doorward.errors import SourceError, WrongUse
from doorward.face.capture import embedded_by
from doorward.face.pad import PadMethod
from doorward.face.ports import FaceEmbedder
from doorward.face.presentation import PresentationPolicy
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.kernel.image import Frame
from doorward.wiring.face.attack_guard import AttackGuard, Methods, Seen
from doorward.wiring.face.challenging import Moved, watch_movements
from doorward.wiring.face.models import FaceModels
from doorward.wiring.face.watching import watch

LONGEST_WAIT = 60.0
"""Seconds that a live capture waits for a usable face."""

Tell = Callable[[str], None]
"""Says to whoever stands there what to do."""


def capture_live(
    spec: str,
    models: FaceModels,
    guard: AttackGuard,
    actor: Actor,
    person: PersonId,
    *,
    former: FaceEmbedder | None = None,
    unsafe_recorded: bool = False,
    tell: Tell = lambda _: None,
) -> Seen:
    """Who presents themselves before a camera to be enrolled as ``person``.

    A recording is refused unless ``unsafe_recorded``: it shows that somebody once stood there, not that they do.
    ``SourceError`` when nobody usable appears before the source ends or ``LONGEST_WAIT`` passes; ``AttackChecksFailed``
    when they fail what is asked for against presentation attacks.
    """
    required = guard.required_at_enrolment()
    for seen in presented_before(spec, models, guard, actor, required, unsafe_recorded=unsafe_recorded, tell=tell):
        if seen.refusal is not None:
            guard.refuse_enrolment(actor, person, seen.refusal)
        if seen.sighting is not None:
            best = seen.sighting
            (template,) = models.embedder.embed([(best.image, best.face)])
            taken = Seen(best.image, best.face, template, embedded_by(former, best.image, best.face))
            guard.require_at_enrolment(taken, actor, person, seen.nonce)
            return taken
    raise SourceError("No usable face was seen; try again.")


def presented_before(
    spec: str,
    models: FaceModels,
    guard: AttackGuard,
    actor: Actor,
    required: Methods,
    *,
    unsafe_recorded: bool = False,
    tell: Tell = lambda _: None,
) -> Iterator[Moved]:
    """Every presentation before a camera, made or refused; errors as in ``capture_live``."""
    with open_source(spec) as source:
        if not source.is_live and not unsafe_recorded:
            raise WrongUse(
                "A live capture needs a camera or stream; a recording proves nobody's presence "
                "(--unsafe-recorded-source takes one all the same, for trials)."
            )
        hint = ""
        for seen in _watched(iter(source), models, guard, required, actor):
            if seen.is_over:
                yield seen
            if seen.hint and seen.hint != hint:
                hint = seen.hint
                tell(hint)
            if seen.seconds > LONGEST_WAIT:
                break
    told = hint.rstrip(".") or "nobody stood before the camera"
    raise SourceError(f"No usable face was seen ({told}); try again.")


def _watched(
    frames: Iterator[Frame], models: FaceModels, guard: AttackGuard, required: Methods, actor: Actor
) -> Iterator[Moved]:
    if PadMethod.ACTIVE in required:
        yield from watch_movements(frames, models, guard, actor.name)
        return
    for seen in watch(frames, models, PresentationPolicy()):
        yield Moved(seen.seconds, seen.hint, seen.best)
