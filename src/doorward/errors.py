"""Every error that crosses a boundary of Doorward.

DoorwardError
├── WrongUse            an option, setting or file that a person wrote is wrong
├── PhotoError          a photo that cannot be used
│   ├── PhotoUnreadable, PhotoTooLarge, PhotoTooSmall
│   ├── NoFace, MoreThanOneFace, PoorQuality
│   └── CredentialNotFound, NotACredential, SeveralCredentials
├── DocumentRefused     an identity document that enrols nobody
├── NotFound            what was named is not here
├── Conflict            it is already so, or somebody else holds it
├── Unauthenticated     no credential, or one that is not valid
├── Forbidden           a credential, consent or profile that does not cover it
├── EvidenceMissing     what was measured does not support it
├── LimitExceeded       too much, too large or too fast
├── VaultError          WrongKey, Sealed, Tampered, KeyRemnant
├── AuditError          AuditInvalid, WitnessUnreachable
├── ModelError          ModelMissing, ModelRefused
├── SourceError         a camera, stream or clip that cannot be read
│   └── CameraMoved
├── SiteError           SiteUnreachable, SiteUntrusted, SiteRefused: what a device meets
├── ReceiverUnreachable a broker, webhook or command that did not take what it was told
├── StorageError        read-only, full or damaged storage
│   └── GalleryGone
├── BackupUnusable      LedgerUnusable
├── ReceiptInvalid      a receipt that was altered, or that another site signed
├── ExportUnusable      a file of people from another site that cannot be taken
├── CardInvalid         a site's card that was altered, has ended, or is another site's
└── InternalError       a fault of Doorward's own

A message is one sentence that a person can act on; it never holds a secret or anything personal.
"""

from typing import ClassVar


class DoorwardError(Exception):
    """Base of all: a stable ``code``, an HTTP ``status`` and a process ``exit_status``.

    Exit statuses: 1 could not run, 2 wrong use, 3 ran and the answer is no.
    """

    code: ClassVar[str] = "doorward_error"
    status: ClassVar[int] = 500
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WrongUse(DoorwardError):
    code, status, exit_status = "wrong_use", 400, 2


class RequestInvalid(WrongUse):
    """A request over HTTP that does not have the form that its route asks for."""

    code, status = "request_invalid", 422


class MethodNotAllowed(WrongUse):
    code, status = "method_not_allowed", 405


class PhotoError(DoorwardError):
    code, status = "photo_unusable", 422


class PhotoUnreadable(PhotoError):
    code = "photo_unreadable"


class PhotoTooLarge(PhotoError):
    code, status = "photo_too_large", 413


class PhotoTooSmall(PhotoError):
    code = "photo_too_small"


class NoFace(PhotoError):
    code = "no_face"


class MoreThanOneFace(PhotoError):
    code = "more_than_one_face"


class PoorQuality(PhotoError):
    """The face was found, but the capture cannot be compared reliably."""

    code = "poor_quality"

    def __init__(self, message: str, reason: str = "poor_quality") -> None:
        super().__init__(message)
        self.reason = reason


class CredentialNotFound(PhotoError):
    code = "credential_not_found"


class NotACredential(PhotoError):
    """Codes were found in the picture, and none is a credential's."""

    code = "not_a_credential"


class SeveralCredentials(PhotoError):
    code = "several_credentials"


class DocumentRefused(DoorwardError):
    """``reason``: as in a decision, where it is one of those."""

    code, status, exit_status = "document_refused", 422, 3

    def __init__(self, message: str, reason: str = "document_refused") -> None:
        super().__init__(message)
        self.reason = reason


class NotFound(DoorwardError):
    code, status = "not_found", 404


class PersonUnknown(NotFound):
    code = "person_unknown"


class CheckpointUnknown(NotFound):
    code = "checkpoint_unknown"


class SiteMissing(NotFound):
    code, status = "site_missing", 500


class Conflict(DoorwardError):
    code, status = "conflict", 409


class MessageReplayed(Conflict):
    """A device's message with a number that was taken already, or one below it."""

    code = "message_replayed"


class DeviceCloned(Conflict):
    """Two different messages of one device with the same number."""

    code = "device_cloned"


class ClockWrong(Conflict):
    """A device's clock and the site's are too far apart."""

    code = "clock_wrong"


class UnderLegalHold(Conflict):
    code = "under_legal_hold"


class AlreadyEnrolled(Conflict):
    code = "already_enrolled"


class SiteExists(Conflict):
    code = "site_exists"


class SiteInUse(Conflict):
    code = "site_in_use"


class KeyRenewed(Conflict):
    """The site key, or its provider, was renewed while this was under way."""

    code = "key_renewed"


