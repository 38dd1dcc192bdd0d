"""Verification (1:1): is the person before the camera the one who was claimed?"""

from collections.abc import Sequence

import numpy as np

from doorward.face.comparison import compare
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, ThresholdsOf, threshold_set_for
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.ports import ConsentStore, EnrolmentStore


class Verifier:
    """Compares a probe with the confirmed references of the claimed person that the same model made."""

    def __init__(
        self,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        trail: AuditTrail,
        clock: Clock,
        thresholds: ThresholdsOf = threshold_set_for,
    ) -> None:
        self._consents = consents
        self._enrolments = enrolments
        self._trail = trail
        self._clock = clock
        self._thresholds = thresholds

    def verify(
        self,
        actor: Actor,
        claimed: PersonId | None,
        probe: Template,
        quality: QualityReport | None = None,
        fmr: float = DEFAULT_VERIFICATION_FMR,
    ) -> Decision:
        """Accepted, or refused as ``not_matched``.

        An unknown claim, a pending enrolment and a missing consent are answered as a face that does not
        match is, after a comparison like any other: the answer tells nobody who is enrolled.
        """
        threshold = self._thresholds(probe.origin.model).at(fmr)
        references = self._usable(claimed, probe.origin.model) if claimed else ()
        # A claim that nobody can meet leaves an entry about nobody, else its missing write would tell it apart.
        about = claimed if references else None
        self._trail.record(AuditEntry(actor, "verification", about, self._clock.now()))
        score = max(compare(probe, reference) for reference in references or (_nobody(probe),))
        if claimed and references and score >= threshold.value:
            return Decision(Outcome.ACCEPTED, Reason.MATCHED, claimed, threshold, quality, score)
        return Decision(Outcome.REFUSED, Reason.NOT_MATCHED, None, threshold, quality, score)

    def _usable(self, claimed: PersonId, model: str) -> Sequence[Template]:
        now = self._clock.now()
        if Purpose.VERIFY not in purposes_in_force(self._consents.of(claimed), now):
            return ()
        held = [one.template for one in self._enrolments.of(claimed) if not one.is_pending]
        return [template for template in held if template.origin.model == model]


def _nobody(probe: Template) -> Template:
    """A reference that matches no probe, so that an unknown claim costs a comparison too."""
    return Template(np.zeros_like(probe.vector), probe.origin)
