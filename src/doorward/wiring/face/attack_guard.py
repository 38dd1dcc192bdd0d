"""What stands between a capture and its comparison: the checks against presentation attacks that the site asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol

from doorward.errors import AttackChecksFailed, Conflict
from doorward.face.capture import Capture
from doorward.face.challenge_book import ChallengeBook, Issued
from doorward.face.comparison import compare
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.pad import DevicePad, PadCheck, PadMethod, PadReport, passive_report
from doorward.face.ports import PresentationAttackDetector
from doorward.face.sample import Face
from doorward.face.template import Template, TemplateOrigin
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, ThresholdsOf, threshold_set_for
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId
from doorward.kernel.image import Image
from doorward.wiring.face.pad_models import BONA_FIDE_SCORE
from doorward.wiring.face.pad_policy import PadPolicies

Methods = frozenset[PadMethod]

NOTHING: Methods = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A capture to be judged. ``former``: its template by the model before, while somebody has no other.

    ``told``: what a device did before it sent this; ``image`` and ``face`` are None where it kept the picture.
    """

    image: Image | None
    face: Face | None
    template: Template
    former: Template | None = None
    told: DevicePad | None = None

    @staticmethod
    def of(image: Image, taken: Capture) -> "Seen":
        return Seen(image, taken.face, taken.template, taken.former)

    @property
    def templates(self) -> tuple[Template, ...]:
        return (self.template,) if self.former is None else (self.template, self.former)


class Challenger(Protocol):
    """Who asks for movements: a site, or a device for it."""

    @property
    def book(self) -> ChallengeBook: ...

    def same_face(self, model: str) -> float:
        """The least comparison score at which two templates of ``model`` in one session are one person's."""
        ...


