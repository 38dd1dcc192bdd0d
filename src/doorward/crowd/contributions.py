"""What one track may add to counts that are published, so that noise can hide it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

MOST_CONTRIBUTIONS = 2
"""A track counts at most so often in all published counts of one metric: one way through, and back."""


class Metric(StrEnum):
    """What is published: crossings of lines by direction, and visits to zones."""

    CROSSINGS = "crossings"
    VISITS = "visits"


@dataclass(frozen=True, slots=True, order=True)
class Tallied:
    """What a bounded count is of: a line's ``way`` (``in`` or ``out``), or a zone, whose ``way`` is empty."""

    metric: Metric
    place: str
    way: str = ""


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """``number`` of crossings or visits, in which no track has more than ``MOST_CONTRIBUTIONS``."""

    of: Tallied
    number: int


class ContributionBound:
    """How often each living track has counted."""

    def __init__(self, most: int = MOST_CONTRIBUTIONS) -> None:
        self._most = most
        self._made: dict[str, int] = {}

    def admit(self, track: str, wanted: int = 1) -> int:
        """How many of the ``wanted`` contributions of ``track`` count."""
        made = self._made.get(track, 0)
        admitted = min(wanted, self._most - made)
        self._made[track] = made + admitted
        return admitted

    def keep(self, living: Collection[str]) -> None:
        """Forget every track but these."""
        self._made = {track: made for track, made in self._made.items() if track in living}
