"""What a door is told: a random event id, the decision, and what it is to do. Never who it was."""

from dataclasses import dataclass
from enum import StrEnum


class FailureMode(StrEnum):
    """What a door does while nothing decides: stay locked, or let everybody out and in. Fire rules decide which."""

    SECURE = "secure"
    SAFE = "safe"

    @property
    def state(self) -> "DoorState":
        return DoorState.RELEASED if self is FailureMode.SAFE else DoorState.CLOSED


class DoorState(StrEnum):
    """``OPEN``: for one person, once. ``CLOSED``: locked. ``RELEASED``: unlocked until it is told otherwise."""

    OPEN = "open"
    CLOSED = "closed"
    RELEASED = "released"


class DoorDecision(StrEnum):
    """``NONE``: nobody presented themselves; the door is told what holds from now on."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DoorMessage:
    """``event``: a UUIDv4 of this message alone."""

    event: str
    decision: DoorDecision
    door: DoorState

    def to_json(self) -> dict[str, str]:
        return {"event": self.event, "decision": self.decision.value, "door": self.door.value}


def decided(event: str, *, accepted: bool) -> DoorMessage:
    """What a door is told of a decision."""
    if accepted:
        return DoorMessage(event, DoorDecision.ACCEPTED, DoorState.OPEN)
    return DoorMessage(event, DoorDecision.REFUSED, DoorState.CLOSED)
