"""Verification by a carried credential: is this the person whose reference they carry?"""

import numpy as np

from doorward.face.comparison import compare
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, ThresholdsOf, threshold_set_for
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.people.credential_desk import Carried


class CarriedVerifier:
    """Compares a probe with the reference in a credential that was examined."""

    def __init__(self, trail: AuditTrail, clock: Clock, thresholds: ThresholdsOf = threshold_set_for) -> None:
        self._trail = trail
        self._clock = clock
        self._thresholds = thresholds

    def verify(
        self,
        actor: Actor,
        carried: Carried,
        probe: Template,
        quality: QualityReport | None = None,
        fmr: float = DEFAULT_VERIFICATION_FMR,
    ) -> Decision:
        """Accepted, or refused as ``credential_refused``, whatever the reason: it stands in the entry alone.

        A credential that does not hold costs an entry and a comparison like any other.
        """
        threshold = self._thresholds(probe.origin.model).at(fmr)
        reference = carried.reference or Template(np.zeros_like(probe.vector), probe.origin)
        score = compare(probe, reference)
        matches = score >= threshold.value
        why = carried.refusal or ("accepted" if matches else "the face is another")
        self._trail.record(AuditEntry(actor, f"verification by credential: {why}", carried.person, self._clock.now()))
        if carried.refusal is None and carried.person and matches:
            return Decision(Outcome.ACCEPTED, Reason.MATCHED, carried.person, threshold, quality, score)
        return Decision(Outcome.REFUSED, Reason.CREDENTIAL_REFUSED, None, threshold, quality, score)
