"""When a crowd needs somebody's attention: raised from exact live values alone, and never from published ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from doorward.crowd.levels import LevelKeeper, LevelTable, Quantity
from doorward.crowd.live import LiveView, LiveZone
from doorward.crowd.pressure import TURBULENCE
from doorward.crowd.scene import Scene
from doorward.errors import WrongUse
from doorward.kernel.clock import Randomness

LIMIT_HYSTERESIS = 0.1
BLIND_SECONDS = 10.0
LONGEST_POST = 40
"""Characters of the post or shift that takes an alarm."""


class AlarmKind(StrEnum):
    """``safety``: a zone's density, ``flow``: a line's flow, by the scene's tables; ``limit``: a zone is full;
    ``pressure``: above the turbulence of crowds; ``blind``: the source is out, so that nothing else can be told.
    """

    SAFETY = "safety"
    FLOW = "flow"
    LIMIT = "limit"
    PRESSURE = "pressure"
    BLIND = "blind"


class AlarmEvent(StrEnum):
    """What happened to an alarm."""

    RAISED = "raised"
    WORSE = "worse"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AlarmRules:
    """From which safety level a zone and a line alarm, after how many quiet seconds an alarm ends, and after how many
    without acknowledgement it is handed over (never when None). Levels have been sustained by then: the scene's
    ``[levels]``.
    """

    zone_safety: int = 2
    line_safety: int = 1
    quiet_seconds: float = 10.0
    hand_over_seconds: float | None = 60.0

    def __post_init__(self) -> None:
        if not 1 <= self.zone_safety <= 4 or not 1 <= self.line_safety <= 4:
            raise WrongUse("Alarms begin at a safety level from 1 to 4; correct zone_safety and line_safety.")
        if not 0 <= self.quiet_seconds <= 3600:
            raise WrongUse("quiet_seconds of alarms has to be from 0 to 3600.")
        if self.hand_over_seconds is not None and not 1 <= self.hand_over_seconds <= 86_400:
            raise WrongUse("hand_over_seconds of alarms has to be from 1 to 86400.")


@dataclass(frozen=True, slots=True)
class Alarm:
    """``place``: a zone or line, empty for the whole scene. ``level``: the highest so far, 1 where a kind has no more.

    ``acknowledged_by``: the post or shift that has taken it, not a person.
    """

    id: str
    scene: str
    place: str
    kind: AlarmKind
    level: int
    raised_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    handed_over_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlarmChange:
    event: AlarmEvent
    alarm: Alarm


Key = tuple[str, AlarmKind]


class AlarmBook:
    """The alarms of one run over ``scene``. ``open_alarms``: those that an earlier run left open."""

    def __init__(
        self, scene: Scene, rules: AlarmRules, randomness: Randomness, open_alarms: tuple[Alarm, ...] = ()
    ) -> None:
        self._scene, self._rules, self._randomness = scene.name, rules, randomness
        self._open: dict[Key, Alarm] = {(alarm.place, alarm.kind): alarm for alarm in open_alarms}
        self._quiet_since: dict[Key, float] = {}
        sustained = scene.levels.sustained if scene.levels else 10.0
        self._limits = {
            zone.id: LevelKeeper(_above(zone.limit), sustained, LIMIT_HYSTERESIS)
            for zone in scene.zones
            if zone.limit is not None
        }
        self._blind = LevelKeeper(_above(1.0), BLIND_SECONDS, 0.0)

    @property
    def has_open(self) -> bool:
        return bool(self._open)

    def update(self, now: datetime, view: LiveView) -> tuple[AlarmChange, ...]:
        """What changed with ``view``, at most one second after the last one. An unknown value changes nothing."""
        changes: list[AlarmChange] = []
        for key, level, least in self._levels(view):
            if level is None:
                self._quiet_since.pop(key, None)
            elif change := self._judge(key, level, least, now, view.seconds):
                changes.append(change)
        return (*changes, *self._hand_over(now))

    def acknowledged(self, stored: Mapping[str, Alarm]) -> None:
        """Take over what operators acknowledged since: open alarms as they are stored, by id."""
        for key, alarm in self._open.items():
            if known := stored.get(alarm.id):
                self._open[key] = replace(
                    alarm, acknowledged_at=known.acknowledged_at, acknowledged_by=known.acknowledged_by
                )

    def _levels(self, view: LiveView) -> Iterator[tuple[Key, int | None, int]]:
        """Each place and kind, its level now, and that from which it alarms."""
        for zone in view.zones:
            yield (zone.id, AlarmKind.SAFETY), zone.safety, self._rules.zone_safety
            yield (zone.id, AlarmKind.PRESSURE), _pressure_level(zone), 1
            if keeper := self._limits.get(zone.id):
                yield (zone.id, AlarmKind.LIMIT), keeper.update(view.seconds, zone.count), 1
        for line in view.lines:
            yield (line.id, AlarmKind.FLOW), line.safety, self._rules.line_safety
        if view.zones:
            out = all(zone.count is None for zone in view.zones)
            yield ("", AlarmKind.BLIND), self._blind.update(view.seconds, float(out)), 1

    def _judge(self, key: Key, level: int, least: int, now: datetime, seconds: float) -> AlarmChange | None:
        alarm = self._open.get(key)
        if level >= least:
            self._quiet_since.pop(key, None)
            if alarm is None:
                raised = Alarm(self._randomness.uuid(), self._scene, key[0], key[1], level, now)
                return self._note(key, raised, AlarmEvent.RAISED)
            if level > alarm.level:
                return self._note(key, replace(alarm, level=level), AlarmEvent.WORSE)
            return None
        if alarm is None or seconds - self._quiet_since.setdefault(key, seconds) < self._rules.quiet_seconds:
            return None
        del self._open[key]
        self._quiet_since.pop(key, None)
        return AlarmChange(AlarmEvent.ENDED, replace(alarm, ended_at=now))

    def _hand_over(self, now: datetime) -> Iterator[AlarmChange]:
        if self._rules.hand_over_seconds is None:
            return
        waited = timedelta(seconds=self._rules.hand_over_seconds)
        for key, alarm in self._open.items():
            if alarm.acknowledged_at is None and alarm.handed_over_at is None and now - alarm.raised_at >= waited:
                yield self._note(key, replace(alarm, handed_over_at=now), AlarmEvent.HANDED_OVER)

    def _note(self, key: Key, alarm: Alarm, event: AlarmEvent) -> AlarmChange:
        self._open[key] = alarm
        return AlarmChange(event, alarm)


def _above(bound: float) -> LevelTable:
    """Level 1 from ``bound`` on."""
    return LevelTable("alarm", Quantity.DENSITY, (bound,), ("below", "reached"), "Doorward")


def _pressure_level(zone: LiveZone) -> int | None:
    if zone.pressure is None or zone.pressure.value is None:
        return None
    return int(zone.pressure.value > TURBULENCE)
