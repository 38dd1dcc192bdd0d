"""From a captured face and a claim to a decision: attempts counted, presentation attacks judged, then compared."""

from dataclasses import dataclass, replace

from doorward.face.decision import Decision
from doorward.face.quality import QualityReport
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.kernel.audit import Actor
from doorward.verify.attempts import Attempts, Counted, Subject
from doorward.verify.claim import Shown
from doorward.verify.claims import Claims
from doorward.verify.verification import Verifier
from doorward.wiring.face.attack_guard import AttackGuard, Methods, Seen


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """The parts of a site that a verification needs."""

    claims: Claims
    attempts: Attempts
    guard: AttackGuard
    verifier: Verifier

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
    ) -> Decision:
        """Is ``seen`` who ``shown`` claims? A failure counts against the claim's subjects and against ``device``.

        It is counted before anything is looked at, and what cannot be counted is not decided.
        """
        claim = self.claims.of(shown, seen.template.origin)
        subjects = claim.subjects if device is None else (*claim.subjects, Subject(Counted.DEVICE, device))
        attempt = self.attempts.begin(subjects, with_pad=bool(checks))
        if not attempt.verdict.allowed:
            return self.verifier.turn_away(actor, claim, attempt.verdict, quality)
        judged = self.guard.judge(checks, seen, actor, movements)
        if isinstance(judged, Decision):
            return judged
        decision = replace(self.verifier.decide(actor, claim, seen.template, quality, fmr), pad=judged)
        if decision.is_accepted:
            self.attempts.succeeded(attempt)
        return decision
