"""A checkpoint at work: from frames to decisions, passages and counters."""

from collections.abc import Iterator
from dataclasses import dataclass

from doorward.adapters.video.source import open_source
from doorward.errors import LimitExceeded
from doorward.face.capture import Capture
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.presentation import Act, PresentationPolicy, Sighting
from doorward.kernel.audit import Actor
from doorward.passages.checkpoint import Checkpoint
from doorward.people.person import Identifier
from doorward.wiring.face.claims import Claims
from doorward.wiring.face.site import Site
from doorward.wiring.face.watching import watch

ASK_FOR_BADGE = "Show your badge first."


@dataclass(frozen=True, slots=True)
class CheckpointEvent:
    """What a frame brought: a decision, or only a hint. ``name``: display name of who was let in."""

    seconds: float
    decision: Decision | None
    name: str | None
    recorded: bool
    hint: str | None


def run_checkpoint(
    site: Site, door: Checkpoint, source: str, claims: Claims | None = None, presentations: int | None = None
) -> Iterator[CheckpointEvent]:
    """Decide once a presentation until the source ends, or so many ``presentations`` were decided.

    With ``claims`` every presentation is verified against the next badge number; without, it is identified
    in the checkpoint's group after the checkpoint's act (``ProfileOff`` in the verify profile).
    """
    if claims is None:
        site.profiles.current().require_identification()
    policy = PresentationPolicy(act=Act.NONE if claims else door.act)

    def claimed() -> bool:
        return claims is None or claims.waiting

    actor = Actor(f"checkpoint {door.name}", "passage")
    decided = 0
    with open_source(source) as frames:
        for seen in watch(iter(frames), site.models, policy, claimed):
            if seen.best is None:
                hint = seen.hint if claimed() else ASK_FOR_BADGE
                yield CheckpointEvent(seen.seconds, None, None, recorded=False, hint=hint)
                continue
            decision = _decide(site, door, seen.best, claims, actor)
            yield _act_on(site, door, decision, seen.seconds)
            decided += 1
            if decided == presentations:
                return


def _decide(site: Site, door: Checkpoint, best: Sighting, claims: Claims | None, actor: Actor) -> Decision:
    if claims is None:
        try:
            site.identifier.admit(door.id)
        except LimitExceeded:
            return Decision(Outcome.REFUSED, Reason.TOO_MANY_ATTEMPTS)
    (template,) = site.models.embedder.embed([(best.image, best.face)])
    if claims is None:
        return site.identify_capture(Capture(best.face, best.quality, template), door, actor)
    badge = claims.take()
    claimed = site.register.find(Identifier.BADGE, badge) if badge else None
    decision = site.verifier.verify(actor, claimed, template, best.quality)
    if decision.person and not site.may_pass(decision.person, door):
        return Decision(Outcome.REFUSED, Reason.NOT_MATCHED, None, decision.threshold, best.quality)
    return decision


def _act_on(site: Site, door: Checkpoint, decision: Decision, seconds: float) -> CheckpointEvent:
    if decision.person is None:
        site.doorkeeper.turn_away(door)
        return CheckpointEvent(seconds, decision, None, recorded=False, hint=None)
    passage = site.doorkeeper.let_through(door, decision.person)
    name = site.stores.people.get(decision.person).display_name
    return CheckpointEvent(seconds, decision, name, recorded=passage is not None, hint=None)
