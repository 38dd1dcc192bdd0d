"""Who stands before the camera, held against the document they show."""

from pathlib import Path
from weakref import WeakKeyDictionary

from doorward.documents.reading import DocumentReading
from doorward.documents.verification import DocumentDecision, DocumentVerifier, is_comparable
from doorward.errors import PhotoError
from doorward.face.capture import capture
from doorward.face.decision import Decision, Reason, refusal_of_photo
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.kernel.audit import Actor
from doorward.kernel.image import Image
from doorward.verify.attempts import Counted, Subject
from doorward.wiring.face.attack_guard import NOTHING, Methods, Seen
from doorward.wiring.face.documents import DocumentModels, decoded, load_document_models, read_page
from doorward.wiring.face.opening import MODELS
from doorward.wiring.face.site import Site


def read_document(site: Site, scan: bytes | str | Path) -> DocumentReading:
    """What the zone on ``scan`` says, and its portrait; ``PhotoError`` for what is no picture. Nothing is kept."""
    return _read(site, decoded(scan))


def verify_document(
    site: Site,
    photo: bytes | str | Path,
    scan: bytes | str | Path,
    fmr: float = DEFAULT_VERIFICATION_FMR,
    actor: Actor | None = None,
    *,
    attack_checks: Methods = NOTHING,
    movements: str | None = None,
) -> DocumentDecision:
    """Is the face in ``photo`` that of the portrait on ``scan``, a valid document with a confirmed zone?

    ``attack_checks`` and ``movements`` as ``Site.verify`` takes them: a document stands in for an enrolment, not for
    what the site asks of a face. Failures in a row count against the document, and against ``actor`` where one is
    given. A ``scan`` that is no usable picture raises ``PhotoError``.
    """
    decision = _decided(site, photo, scan, fmr, actor, attack_checks, movements)
    site.live.decided(None, accepted=decision.is_accepted)
    return decision


def _decided(
    site: Site,
    photo: bytes | str | Path,
    scan: bytes | str | Path,
    fmr: float,
    actor: Actor | None,
    attack_checks: Methods,
    movements: str | None,
) -> DocumentDecision:
    by = actor or site.actor
    stores = site.stores
    verifier = DocumentVerifier(stores.trail, stores.vault.clock, site.thresholds.in_use)
    checks = site.attack_guard.required(attack_checks)
    refusal = site.attack_guard.refusal_without_movements(checks, movements)
    if refusal is not None:
        return verifier.refuse(by, refusal.reason)
    image, page = decoded(photo), decoded(scan)
    try:
        taken = capture(image, site.models.detector, site.models.embedder)
    except PhotoError as error:
        return verifier.refuse(by, refusal_of_photo(error).reason)
    verifier.threshold(taken, fmr)  # a wrong rate is nobody's failure
    reading = _read(site, page)
    attempt = site.verification.attempts.begin(_subjects(reading, actor), with_pad=bool(checks))
    if not attempt.verdict.allowed:
        return verifier.refuse(by, Reason.TOO_MANY_ATTEMPTS, retry_after=attempt.verdict.retry_after)
    judged = site.attack_guard.judge(checks, Seen(image, taken.face, taken.template), by, movements)
    if isinstance(judged, Decision):
        return verifier.refuse(by, judged.reason, judged.pad)
    decision = verifier.verify(by, reading, taken, fmr, judged)
    if decision.is_accepted:
        site.verification.attempts.succeeded(attempt)
    return decision


def _read(site: Site, page: Image) -> DocumentReading:
    if site not in _models:  # their files are hashed once a site, as those of its face models are
        _models[site] = load_document_models(site.folder / MODELS, site.settings.models)
    return read_page(page, _models[site], site.models, site.stores.vault.clock.now().date())


_models: WeakKeyDictionary[Site, DocumentModels] = WeakKeyDictionary()


def _subjects(reading: DocumentReading, actor: Actor | None) -> tuple[Subject, ...]:
    """What a failure counts against; nothing where no face will be compared."""
    if reading.zone is None or not is_comparable(reading):
        return ()
    document = Subject(Counted.DOCUMENT, f"{reading.zone.issuing_state} {reading.zone.number}")
    return (document,) if actor is None else (document, Subject(Counted.DEVICE, actor.name))
