"""What whoever watches a site live is told: decisions and states as they come about. Never who it was.

An event's id is random and serves nothing else, so that no two events of one person can be told to be theirs.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from doorward.errors import WrongUse


class LiveKind(StrEnum):
    """``DECISION`` at a checkpoint, or None where none was named; the ``CAMERA`` of a checkpoint, and a ``DEVICE``,
    here or away; an ``ALARM`` about a device.
    """

    DECISION = "decision"
    CAMERA = "camera"
    DEVICE = "device"
    ALARM = "alarm"

    @property
    def about(self) -> str:
        """The name under which JSON tells what the event is about."""
        return "checkpoint" if self in (LiveKind.DECISION, LiveKind.CAMERA) else "device"

    @property
    def told(self) -> str:
        """The name under which JSON tells what came about."""
        return {LiveKind.DECISION: "decision", LiveKind.ALARM: "alarm"}.get(self, "state")


ACCEPTED, REFUSED = "accepted", "refused"
HERE, AWAY = "here", "away"

SILENT_AFTER = {LiveKind.CAMERA: timedelta(seconds=60), LiveKind.DEVICE: timedelta(seconds=660)}
"""How long something is taken to be here without a word: three signs of life of a camera, which gives one every 20
seconds, and the ten minutes after which a device asks for its settings, with one more.
"""

_LONGEST = 200
_KINDS_OF_STATE = frozenset(SILENT_AFTER)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """``event``: a UUIDv4 of this event alone. ``at``: the whole second, UTC. ``name``: of the checkpoint or device."""

    event: str
    at: datetime
    kind: LiveKind
    name: str | None
    told: str

    def to_json(self) -> dict[str, str | None]:
        return {
            "event": self.event,
            "at": self.at.isoformat(),
            "kind": self.kind.value,
            self.kind.about: self.name,
            self.kind.told: self.told,
        }

    @staticmethod
    def from_json(held: Mapping[str, Any]) -> "LiveEvent":
        """``WrongUse`` for what ``to_json`` has not made."""
        try:
            kind = LiveKind(held["kind"])
            name, told, at = held[kind.about], held[kind.told], datetime.fromisoformat(held["at"])
            event = str(UUID(held["event"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise WrongUse("That is no live event.") from None
        is_named = name is None or (isinstance(name, str) and len(name) <= _LONGEST)
        if not is_named or not isinstance(told, str) or len(told) > _LONGEST or at.tzinfo is None:
            raise WrongUse("That is no live event.")
        return LiveEvent(event, at.astimezone(UTC), kind, name, told)


class Following(Protocol):
    def next(self, seconds: float) -> bytes | None:
        """What was told next, waited for at most ``seconds``; ``None`` when nothing was."""
        ...


class LiveChannel(Protocol):
    """Between the processes of a site: whoever follows hears what is told from then on. Nothing is kept."""

    def tell(self, octets: bytes) -> None:
        """To everybody who follows now; to nobody when that fails, for what is done does not wait for who watches."""
        ...

    def follow(self) -> AbstractContextManager[Following]:
        """``StorageError`` when that cannot be."""
        ...


class LiveBoard:
    """The last state of each camera and device, so that one who comes late knows it, and a silent one is noticed."""

    def __init__(self) -> None:
        self._states: dict[tuple[LiveKind, str], tuple[LiveEvent, datetime]] = {}

    def take(self, event: LiveEvent, now: datetime) -> bool:
        """Is the event news? Signs of life are not: a state that holds already."""
        if event.kind not in _KINDS_OF_STATE or event.name is None:
            return True
        key = (event.kind, event.name)
        before = self._states.get(key)
        is_news = before is None or before[0].told != event.told
        self._states[key] = (event if is_news or before is None else before[0], now)
        return is_news

    def fall_silent(self, now: datetime) -> tuple[LiveEvent, ...]:
        """Those that were here and have said nothing for too long, each once; their ids are to be given anew."""
        gone = [
            replace(event, told=AWAY, at=now.replace(microsecond=0))
            for event, heard in self._states.values()
            if event.told == HERE and now - heard > SILENT_AFTER[event.kind]
        ]
        for event in gone:
            self._states[event.kind, str(event.name)] = (event, now)
        return tuple(gone)

    def states(self) -> tuple[LiveEvent, ...]:
        """By kind and name."""
        return tuple(self._states[key][0] for key in sorted(self._states))
