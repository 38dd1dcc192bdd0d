"""The whole way of a moment: foot-points in, intervals out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from doorward.crowd.areas import AreaBook
from doorward.crowd.following import Following
from doorward.crowd.geometry import Points
from doorward.crowd.heat_map import HeatMeter, grid_over
from doorward.crowd.intervals import (
    MINUTE_SECONDS,
    QUARTER_SECONDS,
    AreaCount,
    IntervalAggregate,
    LineCount,
    ZoneOccupancy,
)
from doorward.crowd.kinematics import Motion
from doorward.crowd.lines import Crossings
from doorward.crowd.live import LineWatch, LiveView, ZoneWatch
from doorward.crowd.sampling import Sampler
from doorward.crowd.scene import Scene
from doorward.crowd.tally import IntervalSeries, Tally, line_count
from doorward.crowd.uncertainty import speed_spread
from doorward.crowd.zones import OccupancyMeter, ZoneCounter
from doorward.kernel.clock import Clock, Randomness

MAX_GAP_SECONDS = 1.5
"""Moments further apart than this leave the time between them unknown."""

SAMPLE_SECONDS = 1.0
"""Densities, speeds and pressure are taken once a second; counts and crossings at every moment."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run: ``measured_seconds`` were seen, ``None`` stands where nothing was measured."""

    measured_seconds: float
    lines: tuple[LineCount, ...]
    zones: tuple[ZoneOccupancy, ...]


@dataclass(slots=True)
class _Held:
    """The counts of the last settled moment, until the next one says how long they lasted."""

    seconds: float
    counts: Mapping[str, int]


