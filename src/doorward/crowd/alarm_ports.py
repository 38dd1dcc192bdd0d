"""What alarms need from outside. Apart from ``ports``, so that alarms reach nothing that is noised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorward.crowd.alarms import Alarm


class AlarmStore(Protocol):
    def put(self, alarm: Alarm) -> None:
        """Store it, in the place of the one with its id; an acknowledgement that is stored stays."""
        ...

    def acknowledge(self, alarm_id: str, by: str, now: datetime) -> Alarm:
        """Note that ``by`` has taken it, over from whoever had it. ``NotFound``, or ``Conflict`` when it has ended."""
        ...

    def read(self, scene: str | None = None, *, is_open: bool = False, limit: int = 1000) -> Sequence[Alarm]:
        """Newest first."""
        ...


class AlarmReceiver(Protocol):
    def send(self, alarm: Alarm, message_id: str, body: bytes) -> None:
        """``ReceiverUnreachable`` when it was not taken."""
        ...

    def close(self) -> None: ...
