"""What an operator sees now, once a second: exact, kept nowhere."""

from collections import deque
from dataclasses import dataclass, replace
from math import inf

from doorward.crowd.levels import LevelKeeper, LevelTables, Quantity
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.pressure import Pressure
from doorward.crowd.scene import Zone
from doorward.crowd.time_to_threshold import FillMeter, TimeToThreshold
from doorward.crowd.zones import ZoneSample

FLOW_SECONDS = 60.0
"""A live flow is that of the last minute."""


@dataclass(frozen=True, slots=True)
class LiveZone:
    """``count``: people in the zone now; ``None`` while the source is out, and then so is everything else.

    The rest is 1.4 s old: densities in persons per square metre, pressure, and the levels held.
    """

    id: str
    count: int | None = None
    voronoi: float | None = None
    worst: float | None = None
    pressure: Pressure | None = None
    service: str | None = None
    safety: int | None = None
    to_limit: TimeToThreshold | None = None


@dataclass(frozen=True, slots=True)
class LiveLine:
    """Crossings since the run began, and the ``flow`` both ways in the last minute, persons per metre and minute."""

    id: str
    inward: int | None
    outward: int | None
    flow: float | None = None
    service: str | None = None
    safety: int | None = None


@dataclass(frozen=True, slots=True)
class LiveArea:
    """People in an area by its entrances, with the standard deviation."""

    id: str
    people: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class LiveView:
    """The scene at ``seconds`` of the run."""

    seconds: float
    zones: tuple[LiveZone, ...]
    lines: tuple[LiveLine, ...]
    areas: tuple[LiveArea, ...] = ()


class ZoneWatch:
    """One zone's levels and forecast, second by second."""

    def __init__(self, zone: Zone, levels: LevelTables | None) -> None:
        self._levels = levels
        self._fill = FillMeter(zone.limit) if zone.limit is not None else None
        if levels:
            self._service = LevelKeeper(levels.zone_service, levels.sustained, levels.hysteresis)
            self._safety = LevelKeeper(levels.zone_safety, levels.sustained, levels.hysteresis)
        self.view = LiveZone(zone.id)

    def see(self, seconds: float, sample: ZoneSample | None) -> ZoneSample | None:
        """The sample with the safety level held; ``None`` in and out when the source is out."""
        if self._fill:
            self._fill.update(seconds, sample.count if sample else None)
        service, safety = self._held(seconds, sample)
        if sample is None:
            self.view = LiveZone(self.view.id)
            return None
        self.view = LiveZone(
            self.view.id,
            self.view.count,
            sample.voronoi,
            sample.worst,
            sample.pressure,
            service,
            safety,
            self._fill.forecast() if self._fill else None,
        )
        return replace(sample, safety=safety)

    def count(self, people: int) -> None:
        """So many are in the zone now."""
        self.view = replace(self.view, count=people)

    def _held(self, seconds: float, sample: ZoneSample | None) -> tuple[str | None, int | None]:
        if not self._levels:
            return None, None
        service_table, safety_table = self._levels.zone_service, self._levels.zone_safety
        mean = _in(service_table.quantity, sample.voronoi) if sample else None
        worst = _in(safety_table.quantity, sample.worst) if sample else None
        service, safety = self._service.update(seconds, mean), self._safety.update(seconds, worst)
        return None if service is None else service_table.label(service), safety


class LineWatch:
    """One line's crossings, flow and levels."""

    def __init__(self, line: LineCounter, levels: LevelTables | None) -> None:
        self._id, self._length, self._levels = line.id, line.length, levels
        self._began: float | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._crossed = 0
        if levels:
            self._service = LevelKeeper(levels.line_service, levels.sustained, levels.hysteresis)
            self._safety = LevelKeeper(levels.line_safety, levels.sustained, levels.hysteresis)
        self.view = LiveLine(line.id, None, None)

    def see(self, seconds: float, crossed: Crossings, total: Crossings) -> None:
        self._began = seconds if self._began is None else self._began
        self._recent.append((seconds, crossed.inward + crossed.outward))
        self._crossed += crossed.inward + crossed.outward
        while seconds - self._recent[0][0] >= FLOW_SECONDS:
            self._crossed -= self._recent.popleft()[1]
        flow = None
        if seconds - self._began >= FLOW_SECONDS:
            flow = self._crossed * 60 / FLOW_SECONDS / self._length
        self.view = LiveLine(self._id, total.inward, total.outward, flow, *self._held(seconds, flow))

    def lose(self, seconds: float) -> None:
        """The source is out."""
        self._began = None
        self._recent.clear()
        self._crossed = 0
        self._held(seconds, None)
        self.view = replace(self.view, flow=None, service=None, safety=None)

    def _held(self, seconds: float, flow: float | None) -> tuple[str | None, int | None]:
        if not self._levels:
            return None, None
        service, safety = self._service.update(seconds, flow), self._safety.update(seconds, flow)
        return None if service is None else self._levels.line_service.label(service), safety


def _in(quantity: Quantity, density: float) -> float:
    """A density as the table wants it."""
    if quantity is Quantity.AREA:
        return 1 / density if density > 0 else inf
    return density
