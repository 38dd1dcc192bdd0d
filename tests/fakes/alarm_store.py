"""Alarms in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doorward.crowd.alarms import Alarm
from doorward.errors import Conflict, NotFound


class MemoryAlarmStore:
    """``AlarmStore`` without a disk."""

    def __init__(self) -> None:
        self._alarms: dict[str, Alarm] = {}

    def put(self, alarm: Alarm) -> None:
        if known := self._alarms.get(alarm.id):
            alarm = replace(alarm, acknowledged_at=known.acknowledged_at, acknowledged_by=known.acknowledged_by)
        self._alarms[alarm.id] = alarm

    def acknowledge(self, alarm_id: str, by: str, now: datetime) -> Alarm:
        if alarm_id not in self._alarms:
            raise NotFound("There is no such alarm; `doorward crowd alarms` shows those that are open.")
        if self._alarms[alarm_id].ended_at is not None:
            raise Conflict("That alarm has ended; `doorward crowd alarms` shows those that are open.")
        self._alarms[alarm_id] = replace(self._alarms[alarm_id], acknowledged_at=now, acknowledged_by=by)
        return self._alarms[alarm_id]

    def read(self, scene: str | None = None, *, is_open: bool = False, limit: int = 1000) -> Sequence[Alarm]:
        found = [
            alarm
            for alarm in self._alarms.values()
            if scene in (None, alarm.scene) and not (is_open and alarm.ended_at is not None)
        ]
        newest = sorted(sorted(found, key=lambda a: a.id), key=lambda a: a.raised_at, reverse=True)
        return tuple(newest[:limit])
