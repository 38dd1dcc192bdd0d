"""Identification (1:N): which of a checkpoint's people is this, if any?"""

from collections.abc import Callable
from dataclasses import dataclass

from doorward.errors import LimitExceeded, PersonUnknown, WrongUse
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.face.thresholds import Threshold, ThresholdsOf, threshold_set_for
from doorward.identify.ports import Asker, PaceStore, Searches
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.ports import ConsentStore, EnrolmentStore

DEFAULT_FPIR = 0.01
"""One stranger in a hundred is wrongly named at most."""

MOST_A_MINUTE = 30
"""The pace of people walking up to one door."""


@dataclass(frozen=True, slots=True)
class Group:
    """The group that may pass a checkpoint, by name, and the checkpoint's name."""

    checkpoint: str
    name: str


def search_threshold(
    model: str, references: int, fpir: float = DEFAULT_FPIR, thresholds_of: ThresholdsOf = threshold_set_for
) -> Threshold:
    """FMR = FPIR / N for a search against N references (ISO/IEC 19795-1: independent comparisons).

    A rate above what was measured takes the strictest that covers it; ``WrongUse`` when N asks for a rate
    rarer than was measured.
    """
    thresholds = thresholds_of(model)
    wanted = fpir / max(references, 1)
    if wanted < thresholds.lowest_fmr:
        raise WrongUse(
            f"A search among {references} templates at FPIR {fpir:g} needs a false-match rate of {wanted:.1e}, and "
            f"this model was measured down to {thresholds.lowest_fmr:g}; use smaller groups, or a badge too."
        )
    return thresholds.at(min(wanted, thresholds.highest_fmr))


class Identifier:
    """Searches one checkpoint's group. "Nobody" is the normal answer, and leaves no entry about anybody."""

    def __init__(
        self,
        searches: Searches,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        pace: PaceStore,
        trail: AuditTrail,
        clock: Clock,
        thresholds: ThresholdsOf = threshold_set_for,
    ) -> None:
        self._searches = searches
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
        """Accepted with a person, or refused as ``nobody`` or ``ambiguous``.

        A candidate is a hint: key, consent, enrolment and, through ``is_member``, membership are read from the store
        before anybody is named. ``is_waiting``: whether somebody still waits for the answer.
        """
        threshold = search_threshold(
            probe.origin.model, self._searches.count(group.name), thresholds_of=self._thresholds
        )
        found = [
            candidate
            for candidate in self._searches.search(Asker(group.checkpoint, is_waiting), probe, group.name, limit=2)
            if candidate.score >= threshold.value and self._may_be_named(candidate.person, is_member)
        ]
        if not found:
            return Decision(Outcome.REFUSED, Reason.NOBODY, None, threshold, quality)
        if len(found) > 1:
            return Decision(Outcome.REFUSED, Reason.AMBIGUOUS, None, threshold, quality)
        (best,) = found
        if not self._recorded(actor, group, best.person, is_member):
            return Decision(Outcome.REFUSED, Reason.NOBODY, None, threshold, quality)
        return Decision(Outcome.ACCEPTED, Reason.MATCHED, best.person, threshold, quality, best.score)

    def _recorded(self, actor: Actor, group: Group, person: PersonId, is_member: Callable[[PersonId], bool]) -> bool:
        """Enter it in the log; false when the person has withdrawn or was erased meanwhile, and is not named."""
        try:
            self._trail.record(AuditEntry(actor, f"identified at {group.checkpoint}", person, self._clock.now()))
        except PersonUnknown:
            return False
        # Read once more: writing the log may have waited for the very withdrawal that it must not come after.
        return self._may_be_named(person, is_member)

    def _may_be_named(self, person: PersonId, is_member: Callable[[PersonId], bool]) -> bool:
        consented = purposes_in_force(self._consents.of(person), self._clock.now())
        confirmed = any(not one.is_pending for one in self._enrolments.of(person))
        return Purpose.IDENTIFY in consented and confirmed and is_member(person)
