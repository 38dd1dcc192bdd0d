"""How far back an operator may read a person's passages: a granted row, bounded by what is kept."""

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Forbidden, WrongUse
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.passages.passage import RETENTION_HOURS

_KIND, _NAME = "setting", "reading span"


class ReadingSpan:
    """Who writes the database without the key reads no further back."""

    def __init__(self, grants: GrantStore, trail: AuditTrail, clock: Clock) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock

    def hours(self) -> int:
        held = self._grants.get(_KIND, _NAME)
        return int(held["hours"]) if held else RETENTION_HOURS

    def allow(self, actor: Actor, hours: int) -> int:
        """Let operators read at most the last ``hours``, 1 to ``RETENTION_HOURS``; the change is recorded."""
        if not 1 <= hours <= RETENTION_HOURS:
            raise WrongUse(f"Passages are read at most 1 to {RETENTION_HOURS} hours back, for they are kept no longer.")
        self._trail.record(AuditEntry(actor, f"passages may be read {hours} h back", None, self._clock.now()))
        self._grants.put(_KIND, _NAME, {"hours": hours})
        return hours

    def within(self, hours: int | None) -> int:
        """``hours``, or as many as may be read; ``Forbidden`` when they are more."""
        allowed = self.hours()
        if hours is None:
            return allowed
        if hours < 1:
            raise WrongUse("Ask for at least the last hour.")
        if hours > allowed:
            raise Forbidden(f"Passages may be read {allowed} hours back at this site; ask for no more.")
        return hours