class AddressInUse(Conflict):
    code = "address_in_use"


class Unauthenticated(DoorwardError):
    code, status = "unauthenticated", 401


class Forbidden(DoorwardError):
    code, status = "forbidden", 403


class ConsentMissing(Forbidden):
    code = "consent_missing"


class ProfileOff(Forbidden):
    code = "profile_off"


class CriticalFindings(Forbidden):
    """The doctor found what a server must not start with."""

    code = "critical_findings"


class NotConfirmed(Forbidden):
    """Live capture and the enrolled photo are not the same person, so the enrolment stays pending."""

    code, exit_status = "not_confirmed", 3


class AttackChecksFailed(Forbidden):
    """Who stood before the camera to be enrolled failed what the site asks for against presentation attacks."""

    code, exit_status = "attack_checks_failed", 3


class EvidenceMissing(DoorwardError):
    """A search whose errors would be rarer than the evaluation of the model can tell."""

    code, status = "evidence_missing", 409


class LimitExceeded(DoorwardError):
    code, status = "limit_exceeded", 429


class BudgetSpent(LimitExceeded):
    """More of a crowd would be published than its budget allows."""

    code, exit_status = "budget_spent", 3


class BodyTooLarge(LimitExceeded):
    code, status = "body_too_large", 413


class BodyTooSlow(LimitExceeded):
    code, status = "body_too_slow", 408


class TooFast(LimitExceeded):
    """``retry_after``: whole seconds after which another try makes sense."""

    code = "too_fast"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimeLimitExceeded(LimitExceeded):
    code, status = "time_limit_exceeded", 503


class VaultError(DoorwardError):
    code = "vault_error"


class WrongKey(VaultError):
    code, status = "wrong_key", 403


class Sealed(VaultError):
    code, status = "site_sealed", 503


class KeyRemnant(VaultError):
    """A person was erased, and it could not be confirmed that nothing is left of their key. The erasure stands."""

    code, exit_status = "key_remnant", 3


class Tampered(VaultError):
    """A stored record does not open at its place: forged, moved, or damaged."""

    code = "record_tampered"


class AuditError(DoorwardError):
    code = "audit_error"


class AuditInvalid(AuditError):
    """The audit log, a checkpoint or a proof does not hold: truncated, altered, or signed by nobody known."""

    code, exit_status = "audit_invalid", 3


class WitnessUnreachable(AuditError):
    """A checkpoint could not be handed over; it is kept, and handed over next time."""

    code, status = "witness_unreachable", 502


class ModelError(DoorwardError):
    code = "model_error"


class ModelMissing(ModelError):
    code = "model_missing"


class ModelRefused(ModelError):
    code = "model_refused"


class SourceError(DoorwardError):
    code, status = "source_unreadable", 502


class CameraMoved(SourceError):
    """A camera that does not see what it saw when its scene was drawn."""

    code, status = "camera_moved", 409


class SiteError(DoorwardError):
    """What a device meets on its way to its site."""

    code, status = "site_error", 502


class SiteUnreachable(SiteError):
    code = "site_unreachable"


class SiteUntrusted(SiteError):
    """The server shows another certificate than the one that was pinned."""

    code = "site_untrusted"


class SiteRefused(SiteError):
    """The site said no: ``refused_as`` is its code, ``refused_with`` its HTTP status."""

    code, exit_status = "site_refused", 3

    def __init__(self, message: str, refused_as: str, refused_with: int) -> None:
        super().__init__(message)
        self.refused_as = refused_as
        self.refused_with = refused_with


class ReceiverUnreachable(DoorwardError):
    """A broker, webhook or command did not take what it was told."""

    code, status = "receiver_unreachable", 502


class StorageError(DoorwardError):
    code, status = "storage_error", 507


class GalleryGone(StorageError):
    """The process that holds the gallery for all others of the host ended, and so did the search in it."""

    code, status = "gallery_gone", 503


class BackupUnusable(DoorwardError):
    """A backup that is damaged, foreign, or does not fit the others it was named with."""

    code, status = "backup_unusable", 422


class LedgerUnusable(BackupUnusable):
    code = "ledger_unusable"


class ReceiptInvalid(DoorwardError):
    code, status, exit_status = "receipt_invalid", 422, 3


class ExportUnusable(DoorwardError):
    """A file of people from another site that is damaged, cut short, or not signed by that site."""

    code, status = "export_unusable", 422


class CardInvalid(DoorwardError):
    """A site's card that was altered or has ended, or whose fingerprint is not the one that was told."""

    code, status, exit_status = "card_invalid", 422, 3


class InternalError(DoorwardError):
    code = "internal_error"
