"""The answer to a verification or an identification: never a bare bool."""

from dataclasses import dataclass
from enum import StrEnum

from doorward.errors import InternalError, PhotoError, PoorQuality
from doorward.face.pad import NO_PAD, PadReport
from doorward.face.quality import QualityIssue, QualityReport
from doorward.face.thresholds import Threshold
from doorward.kernel.ids import PersonId


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why; ``sentence`` says it to the person. The values are part of the machine interface."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    NOBODY = "nobody"
    NOBODY_ENROLLED = "nobody_enrolled"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    BADGE_REQUIRED = "badge_required"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    ACCEPTED_BY_EYE = "accepted_by_eye"
    REFUSED_BY_EYE = "refused_by_eye"
    PHOTO_UNUSABLE = "photo_unusable"
    PHOTO_UNREADABLE = "photo_unreadable"
    PHOTO_TOO_LARGE = "photo_too_large"
    PHOTO_TOO_SMALL = "photo_too_small"
    NO_FACE = "no_face"
    MORE_THAN_ONE_FACE = "more_than_one_face"
    POOR_QUALITY = "poor_quality"
    FACE_TOO_SMALL = "face_too_small"
    FACE_CUT_OFF = "face_cut_off"
    FACE_TURNED = "face_turned"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LOW_CONTRAST = "low_contrast"
    BLURRED = "blurred"
    PRESENTATION_ATTACK = "presentation_attack"
    CHALLENGE_REQUIRED = "challenge_required"
    CHALLENGE_FAILED = "challenge_failed"
    CHALLENGE_EXPIRED = "challenge_expired"
    CHALLENGE_UNKNOWN = "challenge_unknown"
    NONCE_USED = "nonce_used"
    CLOCK_WRONG = "clock_wrong"
    FACE_LOST = "face_lost"
    FACE_CHANGED = "face_changed"
    CREDENTIAL_REFUSED = "credential_refused"
    CREDENTIAL_NOT_FOUND = "credential_not_found"
    NOT_A_CREDENTIAL = "not_a_credential"
    SEVERAL_CREDENTIALS = "several_credentials"
    SITE_UNREACHABLE = "site_unreachable"
    DOCUMENT_MATCHED = "document_matched"
    DOCUMENT_NOT_MATCHED = "document_not_matched"
    DOCUMENT_NOT_FOUND = "document_not_found"
    DOCUMENT_INCOMPLETE = "document_incomplete"
    DOCUMENT_NOT_CONFIRMED = "document_not_confirmed"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_WITHOUT_PORTRAIT = "document_without_portrait"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Reason.MATCHED: "The face is that of the enrolled person.",
    Reason.NOT_MATCHED: "The face is not that of the person who was claimed.",
    Reason.NOBODY: "The face is nobody's of this checkpoint's group.",
    Reason.NOBODY_ENROLLED: "Nobody who may pass here now is enrolled for identification.",
    Reason.BADGE_REQUIRED: "Too many people may pass here for a face alone; show your badge as well.",
    Reason.SECOND_FACTOR_REQUIRED: "A face alone does not decide here; show your badge or enter your PIN as well.",
    Reason.TOO_MANY_ATTEMPTS: "Too many attempts failed; wait before the next.",
    Reason.ACCEPTED_BY_EYE: "An officer held the person against their document or record, and accepted them.",
    Reason.REFUSED_BY_EYE: "An officer held the person against their document or record, and refused them.",
    Reason.PHOTO_UNUSABLE: "The photo cannot be used; take another.",
    Reason.PHOTO_UNREADABLE: "The photo cannot be read; take another.",
    Reason.PHOTO_TOO_LARGE: "The photo is too large; send a smaller one.",
    Reason.PHOTO_TOO_SMALL: "The photo is too small; send a larger one.",
    Reason.NO_FACE: "No face was found; look at the camera.",
    Reason.MORE_THAN_ONE_FACE: "More than one face was found; one person at a time.",
    Reason.POOR_QUALITY: "The face cannot be compared reliably; take another photo.",
    Reason.CREDENTIAL_REFUSED: "The credential does not hold here, or the face is another.",
    Reason.CREDENTIAL_NOT_FOUND: "No credential was found; show the whole code, flat, sharp, without glare.",
    Reason.NOT_A_CREDENTIAL: "The code is no credential; show the code on the card.",
    Reason.SEVERAL_CREDENTIALS: "More than one credential was shown; one at a time.",
    Reason.SITE_UNREACHABLE: "The site does not answer, so nothing is decided here by a face alone.",
    Reason.DOCUMENT_MATCHED: "The face is that of the document's portrait.",
    Reason.DOCUMENT_NOT_MATCHED: "The face is not that of the document's portrait.",
    Reason.DOCUMENT_NOT_FOUND: "No machine-readable zone was found; show the page with the lines of <, not a bar code.",
    Reason.DOCUMENT_INCOMPLETE: "Only part of the machine-readable zone was read; show the whole page, flat and sharp.",
    Reason.DOCUMENT_NOT_CONFIRMED: "Check digits do not confirm the zone; scan the page again, or examine it by hand.",
    Reason.DOCUMENT_EXPIRED: "The document has expired; ask for a valid one.",
    Reason.DOCUMENT_WITHOUT_PORTRAIT: "The page shows no portrait that can be compared; show the whole page.",
    **{Reason(issue.value): issue.sentence for issue in QualityIssue},
    Reason.PRESENTATION_ATTACK: "This looks like a picture of a face, not a face; stand before the camera yourself.",
    Reason.CHALLENGE_REQUIRED: "Movements are asked for here, and none were made; stand before the camera and follow.",
    Reason.CHALLENGE_FAILED: "Another movement was made than the one asked for; begin again.",
    Reason.CHALLENGE_EXPIRED: "The asked movements were not made in time; begin again.",
    Reason.CHALLENGE_UNKNOWN: "These movements were not asked for here; begin again.",
    Reason.NONCE_USED: "These movements served for a decision already; begin again.",
    Reason.CLOCK_WRONG: "The clock of the camera or of this machine is wrong; an officer must set it.",
    Reason.FACE_LOST: "The face left the picture before all movements were made; begin again.",
    Reason.FACE_CHANGED: "The face was not the same throughout; begin again, one person alone.",
}


