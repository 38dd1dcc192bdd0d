"""Presence: who is inside, told from entries and exits for an evacuation; off unless the site turned it on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from doorward.kernel.ids import CheckpointId, PersonId
from doorward.passages.passage import Passage


@dataclass(frozen=True, slots=True)
class PresenceMode:
    """``entries`` and ``exits``: the checkpoints that lead in and out. ``notice``: what people were shown.

    Nothing from before ``since``, when they were told, counts.
    """

    entries: frozenset[CheckpointId]
    exits: frozenset[CheckpointId]
    notice: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """``entered_at`` and ``checkpoint``: of the latest entry, and of no passage before it."""

    person: PersonId
    display_name: str
    entered_at: datetime
    checkpoint: CheckpointId


@dataclass(frozen=True, slots=True)
class PresenceList:
    """``unreadable``: of how many people a record is damaged, so that it is not known whether they are inside."""

    inside: Sequence[Present]
    unreadable: int


def inside(latest: Iterable[Passage], mode: PresenceMode) -> list[Passage]:
    """Of people's latest passages those that led in, the longest inside first."""
    return sorted((one for one in latest if one.checkpoint in mode.entries), key=lambda one: one.at)
