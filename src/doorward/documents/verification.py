"""Verification against a document (1:1): is the person before the camera the one on the document's portrait?

Nobody need be enrolled for it, and nothing of the document is kept.
"""

from dataclasses import dataclass, field, replace

from doorward.documents.layouts import Format
from doorward.documents.reading import DocumentReading
from doorward.errors import InternalError
from doorward.face.capture import Capture
from doorward.face.comparison import compare
from doorward.face.decision import BY_EYE, Outcome, Reason
from doorward.face.pad import NO_PAD, PadReport
from doorward.face.quality import QualityReport
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, Threshold, ThresholdsOf
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class DocumentDecision:
    """Accepted exactly when the reason is ``document_matched``. Names nobody: no person of the site is concerned.

    ``threshold`` is None when nothing was compared. ``pad``: what is known of presentation attacks. ``format`` is the
    document's, None where no zone was found; ``repaired``: one sign of its zone was mended. ``score`` (cosine, -1..1)
    is left out of ``to_json`` unless asked for. ``retry_after``: as in ``Decision``.
    """

    reason: Reason
    threshold: Threshold | None = None
    quality: QualityReport | None = None
    format: Format | None = None
    repaired: bool = False
    score: float | None = field(default=None, repr=False)
    pad: PadReport = NO_PAD
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.is_accepted and self.threshold is None:
            raise InternalError("An acceptance names its threshold.")
        if self.is_accepted and self.pad.is_attack:
            raise InternalError("Nobody is accepted on a suspected presentation attack.")

    def __bool__(self) -> bool:
        raise InternalError("A decision is no yes or no; read its outcome.")

    @property
    def outcome(self) -> Outcome:
        return Outcome.ACCEPTED if self.is_accepted else Outcome.REFUSED

    @property
    def is_accepted(self) -> bool:
        return self.reason is Reason.DOCUMENT_MATCHED

    @property
    def sentence(self) -> str:
        return self.reason.sentence if self.is_accepted else f"{self.reason.sentence} {BY_EYE}"

    def to_json(self, show_score: bool = False) -> dict[str, object]:
        """Plain values for ``--json``; the raw score only with ``show_score``."""
        told: dict[str, object] = {
            "decision": self.outcome.value,
            "reason": self.reason.value,
            "sentence": self.sentence,
            "threshold": self.threshold.value if self.threshold else None,
            "fmr": self.threshold.fmr if self.threshold else None,
            "threshold_set": self.threshold.threshold_set if self.threshold else None,
            "quality": self.quality.to_json() if self.quality else None,
            "pad": self.pad.to_json(),
            "retry_after": self.retry_after,
            "document": {"format": self.format.value if self.format else None, "repaired": self.repaired},
        }
        if show_score:
            told["score"] = self.score
        return told


class DocumentVerifier:
    """Compares a live face with a document's portrait; every decision leaves an entry about nobody."""

    def __init__(self, trail: AuditTrail, clock: Clock, thresholds: ThresholdsOf) -> None:
        self._trail = trail
        self._clock = clock
        self._thresholds = thresholds

    def refuse(
        self, actor: Actor, reason: Reason, pad: PadReport = NO_PAD, retry_after: int | None = None
    ) -> DocumentDecision:
        """The refusal of a live face that is not compared."""
        self._record(actor)
        return DocumentDecision(reason, pad=pad, retry_after=retry_after)

    def verify(
        self,
        actor: Actor,
        reading: DocumentReading,
        probe: Capture,
        fmr: float = DEFAULT_VERIFICATION_FMR,
        pad: PadReport = NO_PAD,
    ) -> DocumentDecision:
        """Accepted only when the zone is confirmed and not expired, and the portrait matches ``probe`` at ``fmr``."""
        threshold = self.threshold(probe, fmr)
        self._record(actor)
        repaired = reading.zone is not None and reading.zone.repaired
        refused = DocumentDecision(
            refusal_of(reading), None, probe.quality, reading.format, repaired=repaired, score=None, pad=pad
        )
        if not is_comparable(reading) or not isinstance(reading.portrait, Capture):
            return refused
        score = compare(probe.template, reading.portrait.template)
        reason = Reason.DOCUMENT_MATCHED if score >= threshold.value else Reason.DOCUMENT_NOT_MATCHED
        return replace(refused, reason=reason, threshold=threshold, score=score)

    def threshold(self, probe: Capture, fmr: float) -> Threshold:
        """What a match of ``probe`` must reach; ``WrongUse`` for a rate that was not measured for its model."""
        return self._thresholds(probe.template.origin.model).at(fmr)

    def _record(self, actor: Actor) -> None:
        self._trail.record(AuditEntry(actor, "document verification", None, self._clock.now()))


def is_comparable(reading: DocumentReading) -> bool:
    """Whether a face would be held against the portrait: the zone is confirmed and has not expired."""
    return refusal_of(reading) is Reason.DOCUMENT_NOT_MATCHED


def refusal_of(reading: DocumentReading) -> Reason:
    """Why ``reading`` admits nobody: what is wrong with it, and otherwise that no face has matched yet.

    ``DOCUMENT_NOT_MATCHED`` then: the zone is confirmed, has not expired, and a portrait is there to compare with.
    """
    if reading.zone is None:
        return reading.reason or Reason.DOCUMENT_NOT_CONFIRMED
    if reading.is_expired:
        return Reason.DOCUMENT_EXPIRED
    return Reason.DOCUMENT_NOT_MATCHED if reading.has_portrait else Reason.DOCUMENT_WITHOUT_PORTRAIT
