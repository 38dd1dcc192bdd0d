"""Alarms as JSON names them: on the command line, over HTTP, and to brokers and webhooks."""

from datetime import datetime

from doorward.crowd.alarms import Alarm
from doorward.crowd.as_json import time_text


def alarm_object(alarm: Alarm) -> dict[str, object]:
    return {
        "id": alarm.id,
        "scene": alarm.scene,
        "place": alarm.place or None,
        "kind": alarm.kind.value,
        "level": alarm.level,
        "raised_at": _time(alarm.raised_at),
        "acknowledged_at": _time(alarm.acknowledged_at),
        "acknowledged_by": alarm.acknowledged_by,
        "handed_over_at": _time(alarm.handed_over_at),
        "ended_at": _time(alarm.ended_at),
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else time_text(time)
