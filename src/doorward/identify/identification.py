"""Identification (1:N): which of a checkpoint's people is this, if any?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doorward.errors import LimitExceeded, PersonUnknown
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_FPIR, Threshold, ThresholdsOf, threshold_set_for
from doorward.identify.ports import Asker, PaceStore, Searches
from doorward.identify.search_basis import SearchBasis, search_basis
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.ports import ConsentStore, EnrolmentStore, LookalikeStore

MOST_CANDIDATES = 5
"""How many people who resemble a face are looked at."""

MOST_A_MINUTE = 30
"""The pace of people walking up to one door."""


@dataclass(frozen=True, slots=True)
class Group:
    """The group that may pass a checkpoint, by name, and the checkpoint's name.

    ``fpir``: the share of strangers that a search may name wrongly.
    """

    checkpoint: str
    name: str
    fpir: float = DEFAULT_FPIR


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody whose ``score`` reached the ``threshold`` of the search among the templates of their model."""

    person: PersonId
    score: float
    threshold: Threshold


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to. ``candidates``: who is near and may be named, best first of each model.

    ``threshold``: of the model that serves. ``references``: how many were compared. ``lookalikes``: whom an officer
    stated to be others than a candidate, though they resemble them.
    """

    threshold: Threshold
    references: int
    candidates: Sequence[Near]
    lookalikes: frozenset[PersonId] = frozenset()

    @property
    def needs_second_factor(self) -> bool:
        """Whether the face alone does not tell who it is."""
        return len(self.candidates) > 1 or bool(self.lookalikes)

    @property
    def people(self) -> frozenset[PersonId]:
        """Among whom a second factor decides."""
        return frozenset(one.person for one in self.candidates) | self.lookalikes


class Identifier:
    """Searches one checkpoint's group. "Nobody" is the normal answer, and leaves no entry about anybody."""

    def __init__(
        self,
        searches: Searches,
        lookalikes: LookalikeStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        pace: PaceStore,
        trail: AuditTrail,
        clock: Clock,
        thresholds: ThresholdsOf = threshold_set_for,
    ) -> None:
        self._searches = searches
        self._lookalikes = lookalikes
        self._consents = consents
        self._enrolments = enrolments
        self._pace = pace
        self._trail = trail
        self._clock = clock
        self._thresholds = thresholds

    def admit(self, checkpoint: str) -> None:
        """Take a place in the checkpoint's pace, before any face is looked at; ``LimitExceeded`` when full."""
        minute = f"{self._clock.now():%Y-%m-%dT%H:%M}"
        if self._pace.count(checkpoint, minute) > MOST_A_MINUTE:
            raise LimitExceeded(
                f"A checkpoint identifies at most {MOST_A_MINUTE} people a minute, the pace of people walking up; wait."
            )

    def identify(
        self,
        actor: Actor,
        group: Group,
        probe: Template,
        quality: QualityReport | None = None,
        is_member: Callable[[PersonId], bool] = lambda _: True,
        is_waiting: Callable[[], bool] = lambda: True,
    ) -> Decision:
        """What ``search`` finds, and what ``decide`` makes of it."""
        return self.decide(actor, group, self.search(group, (probe,), is_member, is_waiting), quality, is_member)

    def basis(self, group: Group, model: str) -> SearchBasis:
        """What a search in the group would rest on now."""
        return self._basis(group, model, self._searches.count(group.name))

    def _basis(self, group: Group, model: str, references: int) -> SearchBasis:
        return search_basis(model, references, group.fpir, self._thresholds)

    def search(
        self,
        group: Group,
        probes: Sequence[Template],
        is_member: Callable[[PersonId], bool] = lambda _: True,
        is_waiting: Callable[[], bool] = lambda: True,
    ) -> Found:
        """Who of the group the one face of ``probes`` may be: of the model that serves, and of a former one. Nobody
        is told.

        A candidate is a hint: key, consent, enrolment and, through ``is_member``, membership are read from the store
        before anybody is named. ``is_waiting``: whether somebody still waits for the answer. ``EvidenceMissing`` when
        more may pass than the thresholds were measured for.
        """
        # All references count for each model's threshold, so that both searches together hold the FPIR.
        references, asker = self._searches.count(group.name), Asker(group.checkpoint, is_waiting)
        thresholds = [self._basis(group, probe.origin.model, references).threshold for probe in probes]
        found: dict[PersonId, Near] = {}
        for probe, threshold in zip(probes, thresholds, strict=True):
            for candidate in self._searches.search(asker, probe, group.name, limit=MOST_CANDIDATES):
                if candidate.score >= threshold.value and self.may_be_named(candidate.person, is_member):
                    found.setdefault(candidate.person, Near(candidate.person, candidate.score, threshold))
        resembled = {one.person for person in found for one in self._lookalikes.of(person)}
        return Found(thresholds[0], references, tuple(found.values()), frozenset(resembled))

    def decide(
        self,
        actor: Actor,
        group: Group,
        found: Found,
        quality: QualityReport | None = None,
        is_member: Callable[[PersonId], bool] = lambda _: True,
    ) -> Decision:
        """Accepted with a person; or refused as ``nobody``, or where the face alone does not tell who it is."""
        if not found.candidates:
            reason = Reason.NOBODY if found.references else Reason.NOBODY_ENROLLED
            return Decision(Outcome.REFUSED, reason, None, found.threshold, quality)
        if found.needs_second_factor:
            return Decision(Outcome.REFUSED, Reason.SECOND_FACTOR_REQUIRED, None, found.threshold, quality)
        (best,) = found.candidates
        if not self._recorded(actor, group, best.person, is_member):
            return Decision(Outcome.REFUSED, Reason.NOBODY, None, found.threshold, quality)
        return Decision(Outcome.ACCEPTED, Reason.MATCHED, best.person, best.threshold, quality, best.score)

    def _recorded(self, actor: Actor, group: Group, person: PersonId, is_member: Callable[[PersonId], bool]) -> bool:
        """Enter it in the log; false when the person has withdrawn or was erased meanwhile, and is not named."""
        try:
            self._trail.record(AuditEntry(actor, f"identified at {group.checkpoint}", person, self._clock.now()))
        except PersonUnknown:
            return False
        # Read once more: writing the log may have waited for the very withdrawal that it must not come after.
        return self.may_be_named(person, is_member)

    def may_be_named(self, person: PersonId, is_member: Callable[[PersonId], bool]) -> bool:
        """Whether they are enrolled, agreed to be identified, and belong to the group."""
        consented = purposes_in_force(self._consents.of(person), self._clock.now())
        confirmed = any(not one.is_pending for one in self._enrolments.of(person))
        return Purpose.IDENTIFY in consented and confirmed and is_member(person)
