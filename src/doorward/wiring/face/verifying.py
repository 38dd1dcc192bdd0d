"""From a captured face and a claim to a decision: attempts counted, presentation attacks judged, then compared."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from doorward.face.decision import Decision
from doorward.face.quality import QualityReport
from doorward.face.template import Template, TemplateOrigin
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.people.enrolment import CapturedFrom
from doorward.verify.attempts import Attempts, Counted, Subject
from doorward.verify.claim import Claim, Shown
from doorward.verify.verification import Verifier
from doorward.wiring.face.attack_guard import AttackGuard, Methods, Seen

Follow = Callable[[Actor, PersonId, Sequence[Template], CapturedFrom], None]

HELD = 0.1
"""Seconds: a refusal is answered at the next multiple after its beginning, for it costs less about nobody."""


def held_back(decision: Decision, begun: float, ticks: Callable[[], float], pause: Callable[[float], None]) -> Decision:
    """``decision`` at the next multiple of ``HELD`` after ``begun``, by a clock that only goes on."""
    pause(HELD - (ticks() - begun) % HELD)
    return decision


class MakesClaims(Protocol):
    def of(self, shown: Shown, origin: TemplateOrigin, former: TemplateOrigin | None = None) -> Claim:
        """What ``shown`` comes to, for probes of those origins."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """The parts of a site that a verification needs. ``follow``: told of everybody who was accepted. ``together``: what
    is written inside is durable with one sync.

    ``ticks``: seconds of a clock that only goes on.
    """

    claims: MakesClaims
    attempts: Attempts
    guard: AttackGuard
    verifier: Verifier
    follow: Follow = lambda _actor, _person, _templates, _from: None
    ticks: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    together: Callable[[], AbstractContextManager[None]] = nullcontext

    def decide(
        self,
        actor: Actor,
        shown: Shown,
        seen: Seen,
        quality: QualityReport,
        checks: Methods,
        *,
        fmr: float = DEFAULT_VERIFICATION_FMR,
        device: str | None = None,
        movements: str | None = None,
        captured_from: CapturedFrom = CapturedFrom.FILE,
    ) -> Decision:
        """Is ``seen`` who ``shown`` claims? A failure counts against the claim's subjects and against ``device``.

        It is counted before anything is looked at, and what cannot be counted is not decided. A refusal is held back,
        so that its time tells nobody who is enrolled.
        """
        begun = self.ticks()
        decision = self._decided(actor, shown, seen, quality, checks, fmr, device, movements)
        if decision.person is None:
            return held_back(decision, begun, self.ticks, self.pause)
        self.follow(actor, decision.person, seen.templates, captured_from)
        return decision

    def _decided(
        self,
        actor: Actor,
        shown: Shown,
        seen: Seen,
        quality: QualityReport,
        checks: Methods,
        fmr: float,
        device: str | None,
        movements: str | None,
    ) -> Decision:
        for template in seen.templates:
            self.verifier.threshold(template, fmr)  # a wrong rate is nobody's failure
        claim = self.claims.of(shown, *(template.origin for template in seen.templates))
        subjects = claim.subjects if device is None else (*claim.subjects, Subject(Counted.DEVICE, device))
        attempt = self.attempts.begin(subjects, with_pad=bool(checks))
        if not attempt.verdict.allowed:
            return self.verifier.turn_away(actor, claim, attempt.verdict, quality)
        judged = self.guard.judge(checks, seen, actor, movements)
        if isinstance(judged, Decision):
            return judged
        with self.together():
            decision = self.verifier.decide(actor, claim, seen.template, quality, fmr, seen.former)
            if decision.is_accepted:
                self.attempts.succeeded(attempt)
        return replace(decision, pad=judged)
