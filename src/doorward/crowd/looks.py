"""Who looked at exact figures: hour by hour, so that whoever looks every second leaves one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

KEPT = timedelta(days=366)
"""How long a look stays in the book."""

EVERY_SCENE = ""
"""The scene of a look at all of them."""


class LookedAt(StrEnum):
    INTERVALS = "intervals"
    ALARMS = "alarms"
    PICTURE = "picture"
    PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class Look:
    """``hour``: its beginning, UTC. ``who``: a token's or an operator's name. ``times``: how often in that hour."""

    hour: datetime
    who: str
    at: LookedAt
    scene: str
    times: int


class LookBook(Protocol):
    def note(self, who: str, at: LookedAt, scene: str, now: datetime) -> None:
        """Somebody looks; what is older than ``KEPT`` is dropped."""
        ...

    def read(self, start: datetime | None = None, end: datetime | None = None) -> Sequence[Look]:
        """Those of the hours that begin at ``start`` or later and before ``end``, the newest first."""
        ...
