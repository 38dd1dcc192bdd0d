"""A checkpoint at work: from frames to decisions, passages and counters."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from doorward.adapters.video.decoding import DECODING, Decoding
from doorward.adapters.video.watched import NO_GAPS, Gaps, open_watched
from doorward.errors import LimitExceeded, PersonUnknown
from doorward.face.capture import embedded_by
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.pad import PadMethod
from doorward.kernel.audit import Actor
from doorward.passages.checkpoint import Checkpoint
from doorward.people.enrolment import CapturedFrom
from doorward.verify.claim import Shown
from doorward.verify.second_factor import Factor
from doorward.wiring.face.attack_guard import Seen, refused_movements
from doorward.wiring.face.awaited_factor import ASK_FOR_FACTOR, AwaitedFactor
from doorward.wiring.face.camera_life import CameraLife
from doorward.wiring.face.challenging import Moved
from doorward.wiring.face.claims import CheckpointClaims, shown_by
from doorward.wiring.face.explaining import basis_at
from doorward.wiring.face.presenting import Watch, hint_of, presented
from doorward.wiring.face.site import Site


@dataclass(frozen=True, slots=True)
class CheckpointEvent:
    """What a frame brought: a decision, or only a hint. ``name``: display name of who was let in."""

    seconds: float
    decision: Decision | None
    name: str | None
    recorded: bool
    hint: str | None


def run_checkpoint(
    site: Site,
    door: Checkpoint,
    source: str,
    claims: CheckpointClaims | None = None,
    presentations: int | None = None,
    factor: AwaitedFactor[Decision] | None = None,
    gaps: Gaps = NO_GAPS,
    decoding: Decoding = DECODING,
) -> Iterator[CheckpointEvent]:
    """Decide once a presentation until the source ends, or so many ``presentations`` were decided.

    A camera that was there once is waited for; ``gaps`` are told meanwhile.

    With ``claims`` every presentation is verified against the badge number or credential that was shown; without, it
    is identified in the checkpoint's group after the checkpoint's act (``ProfileOff`` in the verify profile), and by a
    ``factor`` where the face does not decide alone. Where the site or the checkpoint asks for movements, they take the
    act's place. ``EvidenceMissing`` where more may pass than a search was evaluated for and no ``factor`` is read:
    nobody would be let in.
    """
    if claims is None:
        site.profiles.current().require_identification()
        site.searches.lend()
        site.searches.pull_up()
        if factor is None:
            _ = basis_at(site, door).threshold
    checks = site.attack_guard.required(door.attack_checks)
    if PadMethod.PASSIVE in checks:
        _ = site.attack_detector  # without its models nobody is asked to stand here

    actor = Actor(f"checkpoint {door.name}", "passage")
    eyes = Watch(site.models, site.attack_guard, checks, door.act, actor.name)
    decided, seconds = 0, 0.0
    camera = CameraLife(site.live, door.name)
    with (
        open_watched(source, camera.gaps_told_too(gaps), decoding=decoding) as frames,
        closing(camera.frames(iter(frames))) as alive,
    ):
        for seen in presented(alive, eyes, claims):
            seconds = seen.seconds
            for decision in _come_to(site, door, seen, claims, factor, actor):
                yield _act_on(site, door, decision, seconds)
                decided += 1
                if decided == presentations:
                    return
            if not seen.is_over:
                yield CheckpointEvent(seconds, None, None, recorded=False, hint=_hint(seen, claims, factor))
    left = factor.settle(seconds, is_over=True) if factor else None
    if left is not None:
        yield _act_on(site, door, left, seconds)


def _hint(seen: Moved, claims: CheckpointClaims | None, factor: AwaitedFactor[Decision] | None) -> str | None:
    return ASK_FOR_FACTOR if factor and factor.is_awaited else hint_of(seen, claims)


def _come_to(
    site: Site,
    door: Checkpoint,
    seen: Moved,
    claims: CheckpointClaims | None,
    factor: AwaitedFactor[Decision] | None,
    actor: Actor,
) -> Iterator[Decision]:
    """What is decided with this frame: on who was waited for, and on who just presented themselves."""
    before = factor.settle(seen.seconds, is_over=seen.is_over) if factor else None
    if before is not None:
        yield before
    is_claimed = claims is None or claims.waiting  # a claim may be dropped while movements are made
    now = _decide(site, door, seen, claims, factor, actor) if seen.is_over and is_claimed else None
    if now is not None:
        yield now


def _decide(
    site: Site,
    door: Checkpoint,
    seen: Moved,
    claims: CheckpointClaims | None,
    factor: AwaitedFactor[Decision] | None,
    actor: Actor,
) -> Decision | None:
    """``None`` while a factor is waited for."""
    badge = claims.take() if claims is not None else None  # shown for this presentation, and for no other
    best = seen.sighting
    if best is None:
        return refused_movements(seen.refusal or Reason.CHALLENGE_REQUIRED)
    if claims is None:
        try:
            site.identifier.admit(door.id)
        except LimitExceeded:
            return Decision(Outcome.REFUSED, Reason.TOO_MANY_ATTEMPTS)
    (template,) = site.models.embedder.embed([(best.image, best.face)])
    checks = site.attack_guard.required(door.attack_checks)
    former = embedded_by(site.succession.former_embedder(), best.image, best.face)
    face = Seen(best.image, best.face, template, former)
    if claims is not None:
        shown = shown_by(badge)
        decision = site.verification.decide(
            actor,
            shown,
            face,
            best.quality,
            checks,
            device=actor.name,
            movements=seen.nonce,
            captured_from=CapturedFrom.LIVE,
        )
        return as_permitted(site, door, decision, shown)
    judged = site.attack_guard.judge(checks, face, actor, seen.nonce, is_search=True)
    if isinstance(judged, Decision):
        return judged

    def by_factor(shown: Factor | None) -> Decision:
        decision = site.identification.decide(
            actor,
            door,
            face.templates,
            best.quality,
            shown,
            with_pad=bool(checks),
            device=actor.name,
            captured_from=CapturedFrom.LIVE,
        )
        return replace(decision, pad=judged)

    return by_factor(None) if factor is None else factor.decide(by_factor, seen.seconds)


def as_permitted(site: Site, door: Checkpoint, decision: Decision, shown: Shown) -> Decision:
    """Who may not pass here is refused as somebody else is."""
    if decision.person and not site.may_pass(decision.person, door):
        told = Reason.NOT_MATCHED if shown.credential is None else Reason.CREDENTIAL_REFUSED
        return Decision(Outcome.REFUSED, told, None, decision.threshold, decision.quality, pad=decision.pad)
    return decision


def _act_on(site: Site, door: Checkpoint, decision: Decision, seconds: float) -> CheckpointEvent:
    if decision.person is None:
        site.doorkeeper.turn_away(door)
        site.live.decided(door.name, accepted=False)
        return CheckpointEvent(seconds, decision, None, recorded=False, hint=None)
    try:
        name = site.stores.people.get(decision.person).display_name
    except PersonUnknown:  # erased since they were decided upon
        gone = Decision(Outcome.REFUSED, Reason.NOBODY, None, decision.threshold, decision.quality, pad=decision.pad)
        return _act_on(site, door, gone, seconds)
    passage = site.doorkeeper.let_through(door, decision.person)
    site.live.decided(door.name, accepted=True)
    return CheckpointEvent(seconds, decision, name, recorded=passage is not None, hint=None)