class CrowdAnalysis:
    """One run over one scene; second 0 is the clock's time when the run is made.

    Give each moment's foot-points to ``observe`` in order; it returns the intervals that are complete. ``advance``
    says that time passed without a picture, ``finish`` ends the run. ``areas``: what was stored of them last.
    ``watch`` sees every settled moment, with tracks, and must not keep it.
    """

    def __init__(
        self,
        scene: Scene,
        method: str,
        clock: Clock,
        randomness: Randomness,
        *,
        areas: tuple[AreaCount, ...] = (),
        watch: Callable[[Motion], None] = lambda _: None,
    ) -> None:
        self._scene = scene
        self._began = clock.now().astimezone(UTC)
        self._watch = watch
        self._following = Following(scene, randomness)
        self._zones = tuple(ZoneCounter(zone) for zone in scene.zones)
        self._sampler = Sampler(scene, self._zones)
        self._heat = HeatMeter(grid_over(scene.walkable_ground))
        self._areas = AreaBook(scene, self._began, areas)
        self._zone_watches = {zone.id: ZoneWatch(zone, scene.levels) for zone in scene.zones}
        self._line_watches = {line.id: LineWatch(line, scene.levels) for line in self._following.lines}
        self._crossed = {line.id: Crossings() for line in scene.lines}
        self._occupancies = {zone.id: OccupancyMeter(zone.id) for zone in scene.zones}
        self._measured_seconds = 0.0
        self._minutes, self._quarters = (
            IntervalSeries(scene, method, length, self._new_tally, self._began)
            for length in (MINUTE_SECONDS, QUARTER_SECONDS)
        )
        self._held: _Held | None = None
        self._usual_step = 0.0
        self._sampled: float | None = None
        self._seconds = 0.0

    def observe(self, seconds: float, foot_points: Points) -> tuple[IntervalAggregate, ...]:
        """Take the foot-points (n x 2 pixels) seen at ``seconds``, which never decrease."""
        self._seconds = seconds
        step = self._following.update(seconds, foot_points)
        time = self._time(seconds)
        for line, crossed in step.crossings.items():
            self._crossed[line] += crossed
            for tally in self._tallies(time):
                tally.crossings[line] += crossed
            self._line_watches[line].see(seconds, crossed, self._crossed[line])
        self._quarters.at(time).contribute(step.bounded)
        self._areas.cross(time, step.crossings)
        self._areas.note(*self._tallies(time))
        for zone in self._zones:
            self._zone_watches[zone.id].count(zone.count(step.present))
        return tuple(self._settle(step.motions))

    def advance(self, seconds: float) -> tuple[IntervalAggregate, ...]:
        """The source is out at ``seconds``: what was seen before is settled, the time since stays unknown."""
        complete = list(self._end_stretch())
        self._seconds = max(self._seconds, seconds)
        self._following.lose(self._seconds)
        self._lose_sight(self._seconds)
        return (*complete, *self._complete(self._time(self._seconds)))

    def finish(self) -> tuple[IntervalAggregate, ...]:
        """The intervals that were still open, the last ones with the coverage they reached."""
        complete = [*self._end_stretch(), *self._minutes.complete(self._minutes.end)]
        self._draw_heat_map(self._quarters.due)
        return (*complete, *self._quarters.complete(self._quarters.end))

    def live(self) -> LiveView:
        return LiveView(
            self._seconds,
            tuple(watch.view for watch in self._zone_watches.values()),
            tuple(watch.view for watch in self._line_watches.values()),
            self._areas.live(),
        )

    def summary(self) -> Summary:
        return Summary(
            self._measured_seconds,
            tuple(
                line_count(line, self._crossed[line.id], self._measured_seconds, self._scene.levels)
                for line in self._following.lines
            ),
            tuple(meter.result() for meter in self._occupancies.values()),
        )

    def _settle(self, motions: Iterable[Motion]) -> Iterator[IntervalAggregate]:
        for motion in motions:
            self._watch(motion)
            seconds = motion.moment.seconds
            step = seconds - self._held.seconds if self._held else 0.0
            if step > MAX_GAP_SECONDS:
                self._lose_sight(seconds)
                step = 0.0
            self._hold(step)
            yield from self._complete(self._time(seconds))
            self._usual_step = step or self._usual_step
            counts = {zone.id: zone.count(motion.moment.positions) for zone in self._zones}
            self._held = _Held(seconds, counts)
            tables = self._sampler.dwell(motion.moment, step)
            for tally in self._tallies(self._time(seconds)):
                tally.dwell(tables)
            self._quarters.at(self._time(seconds)).contribute(
                self._sampler.visits(motion.moment, self._following.living)
            )
            if self._sampled is None or seconds - self._sampled >= SAMPLE_SECONDS - 1e-6:
                self._sample(motion)

    def _sample(self, motion: Motion) -> None:
        """Take what is measured once a second."""
        seconds = motion.moment.seconds
        since = 0.0 if self._sampled is None else seconds - self._sampled
        self._sampled = seconds
        self._heat.sample(motion, since if since <= SAMPLE_SECONDS + MAX_GAP_SECONDS else SAMPLE_SECONDS)
        samples = self._sampler.sample(motion, self._following)
        held = {zone: self._zone_watches[zone].see(seconds, sample) for zone, sample in samples.items()}
        self._areas.reconcile(seconds, samples)
        for tally in self._tallies(self._time(seconds)):
            tally.sample(
                {zone: sample for zone, sample in held.items() if sample}, speed_spread(self._following.jitter)
            )

    def _end_stretch(self) -> Iterator[IntervalAggregate]:
        yield from self._settle(self._following.end_stretch().motions)
        # The last picture stands for as long as the one before it did.
        self._hold(self._usual_step)
        self._held = self._sampled = None
        self._sampler.forget()
        self._heat.forget()

    def _lose_sight(self, seconds: float) -> None:
        """The source is, or was, out at ``seconds``: what is not known any more says so, and begins anew."""
        self._sampler.lose(self._following.living)
        self._areas.lose()
        for zone in self._zone_watches.values():
            zone.see(seconds, None)
        for line in self._line_watches.values():
            line.lose(seconds)

    def _hold(self, seconds: float) -> None:
        """Let the held counts last ``seconds``."""
        if self._held is None or not seconds:
            return
        self._measured_seconds += seconds
        for zone, count in self._held.counts.items():
            self._occupancies[zone].add(count, seconds)
        time = self._time(self._held.seconds)
        self._minutes.hold(time, self._held.counts, seconds)
        self._quarters.hold(time, self._held.counts, seconds)

    def _complete(self, before: datetime) -> Iterator[IntervalAggregate]:
        yield from self._minutes.complete(before)
        self._draw_heat_map(before)
        yield from self._quarters.complete(before)

    def _draw_heat_map(self, before: datetime) -> None:
        if self._quarters.due <= before and (drawn := self._heat.take()):
            self._quarters.at(self._began).heat_map = drawn

    def _new_tally(self) -> Tally:
        tally = Tally(self._following.lines, self._zones)
        self._areas.carry(tally)
        return tally

    def _tallies(self, time: datetime) -> tuple[Tally, Tally]:
        return self._minutes.at(time), self._quarters.at(time)

    def _time(self, seconds: float) -> datetime:
        return self._began + timedelta(seconds=seconds)
