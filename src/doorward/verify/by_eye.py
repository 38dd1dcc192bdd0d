"""Verification without a face: an officer holds a person against their document or record, and says what they saw."""

from doorward.face.decision import Decision, Outcome, Reason
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.officer import named_officer
from doorward.people.ports import PersonStore


class EyeChecks:
    """Records what officers saw. Nothing is compared, and no failures are counted or forgotten."""

    def __init__(self, people: PersonStore, trail: AuditTrail, clock: Clock) -> None:
        self._people = people
        self._trail = trail
        self._clock = clock

    def record(self, actor: Actor, person: PersonId, outcome: Outcome, officer: str) -> Decision:
        """The officer's decision, after its entry in the person's log.

        ``PersonUnknown`` for nobody's id, ``WrongUse`` when the officer's name is none.
        """
        name = named_officer(officer)
        self._people.get(person)
        action = f"verification by eye: {outcome}, officer {name}"
        self._trail.record(AuditEntry(actor, action, person, self._clock.now()))
        if outcome is Outcome.ACCEPTED:
            return Decision(outcome, Reason.ACCEPTED_BY_EYE, person)
        return Decision(outcome, Reason.REFUSED_BY_EYE)
