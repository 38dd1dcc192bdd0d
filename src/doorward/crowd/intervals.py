"""What leaves the room: aggregates of whole minutes, and nothing finer."""

from dataclasses import dataclass
from datetime import datetime

INTERVAL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class LineCount:
    """People who crossed the line in an interval; ``None`` where nothing was measured."""

    id: str
    inward: int | None
    outward: int | None


@dataclass(frozen=True, slots=True)
class ZoneOccupancy:
    """People in the zone, weighted by time; ``None`` where nothing was measured."""

    id: str
    mean: float | None
    least: int | None
    most: int | None
    p95: int | None


@dataclass(frozen=True, slots=True)
class IntervalAggregate:
    """One minute of one scene.

    ``start`` is aware, in UTC, on the full minute. ``coverage`` is the share, 0 to 1, of the minute in which the
    source was seen: at 0 every value is ``None``, for a camera that is out says nothing, and never 0 people.
    ``method`` names the detector.
    """

    scene: str
    start: datetime
    coverage: float
    method: str
    lines: tuple[LineCount, ...]
    zones: tuple[ZoneOccupancy, ...]
