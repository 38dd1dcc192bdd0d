"""What smells of an attack on a device's key: counted, and entered in the log, without letting an attacker fill it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from doorward.adapters.stores.face.grant_store import GrantStore, Held
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.ids import DeviceId
from doorward.passages.device import Device
from doorward.wiring.face.live import LiveView

PACE = timedelta(minutes=1)
"""An alarm of one kind and device is written down so often at most; those in between are added to the next."""

_KIND = "device alarm"


class Alarm(StrEnum):
    REPLAYED = "replayed"
    CLONED = "cloned"
    CLOCK_WRONG = "clock_wrong"
    REVOKED = "revoked"
    WRONG_SIGNATURE = "wrong_signature"
    UNREADABLE = "unreadable"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Alarm.REPLAYED: "An earlier message was sent again: a recording, or a copy of the device that fell behind.",
    Alarm.CLONED: "Two different messages had one number: two machines use this device's key.",
    Alarm.CLOCK_WRONG: "The clocks of the device and of the site are more than a minute apart.",
    Alarm.REVOKED: "The device was revoked, and its key is still in use.",
    Alarm.WRONG_SIGNATURE: "A message in the device's name was not signed with its key.",
    Alarm.UNREADABLE: "A signed message was not sealed to this site, or not by this device.",
}


@dataclass(frozen=True, slots=True)
class Raised:
    """How often an alarm was raised, and when last."""

    alarm: Alarm
    count: int
    last: datetime


class DeviceAlarms:
    def __init__(self, grants: GrantStore, trail: AuditTrail, clock: Clock, live: LiveView) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock
        self._live = live
        self._waiting: dict[tuple[DeviceId, Alarm], int] = {}
        self._written: dict[tuple[DeviceId, Alarm], datetime] = {}
        self._lock = Lock()

    def raised(self, device: Device, alarm: Alarm) -> None:
        which, now = (device.id, alarm), self._clock.now()
        with self._lock:
            waiting = self._waiting[which] = self._waiting.get(which, 0) + 1
            last = self._written.get(which)
            if last is not None and _is_within_pace(last, now):
                return
            self._written[which] = now
            del self._waiting[which]
        if not self._counted(which, waiting, now):
            with self._lock:
                self._waiting[which] = self._waiting.get(which, 0) + waiting
            return
        self._live.alarm(device.name, alarm.value)
        told = f"alarm of the device {device.name}, {waiting} times: {alarm.value}"
        self._trail.record(AuditEntry(Actor("doorward", "watching devices"), told, None, now))

    def _counted(self, which: tuple[DeviceId, Alarm], times: int, now: datetime) -> bool:
        """Whether the alarm is written down now: not where another server did so within ``PACE``."""
        is_due = True

        def add(held: Held) -> Held | None:
            nonlocal is_due
            before = held[0]
            is_due = before is None or not _is_within_pace(datetime.fromisoformat(before["last"]), now)
            count = times + (before["count"] if before else 0)
            return [{"count": count, "last": now.isoformat()}] if is_due else None

        self._grants.change(_KIND, [_row(*which)], add)
        return is_due

    def of(self, device: DeviceId) -> tuple[Raised, ...]:
        """The alarms that were raised of a device, the latest first."""
        found = []
        for alarm in Alarm:
            held = self._grants.get(_KIND, _row(device, alarm))
            if held is not None:
                found.append(Raised(alarm, int(held["count"]), datetime.fromisoformat(held["last"])))
        return tuple(sorted(found, key=lambda one: one.last, reverse=True))


def _is_within_pace(last: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - last < PACE


def _row(device: DeviceId, alarm: Alarm) -> str:
    return f"{device} {alarm.value}"
