"""The areas of a scene: fed with crossings, reconciled once a minute, zeroed once a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import hypot

from doorward.crowd.drift import AreaCounter, AreaState, Reason
from doorward.crowd.intervals import AreaCount
from doorward.crowd.lines import Crossings
from doorward.crowd.live import LiveArea
from doorward.crowd.scene import Scene
from doorward.crowd.tally import Tally
from doorward.crowd.zones import ZoneSample

RECONCILE_SECONDS = 60.0

ZONE_UNCERTAINTY = 1.0
"""Persons, added to what the zones' borders leave uncertain: a count is of another moment than the crossings."""


class AreaBook:
    """Every area of ``scene``; ``before`` is what was last stored of them, ``began`` when the run began."""

    def __init__(self, scene: Scene, began: datetime, before: tuple[AreaCount, ...] = ()) -> None:
        self._scene = scene
        known = {area.id: area for area in before}
        self._counters = {area.id: _counter(area.id, known.get(area.id)) for area in scene.areas}
        self._closes = self._next_closing(began)
        self._reconciled: float | None = None

    def note(self, *tallies: Tally) -> None:
        """Write every area as it is, and its corrections since the last time, into the tallies of now."""
        for counter in self._counters.values():
            corrections = counter.take_corrections()
            for tally in tallies:
                tally.note(counter, corrections)

    def carry(self, tally: Tally) -> None:
        """Begin a tally with every area as it is."""
        for counter in self._counters.values():
            tally.note(counter, {})

    def cross(self, time: datetime, crossings: Mapping[str, Crossings]) -> None:
        """What crossed each line at ``time``; a closing that has passed since comes first."""
        if self._closes is not None and time >= self._closes:
            for counter in self._counters.values():
                counter.close()
            self._closes = self._next_closing(time)
        for area in self._scene.areas:
            came = went = 0
            for entrance in area.entrances:
                crossed = crossings.get(entrance.line, Crossings())
                inward, outward = crossed.inward, crossed.outward
                came += outward if entrance.reversed else inward
                went += inward if entrance.reversed else outward
            self._counters[area.id].cross(came, went)

    def reconcile(self, seconds: float, samples: Mapping[str, ZoneSample]) -> None:
        """Hold the areas that zones cover against what those held at ``seconds``, once a minute."""
        if self._reconciled is not None and seconds - self._reconciled < RECONCILE_SECONDS:
            return
        self._reconciled = seconds
        for area in self._scene.areas:
            if area.zones:
                covering = [samples[zone] for zone in area.zones]
                spread = hypot(ZONE_UNCERTAINTY, *(sample.variance**0.5 for sample in covering))
                self._counters[area.id].reconcile(sum(sample.count for sample in covering), spread)

    def lose(self) -> None:
        """The source is out: who crosses now is not counted, so that the counts stand on nothing."""
        for counter in self._counters.values():
            counter.lose()

    def live(self) -> tuple[LiveArea, ...]:
        return tuple(LiveArea(c.id, c.state.people, c.uncertainty) for c in self._counters.values())

    def _next_closing(self, after: datetime) -> datetime | None:
        closing = self._scene.closing
        if closing is None:
            return None
        local = after.astimezone(closing.zone)
        today = datetime.combine(local.date(), closing.time, closing.zone)
        return today if today > after else today + timedelta(days=1)


def _counter(area: str, before: AreaCount | None) -> AreaCounter:
    if before is None:
        return AreaCounter(area)
    anchor = None if before.anchor is None else Reason(before.anchor)
    return AreaCounter(area, AreaState(before.people, before.uncertainty**2, ratio=before.ratio, anchor=anchor))


def as_stale(areas: tuple[AreaCount, ...]) -> tuple[AreaCount, ...]:
    """What is left of counts of another day: the learnt ratios alone."""
    return tuple(replace(area, people=0.0, uncertainty=0.0, anchor=None) for area in areas)