BY_EYE = "Or ask an officer to check by eye."
"""The way without a face, which every refusal offers."""

_ACCEPTING = frozenset({Reason.MATCHED, Reason.ACCEPTED_BY_EYE})


@dataclass(frozen=True, slots=True)
class Decision:
    """``person`` is who was accepted, and None for every refusal of a search.

    ``retry_after``: whole seconds after which too many attempts may be followed by another; None where no waiting
    helps. ``threshold`` is None when nothing was compared. ``pad``: what is known of presentation attacks. ``score``
    (cosine, -1..1) is kept for operators who may see it, and left out of ``to_json`` unless asked for.
    """

    outcome: Outcome
    reason: Reason
    person: PersonId | None = None
    threshold: Threshold | None = None
    quality: QualityReport | None = None
    score: float | None = None
    pad: PadReport = NO_PAD
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.ACCEPTED) != (self.reason in _ACCEPTING):
            raise InternalError("A decision is accepted exactly when its reason is a match.")
        compared = self.threshold is not None or self.reason is Reason.ACCEPTED_BY_EYE
        if self.outcome is Outcome.ACCEPTED and (self.person is None or not compared):
            raise InternalError("An acceptance names its person and its threshold.")
        if self.outcome is Outcome.ACCEPTED and self.pad.is_attack:
            raise InternalError("Nobody is accepted on a suspected presentation attack.")

    def __bool__(self) -> bool:
        raise InternalError("A decision is no yes or no; read its outcome.")

    @property
    def is_accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED

    @property
    def sentence(self) -> str:
        if self.is_accepted or self.reason is Reason.REFUSED_BY_EYE:
            return self.reason.sentence
        return f"{self.reason.sentence} {BY_EYE}"

    @property
    def fmr(self) -> float | None:
        return self.threshold.fmr if self.threshold else None

    def to_json(self, show_score: bool = False) -> dict[str, object]:
        """Plain values for ``--json`` and HTTP; the raw score only with ``show_score``."""
        told: dict[str, object] = {
            "decision": self.outcome.value,
            "reason": self.reason.value,
            "sentence": self.sentence,
            "person": self.person,
            "threshold": self.threshold.value if self.threshold else None,
            "fmr": self.fmr,
            "threshold_set": self.threshold.threshold_set if self.threshold else None,
            "quality": self.quality.to_json() if self.quality else None,
            "pad": self.pad.to_json(),
            "retry_after": self.retry_after,
        }
        if show_score:
            told["score"] = self.score
        return told


def refusal_of_photo(error: PhotoError) -> Decision:
    """The refusal that a photo's fault amounts to, with the exact reason."""
    reason = error.reason if isinstance(error, PoorQuality) else error.code
    return Decision(Outcome.REFUSED, Reason(reason))
