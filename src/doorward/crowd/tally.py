"""What is gathered over an interval, and the intervals of one length, one after the other."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from doorward.crowd.contributions import BoundedCount, Metric, Tallied
from doorward.crowd.drift import AreaCounter, Reason
from doorward.crowd.dwell import DwellTable
from doorward.crowd.heat_map import HeatMap
from doorward.crowd.intervals import QUARTER_SECONDS, AreaCount, IntervalAggregate, LineCount
from doorward.crowd.levels import LevelTables
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.scene import Scene
from doorward.crowd.zones import ZoneCounter, ZoneMeter, ZoneSample
from doorward.kernel.moments import whole_hour


class Tally:
    """Crossings, zones and areas over some time."""

    def __init__(self, lines: tuple[LineCounter, ...], zones: tuple[ZoneCounter, ...]) -> None:
        self._lines = lines
        self.crossings = {line.id: Crossings() for line in lines}
        self.zones = {zone.id: ZoneMeter(zone) for zone in zones}
        self.areas: dict[str, AreaCount] = {}
        self.speed_uncertainty: float | None = None
        self.heat_map: HeatMap | None = None
        self.seconds = 0.0
        ways = [Tallied(Metric.CROSSINGS, line.id, way) for line in lines for way in ("in", "out")]
        # Everything that could be counted stands here from the beginning: what is missing would tell of nobody.
        self._bounded = dict.fromkeys([*ways, *(Tallied(Metric.VISITS, zone.id) for zone in zones)], 0)

    def contribute(self, counts: Iterable[BoundedCount]) -> None:
        """Counts that may be published."""
        for count in counts:
            self._bounded[count.of] += count.number

    def bounded(self) -> tuple[BoundedCount, ...]:
        """All of them; none when nothing was seen."""
        if self.seconds <= 0:
            return ()
        return tuple(BoundedCount(of, number) for of, number in self._bounded.items())

    def hold(self, counts: Mapping[str, int], seconds: float) -> None:
        """So many were in each zone for ``seconds``."""
        self.seconds += seconds
        for zone, count in counts.items():
            self.zones[zone].occupancy.add(count, seconds)

    def sample(self, samples: Mapping[str, ZoneSample], speed_uncertainty: float | None) -> None:
        """Each zone at one second."""
        self.speed_uncertainty = speed_uncertainty
        for zone, sample in samples.items():
            self.zones[zone].samples.append(sample)

    def dwell(self, tables: Mapping[str, DwellTable]) -> None:
        for zone, table in tables.items():
            self.zones[zone].dwell.add(table)

    def note(self, area: AreaCounter, corrections: Mapping[Reason, float]) -> None:
        """An area as it is now, and the ``corrections`` since it was noted last."""
        earlier = self.areas.get(area.id)
        closed, zones, below_zero = (earlier.closed, earlier.zones, earlier.below_zero) if earlier else (0.0, 0.0, 0.0)
        state = area.state
        self.areas[area.id] = AreaCount(
            area.id,
            state.people,
            area.uncertainty,
            state.ratio,
            state.anchor,
            closed=closed + corrections.get(Reason.CLOSED, 0.0),
            zones=zones + corrections.get(Reason.ZONES, 0.0),
            below_zero=below_zero + corrections.get(Reason.BELOW_ZERO, 0.0),
        )

    def line_counts(self, levels: LevelTables | None) -> tuple[LineCount, ...]:
        return tuple(line_count(line, self.crossings[line.id], self.seconds, levels) for line in self._lines)


def line_count(line: LineCounter, crossed: Crossings, seconds: float, levels: LevelTables | None) -> LineCount:
    """What crossed in ``seconds`` that were seen; everything ``None`` in none."""
    if seconds <= 0:
        return LineCount(line.id, None, None)
    per_metre_minute = 60 / seconds / line.length
    flow = (crossed.inward + crossed.outward) * per_metre_minute
    return LineCount(
        line.id,
        crossed.inward,
        crossed.outward,
        unresolved=crossed.unresolved,
        flow_in=crossed.inward * per_metre_minute,
        flow_out=crossed.outward * per_metre_minute,
        service=levels.line_service.label(levels.line_service.level(flow)) if levels else None,
        safety=levels.line_safety.level(flow) if levels else None,
    )


class IntervalSeries:
    """Intervals of ``length`` seconds, which divides an hour, on the clock's full ones."""

    def __init__(self, scene: Scene, method: str, length: int, new_tally: Callable[[], Tally], began: datetime) -> None:
        self._scene, self._method, self._new_tally = scene, method, new_tally
        self._length = timedelta(seconds=length)
        self._tallies: dict[datetime, Tally] = {}
        self._next = self._start(began)

    def at(self, time: datetime) -> Tally:
        """The tally of the interval in which ``time`` lies, or of the first that is still open."""
        start = max(self._start(time), self._next)
        if start not in self._tallies:
            self._tallies[start] = self._new_tally()
        return self._tallies[start]

    def hold(self, time: datetime, counts: Mapping[str, int], seconds: float) -> None:
        """Let ``counts`` last ``seconds`` from ``time`` on, parted where an interval ends."""
        while seconds > 1e-9:
            part = min(seconds, (self._start(time) + self._length - time).total_seconds())
            self.at(time).hold(counts, part)
            time += timedelta(seconds=part)
            seconds -= part

    def complete(self, before: datetime) -> Iterator[IntervalAggregate]:
        """Every interval that ended by ``before`` and was not given yet, the unseen ones too, oldest first."""
        while self.due <= before:
            yield self._aggregate(self._next, self.at(self._next))
            del self._tallies[self._next]
            self._next += self._length

    @property
    def end(self) -> datetime:
        """When the last interval ends that was begun."""
        return max([*self._tallies, self._next]) + self._length

    @property
    def due(self) -> datetime:
        """When the oldest open interval ends."""
        return self._next + self._length

    def _start(self, time: datetime) -> datetime:
        hour = whole_hour(time)
        return hour + (time - hour) // self._length * self._length

    def _aggregate(self, start: datetime, tally: Tally) -> IntervalAggregate:
        levels = self._scene.levels
        return IntervalAggregate(
            self._scene.name,
            start,
            min(1.0, tally.seconds / self._length.total_seconds()),
            self._method,
            tally.line_counts(levels),
            tuple(meter.result(levels, tally.speed_uncertainty) for meter in tally.zones.values()),
            areas=tuple(tally.areas.values()),
            seconds=int(self._length.total_seconds()),
            levels=levels.version if levels else None,
            heat_map=tally.heat_map,
            bounded=tally.bounded() if self._length.total_seconds() == QUARTER_SECONDS else (),
        )
