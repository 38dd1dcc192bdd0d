"""What a person reads of themselves, on the strength of their own face: no operator reads along."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorward.adapters.images import decode_photo
from doorward.errors import PersonUnknown, PhotoError
from doorward.face.capture import ONE_CLOSE_FRONTAL, embedded_by
from doorward.face.decision import Decision, Outcome, Reason, refusal_of_photo
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import PersonId
from doorward.passages.legal_hold import LegalHold
from doorward.passages.passage import Passage
from doorward.people.enrolment import CapturedFrom
from doorward.verify.claim import Shown
from doorward.verify.own_claims import OwnClaims
from doorward.wiring.face.attack_guard import Seen, refused_movements
from doorward.wiring.face.challenging import Moved
from doorward.wiring.face.live_capture import Tell, presented_before
from doorward.wiring.face.site import Site
from doorward.wiring.face.verifying import Verification

PURPOSE = "their own"
"""What stands as purpose in the log; nobody else's is stated."""


@dataclass(frozen=True, slots=True)
class OwnReading:
    """All passages of the person's that are kept, oldest first, holds on them, and every look at what is theirs."""

    person: PersonId
    passages: Sequence[Passage]
    holds: Sequence[tuple[LegalHold, Sequence[Passage]]]
    looks: Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """``reading`` only of who was accepted."""

    decision: Decision
    reading: OwnReading | None = None


def read_own_by_photo(
    site: Site, terminal: str, shown: Shown, photo: bytes, pin: str | None = None, movements: str | None = None
) -> OwnAnswer:
    """Of who is in ``photo``, sent by ``terminal``; ``movements``: the nonce of those that the same face just made.

    Attempts are counted and presentation attacks judged as in any verification.
    """
    checks = site.attack_guard.required()
    refusal = site.attack_guard.refusal_without_movements(checks, movements)
    if refusal is not None:
        return OwnAnswer(refusal)
    image = decode_photo(photo)
    try:
        taken = site.captured(image, ONE_CLOSE_FRONTAL)
    except PhotoError as error:
        return OwnAnswer(refusal_of_photo(error))
    actor = Actor(terminal, PURPOSE)
    decision = _verification(site, pin).decide(
        actor, shown, Seen.of(image, taken), taken.quality, checks, device=terminal, movements=movements
    )
    return _answer(site, terminal, decision)


def read_own_before_camera(
    site: Site,
    terminal: str,
    shown: Shown,
    source: str,
    pin: str | None = None,
    *,
    unsafe_recorded: bool = False,
    tell: Tell = lambda _: None,
) -> OwnAnswer:
    """Of who stands before the camera ``source``, after the act or the movements that are asked for there."""
    actor, checks = Actor(terminal, PURPOSE), site.attack_guard.required()
    presentations = presented_before(
        source, site.models, site.attack_guard, actor, checks, unsafe_recorded=unsafe_recorded, tell=tell
    )
    return _answer(site, terminal, _decided(site, actor, shown, next(presentations), pin))


def _decided(site: Site, actor: Actor, shown: Shown, moved: Moved, pin: str | None) -> Decision:
    best = moved.sighting
    if best is None:
        return refused_movements(moved.refusal or Reason.CHALLENGE_REQUIRED)
    (template,) = site.models.embedder.embed([(best.image, best.face)])
    former = embedded_by(site.succession.former_embedder(), best.image, best.face)
    return _verification(site, pin).decide(
        actor,
        shown,
        Seen(best.image, best.face, template, former),
        best.quality,
        site.attack_guard.required(),
        movements=moved.nonce,
        captured_from=CapturedFrom.LIVE,
    )


def _verification(site: Site, pin: str | None) -> Verification:
    known = site.verification
    return replace(known, claims=OwnClaims(known.claims.of, site.stores.pins, site.stores.credentials, pin))


def _answer(site: Site, terminal: str, decision: Decision) -> OwnAnswer:
    person = decision.person
    if person is None:
        return OwnAnswer(decision)
    stores, now = site.stores, site.stores.vault.clock.now()
    actor = Actor(f"the person, at {terminal}", PURPOSE)
    try:
        stores.trail.record(AuditEntry(actor, "own passages and looks read", person, now))
        reading = OwnReading(
            person, stores.passages.of(person), site.legal_holds.of(person), site.register.looks(person)
        )
    except PersonUnknown:  # erased since they were decided upon
        return OwnAnswer(Decision(Outcome.REFUSED, Reason.NOT_MATCHED, pad=decision.pad))
    return OwnAnswer(decision, reading)
