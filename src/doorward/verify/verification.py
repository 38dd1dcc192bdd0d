"""Verification (1:1): is the person before the camera the one who was claimed?"""

import numpy as np

from doorward.errors import PersonUnknown
from doorward.face.comparison import compare_with_all
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, Threshold, ThresholdsOf, threshold_set_for
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.verify.attempts import Verdict
from doorward.verify.claim import Claim


class Verifier:
    """Compares a probe with a claim's references: the one path of every claim to its decision."""

    def __init__(self, trail: AuditTrail, clock: Clock, thresholds: ThresholdsOf = threshold_set_for) -> None:
        self._trail = trail
        self._clock = clock
        self._thresholds = thresholds

    def decide(
        self,
        actor: Actor,
        claim: Claim,
        probe: Template,
        quality: QualityReport | None = None,
        fmr: float = DEFAULT_VERIFICATION_FMR,
        former: Template | None = None,
    ) -> Decision:
        """Accepted, or refused with the one reason that the claim's way has.

        ``former``: the same face by the model before, with which references of that model are compared, at its own
        threshold. A refusal tells the threshold of ``probe`` all the same: it tells nobody whose references are left.

        An unknown claim, a pending enrolment, a missing consent and a credential that does not hold are answered as a
        face that does not match is, after a comparison like any other: the answer tells nobody who is enrolled.
        """
        thresholds = {face.origin.model: self.threshold(face, fmr) for face in (former or probe, probe)}
        references = claim.references or (_nobody(probe),)
        face = probe if former is None or references[0].origin.model == probe.origin.model else former
        threshold = thresholds[face.origin.model]
        score = compare_with_all(face, references)
        accepted = claim.can_be_met and score >= threshold.value
        if self._recorded(actor, claim.action(accepted=accepted), claim) and accepted:
            return Decision(Outcome.ACCEPTED, Reason.MATCHED, claim.person, threshold, quality, score)
        return Decision(Outcome.REFUSED, claim.told, None, thresholds[probe.origin.model], quality, score)

    def threshold(self, probe: Template, fmr: float) -> Threshold:
        """What a match of ``probe`` must reach; ``WrongUse`` for a rate that was not measured for its model."""
        return self._thresholds(probe.origin.model).at(fmr)

    def turn_away(self, actor: Actor, claim: Claim, verdict: Verdict, quality: QualityReport | None = None) -> Decision:
        """The refusal of a claim that must wait, or that an officer must let go on: nothing is compared."""
        self._recorded(actor, "verification, too many attempts", claim)
        return Decision(Outcome.REFUSED, Reason.TOO_MANY_ATTEMPTS, quality=quality, retry_after=verdict.retry_after)

    def _recorded(self, actor: Actor, action: str, claim: Claim) -> bool:
        """Enter it in the log; false when the person was erased meanwhile, and nothing is entered about them."""
        try:
            self._trail.record(AuditEntry(actor, action, claim.about, self._clock.now()))
        except PersonUnknown:
            return False
        return True


def _nobody(probe: Template) -> Template:
    """A reference that matches no probe, so that an unknown claim costs a comparison too."""
    return Template(np.zeros_like(probe.vector), probe.origin)
