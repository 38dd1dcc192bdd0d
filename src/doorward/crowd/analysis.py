"""The whole way of a moment: foot-points in, minutes out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from doorward.crowd.geometry import Points
from doorward.crowd.intervals import INTERVAL_SECONDS, IntervalAggregate, LineCount, ZoneOccupancy
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.presence import Moment, Presence
from doorward.crowd.scene import Scene
from doorward.crowd.tracks import DEFAULT, Tracker, TrackerSettings
from doorward.crowd.zones import OccupancyMeter, ZoneCounter
from doorward.kernel.clock import Clock, Randomness

MAX_GAP_SECONDS = 1.5
"""Moments further apart than this leave the time between them unknown."""


@dataclass(frozen=True, slots=True)
class LiveView:
    """What an operator sees now: people in each zone (``None`` while the source is out), and crossings so far."""

    seconds: float
    zones: tuple[tuple[str, int | None], ...]
    lines: tuple[LineCount, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run: ``measured_seconds`` were seen, ``None`` stands where nothing was measured."""

    measured_seconds: float
    lines: tuple[LineCount, ...]
    zones: tuple[ZoneOccupancy, ...]


class _Tally:
    """Crossings and occupancy over some time."""

    def __init__(self, scene: Scene) -> None:
        self.crossings = {line.id: Crossings() for line in scene.lines}
        self.meters = {zone.id: OccupancyMeter(zone.id) for zone in scene.zones}
        self.seconds = 0.0

    def hold(self, counts: Iterable[tuple[str, int]], seconds: float) -> None:
        self.seconds += seconds
        for zone, count in counts:
            self.meters[zone].add(count, seconds)

    def cross(self, line: str, crossings: Crossings) -> None:
        self.crossings[line] += crossings

    def lines(self) -> tuple[LineCount, ...]:
        if self.seconds <= 0:
            return tuple(LineCount(line, None, None) for line in self.crossings)
        return tuple(LineCount(line, c.inward, c.outward) for line, c in self.crossings.items())

    def zones(self) -> tuple[ZoneOccupancy, ...]:
        return tuple(meter.result() for meter in self.meters.values())


class CrowdAnalysis:
    """One run over one scene; second 0 is the clock's time when the run is made.

    Give each moment's foot-points to ``observe`` in order; it returns the minutes that are complete. ``advance``
    says that time passed without a picture, ``finish`` ends the run.
    """

    def __init__(
        self, scene: Scene, method: str, clock: Clock, randomness: Randomness, settings: TrackerSettings = DEFAULT
    ) -> None:
        self._scene, self._method = scene, method
        self._began = clock.now().astimezone(UTC)
        self._tracker = Tracker(randomness, settings)
        self._presence = Presence()
        self._lines = tuple(LineCounter(line, scene.hysteresis) for line in scene.lines)
        self._zones = tuple(ZoneCounter(zone) for zone in scene.zones)
        self._total = _Tally(scene)
        self._minutes: dict[datetime, _Tally] = {}
        self._next_minute = self._minute(0.0)
        self._held: tuple[float, tuple[tuple[str, int], ...]] | None = None
        self._usual_step = 0.0
        self._now: tuple[tuple[str, int | None], ...] = ()
        self._seconds = 0.0

    def observe(self, seconds: float, foot_points: Points) -> tuple[IntervalAggregate, ...]:
        """Take the foot-points (n x 2 pixels) seen at ``seconds``, which never decrease."""
        self._seconds = seconds
        tracks = self._tracker.update(seconds, self._scene.homography.to_ground(foot_points))
        for counter in self._lines:
            crossed = counter.update(tracks)
            self._total.cross(counter.id, crossed)
            self._tally(seconds).cross(counter.id, crossed)
        seen = [track.position for track in tracks if track.confirmed and track.unseen == 0.0]
        self._now = self._count(seen)
        for moment in self._presence.update(seconds, tracks):
            self._settle(moment)
        settled = seconds if self._held is None else self._held[0]
        return tuple(self._complete(self._minute(min(seconds, settled))))

    def advance(self, seconds: float) -> tuple[IntervalAggregate, ...]:
        """The source is out at ``seconds``: what was seen before is settled, the time since stays unknown."""
        self._end_stretch()
        self._now = tuple((zone.id, None) for zone in self._zones)
        self._seconds = max(self._seconds, seconds)
        return tuple(self._complete(self._minute(self._seconds)))

    def finish(self) -> tuple[IntervalAggregate, ...]:
        """The minutes that were still open, the last one with the coverage it reached."""
        self._end_stretch()
        return tuple(self._complete(max([*self._minutes, self._minute(0.0)]) + timedelta(seconds=INTERVAL_SECONDS)))

    def live(self) -> LiveView:
        return LiveView(self._seconds, self._now, self._total.lines())

    def summary(self) -> Summary:
        return Summary(self._total.seconds, self._total.lines(), self._total.zones())

    def _count(self, positions: Sequence[tuple[float, float]]) -> tuple[tuple[str, int], ...]:
        return tuple((zone.id, zone.count(positions)) for zone in self._zones)

    def _settle(self, moment: Moment) -> None:
        if self._held is not None:
            step = moment.seconds - self._held[0]
            if 0 < step <= MAX_GAP_SECONDS:
                self._hold(step)
                self._usual_step = step
        self._held = (moment.seconds, self._count(moment.positions))

    def _end_stretch(self) -> None:
        for moment in self._presence.finish():
            self._settle(moment)
        if self._held is not None:
            # The last picture stands for as long as the one before it did.
            self._hold(self._usual_step)
            self._held = None

    def _hold(self, seconds: float) -> None:
        """Let the held counts last ``seconds``, parted where a minute ends."""
        if self._held is None:
            return
        start, counts = self._held
        self._total.hold(counts, seconds)
        while seconds > 1e-9:
            end = self._minute(start) + timedelta(seconds=INTERVAL_SECONDS)
            part = min(seconds, (end - self._time(start)).total_seconds())
            self._tally(start).hold(counts, part)
            start += part
            seconds -= part

    def _time(self, seconds: float) -> datetime:
        return self._began + timedelta(seconds=seconds)

    def _minute(self, seconds: float) -> datetime:
        return self._time(seconds).replace(second=0, microsecond=0)

    def _tally(self, seconds: float) -> _Tally:
        minute = max(self._minute(seconds), self._next_minute)
        return self._minutes.setdefault(minute, _Tally(self._scene))

    def _complete(self, before: datetime) -> Iterator[IntervalAggregate]:
        """Every minute before ``before`` that was not given yet, the unseen ones too."""
        while self._next_minute < before:
            tally = self._minutes.pop(self._next_minute, None) or _Tally(self._scene)
            coverage = min(1.0, tally.seconds / INTERVAL_SECONDS)
            yield IntervalAggregate(
                self._scene.name, self._next_minute, coverage, self._method, tally.lines(), tally.zones()
            )
            self._next_minute += timedelta(seconds=INTERVAL_SECONDS)
