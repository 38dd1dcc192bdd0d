"""What leaves the room: aggregates of whole minutes and quarters of an hour, and nothing finer."""

from dataclasses import dataclass
from datetime import datetime

from doorward.crowd.contributions import BoundedCount
from doorward.crowd.dwell import DwellTable
from doorward.crowd.heat_map import HeatMap

MINUTE_SECONDS = 60
QUARTER_SECONDS = 900


@dataclass(frozen=True, slots=True)
class LineCount:
    """People who crossed the line in an interval; ``None`` where nothing was measured.

    ``unresolved``: tracks that began or ended within the line's band, each perhaps one more crossing.
    ``flow_in`` and ``flow_out``: persons per metre and minute. ``service`` and ``safety``: the levels of both
    directions together, by the scene's tables.
    """

    id: str
    inward: int | None
    outward: int | None
    unresolved: int | None = None
    flow_in: float | None = None
    flow_out: float | None = None
    service: str | None = None
    safety: int | None = None


@dataclass(frozen=True, slots=True)
class Density:
    """Persons per square metre: ``classic`` (people over area) and ``voronoi``, both means over the interval, and
    the ``worst`` square metre of its worst second. ``uncertainty``: standard deviation of the two means.
    """

    classic: float
    voronoi: float
    worst: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Speed:
    """The ``median`` over everybody at every second, m/s; ``slow``: the share of them below 0.3 m/s.

    ``uncertainty``: standard deviation of one person's speed, m/s; None until the jitter of foot-points is known.
    """

    median: float
    slow: float
    uncertainty: float | None


@dataclass(frozen=True, slots=True)
class PressurePeak:
    """The highest crowd ``pressure`` of the interval, 1/s2, and the highest ``floor`` that jitter put under it.

    ``pressure`` is None when no second had a floor low enough.
    """

    pressure: float | None
    floor: float


@dataclass(frozen=True, slots=True)
class ZoneOccupancy:
    """People in the zone, weighted by time; ``None`` where nothing was measured.

    ``uncertainty``: standard deviation of ``mean`` in persons, from those so near to the border that their place
    does not tell the side. ``service``: the level of the mean density. ``safety``: the highest safety level held.
    """

    id: str
    mean: float | None
    least: int | None
    most: int | None
    p95: int | None
    uncertainty: float | None = None
    density: Density | None = None
    speed: Speed | None = None
    dwell: DwellTable | None = None
    pressure: PressurePeak | None = None
    service: str | None = None
    safety: int | None = None


@dataclass(frozen=True, slots=True)
class AreaCount:
    """People in an area at the end of the interval, by its entrances, and the persons that each correction added.

    ``anchor``: what the count stands on (``closed``, ``zones``); None when it counts from an unknown beginning.
    ``ratio``: in over out as learnt, by which crossings were divided.
    """

    id: str
    people: float
    uncertainty: float
    ratio: float
    anchor: str | None
    closed: float = 0.0
    zones: float = 0.0
    below_zero: float = 0.0


@dataclass(frozen=True, slots=True)
class IntervalAggregate:
    """One minute, or quarter of an hour, of one scene.

    ``start`` is aware, in UTC, on the full minute or quarter; ``seconds`` is 60 or 900. ``coverage`` is the share,
    0 to 1, of it in which the source was seen: at 0 every value is ``None``, for a camera that is out says nothing,
    and never 0 people. ``method`` names the detector, ``levels`` the version of the tables behind every level.
    ``heat_map`` and ``bounded``, the exact counts that noise is added to when they are published: of quarters alone.
    """

    scene: str
    start: datetime
    coverage: float
    method: str
    lines: tuple[LineCount, ...]
    zones: tuple[ZoneOccupancy, ...]
    areas: tuple[AreaCount, ...] = ()
    seconds: int = MINUTE_SECONDS
    levels: str | None = None
    heat_map: HeatMap | None = None
    bounded: tuple[BoundedCount, ...] = ()