class AttackGuard:
    """``load`` gives the passive detector, and is called only where one is asked for."""

    def __init__(
        self,
        policies: PadPolicies,
        load: Callable[[], PresentationAttackDetector],
        trail: AuditTrail,
        clock: Clock,
        randomness: Randomness,
        thresholds: ThresholdsOf = threshold_set_for,
    ) -> None:
        self._policies = policies
        self._load = load
        self._trail = trail
        self._clock = clock
        self._thresholds = thresholds
        self.book = ChallengeBook(clock, randomness)

    def same_face(self, model: str) -> float:
        """The least comparison score at which two templates of a session are one person's."""
        return self._thresholds(model).at(DEFAULT_VERIFICATION_FMR).value

    def begin(self, actor: Actor, origin: TemplateOrigin) -> Issued:
        """A challenge for ``actor``; ``TooFast`` when too many are open. ``origin``: of the templates to compare."""
        return self.book.issue(actor.name, self.same_face(origin.model))

    def seconds_of(self, issued: Issued) -> float:
        """How long ago the challenge was given out."""
        return (self._clock.now() - issued.issued_at).total_seconds()

    def required(self, more: Methods = NOTHING) -> Methods:
        """What the site asks for, and ``more``: a checkpoint or a caller can ask for more, never for less."""
        return self._policies.required() | more

    def required_at_enrolment(self) -> Methods:
        """What the site asks for when somebody is enrolled or confirmed before a camera.

        ``ModelMissing`` or ``ModelRefused`` where that cannot be looked at, before anybody is asked to stand there.
        """
        required = self._policies.at_enrolment()
        if PadMethod.PASSIVE in required:
            self._load()
        return required

    def refusal_without_movements(self, required: Methods, nonce: str | None) -> Decision | None:
        """Movements are asked for and none are named: refused before anything is looked at."""
        if PadMethod.ACTIVE in required and nonce is None:
            return Decision(Outcome.REFUSED, Reason.CHALLENGE_REQUIRED)
        return None

    def moved(self, nonce: str, seen: Seen, actor: Actor) -> Reason | None:
        """Why the challenge ``nonce`` does not speak for this face; None when it does. It is spent either way."""
        return unmoved(self, nonce, seen.template, actor.name)

    def judge(
        self, required: Methods, seen: Seen, actor: Actor, nonce: str | None = None, *, is_search: bool = False
    ) -> PadReport | Decision:
        """What is known of the capture, or its refusal. ``nonce``: of the movements made, where some were.

        A suspected attack on a verification leaves an entry about nobody; in a search (``is_search``) it leaves none,
        for a stranger whom the models take for a picture leaves no more than any other.

        ``ModelMissing`` or ``ModelRefused`` when the passive check is asked for and its models are not here.
        """
        judged = self._judged(required, seen, actor, nonce)
        if isinstance(judged, Decision) and judged.reason is Reason.PRESENTATION_ATTACK and not is_search:
            self._record(actor, "verification, presentation attack suspected", None)
        return judged

    def require_at_enrolment(self, seen: Seen, actor: Actor, person: PersonId, nonce: str | None = None) -> None:
        """``AttackChecksFailed`` when the capture fails what is asked for at enrolment; the person's log has it.

        ``ModelMissing`` or ``ModelRefused`` as ``judge``.
        """
        judged = self._judged(self._policies.at_enrolment(), seen, actor, nonce)
        if isinstance(judged, Decision):
            self.refuse_enrolment(actor, person, judged.reason)

    def refuse_enrolment(self, actor: Actor, person: PersonId, reason: Reason) -> NoReturn:
        """``AttackChecksFailed``, after its entry in the person's log."""
        self._record(actor, f"capture for enrolment refused: {reason.value.replace('_', ' ')}", person)
        raise AttackChecksFailed(reason.sentence)

    def _judged(self, required: Methods, seen: Seen, actor: Actor, nonce: str | None) -> PadReport | Decision:
        done = NOTHING if seen.told is None else seen.told.methods & {PadMethod.ACTIVE}
        if nonce is not None:
            reason = self.moved(nonce, seen, actor)
            if reason is not None:
                return refused_movements(reason)
            done = frozenset({PadMethod.ACTIVE})
        elif PadMethod.ACTIVE in required - done:
            return Decision(Outcome.REFUSED, Reason.CHALLENGE_REQUIRED)
        if PadMethod.PASSIVE not in required:
            return PadReport(done)
        report = self._looked_at(seen)
        report = PadReport(done | report.methods, report.is_attack, report.model, report.score, report.rates)
        return Decision(Outcome.REFUSED, Reason.PRESENTATION_ATTACK, pad=report) if report.is_attack else report

    def _looked_at(self, seen: Seen) -> PadReport:
        if seen.image is not None and seen.face is not None:
            return PadCheck(self._load(), BONA_FIDE_SCORE, self._policies.rates()).look(seen.image, seen.face)
        if seen.told is None or seen.told.model is None or seen.told.score is None:
            raise Conflict("The checkpoint asks for other checks by now than the device made; present yourself again.")
        return passive_report(seen.told.model, seen.told.score, BONA_FIDE_SCORE, self._policies.rates())

    def _record(self, actor: Actor, action: str, about: PersonId | None) -> None:
        self._trail.record(AuditEntry(actor, action, about, self._clock.now()))


def unmoved(challenger: Challenger, nonce: str, template: Template, holder: str) -> Reason | None:
    """Why the challenge ``nonce`` does not speak for the face of ``template``; None when it does. It is spent then."""
    found = challenger.book.redeem(nonce, holder)
    if isinstance(found, Reason):
        return found
    begun = found.challenge.template
    if begun is None or compare(template, begun) < challenger.same_face(template.origin.model):
        return Reason.FACE_CHANGED
    return None


def refused_movements(reason: Reason) -> Decision:
    """The refusal of movements that were not made as asked."""
    return Decision(Outcome.REFUSED, reason, pad=PadReport(frozenset({PadMethod.ACTIVE})))
