"""Alarms on their way: stored, then told, each receiver by a thread of its own, so that none holds up counting."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Full, Queue
from threading import Event, Thread
from typing import Self

from doorward.adapters.crowd.alarm_receivers import BrokerReceiver, WebhookReceiver
from doorward.adapters.notify.mqtt import MqttBroker, checked_topic
from doorward.adapters.notify.webhook import Webhook
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.crowd.alarm_json import alarm_object
from doorward.crowd.alarm_ports import AlarmReceiver, AlarmStore
from doorward.crowd.alarms import Alarm, AlarmBook, AlarmChange, AlarmEvent
from doorward.crowd.as_json import time_text
from doorward.crowd.live import LiveView
from doorward.crowd.scene import Scene
from doorward.errors import ReceiverUnreachable
from doorward.kernel.clock import Clock
from doorward.settings.crowd.alarms_file import AlarmSettings, ReceiverSettings

WAITING = 1000
TRY_AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each further try; the last stands for all that follow, until the run ends."""

CLOSING_SECONDS = 5.0

Remark = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Receiver:
    """``hand_over``: told only of alarms that nobody acknowledged in time."""

    told: AlarmReceiver
    hand_over: bool = False


def open_receivers(settings: Sequence[ReceiverSettings]) -> tuple[Receiver, ...]:
    """``WrongUse`` names what cannot be told."""
    return tuple(Receiver(_opened(one), one.hand_over) for one in settings)


class Alarms:
    """The alarms of one run, for a ``with`` block: give it each live view."""

    def __init__(
        self,
        scene: Scene,
        settings: AlarmSettings,
        store: AlarmStore,
        receivers: Sequence[Receiver],
        remark: Remark,
        clock: Clock | None = None,
    ) -> None:
        self._scene, self._store, self._remark = scene.name, store, remark
        self._clock = clock or SystemClock()
        self._book = AlarmBook(scene, settings.rules, SystemRandomness(), tuple(store.read(scene.name, is_open=True)))
        self._tellers = tuple(_Teller(receiver, remark) for receiver in receivers)

    def see(self, view: LiveView) -> None:
        """Judge ``view``; what changed is durable before anybody is told."""
        now = self._clock.now()
        if self._book.has_open:
            self._book.acknowledged({alarm.id: alarm for alarm in self._store.read(self._scene, is_open=True)})
        for change in self._book.update(now, view):
            self._store.put(change.alarm)
            self._remark(_sentence(change))
            for teller in self._tellers:
                teller.take(change, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for teller in self._tellers:
            teller.close()


class _Teller:
    """Tells one receiver, in order, each message until it is taken."""

    def __init__(self, receiver: Receiver, remark: Remark) -> None:
        self._receiver, self._remark = receiver, remark
        self._waiting: Queue[tuple[Alarm, str, bytes] | None] = Queue(WAITING)
        self._ends = Event()
        self._thread = Thread(target=self._run, name="alarms", daemon=True)
        self._thread.start()

    def take(self, change: AlarmChange, now: datetime) -> None:
        alarm = change.alarm
        if self._receiver.hand_over and alarm.handed_over_at is None:
            return
        message_id = f"{alarm.id}-{change.event.value}-{alarm.level}"
        body = json.dumps({"event": change.event.value, "sent_at": time_text(now)} | alarm_object(alarm))
        try:
            self._waiting.put_nowait((alarm, message_id, body.encode()))
        except Full:
            self._remark("An alarm could not be told, because too many wait; look at `doorward crowd alarms`.")

    def close(self) -> None:
        """What waits is tried once more."""
        self._ends.set()
        with suppress(Full):
            self._waiting.put_nowait(None)
        self._thread.join(CLOSING_SECONDS)
        self._receiver.told.close()

    def _run(self) -> None:
        while (message := self._waiting.get()) is not None:
            self._tell(*message)

    def _tell(self, alarm: Alarm, message_id: str, body: bytes) -> None:
        tries = 0
        while True:
            try:
                self._receiver.told.send(alarm, message_id, body)
            except ReceiverUnreachable as error:
                if tries == 0:
                    self._remark(f"{error.message} The alarm waits and is told again.")
                if self._ends.wait(TRY_AGAIN[min(tries, len(TRY_AGAIN) - 1)]):
                    return
                tries += 1
            else:
                return


def _opened(settings: ReceiverSettings) -> AlarmReceiver:
    if settings.is_broker:
        topic = checked_topic(settings.topic)
        broker = MqttBroker(settings.url, settings.user, settings.secret, authority=settings.authority)
        return BrokerReceiver(broker, topic)
    return WebhookReceiver(Webhook(settings.url, settings.secret or "", authority=settings.authority))


def _sentence(change: AlarmChange) -> str:
    alarm = change.alarm
    where = f"{alarm.scene} {alarm.place}".strip()
    words = {
        AlarmEvent.RAISED: f"Alarm: {alarm.kind.value} in {where}, level {alarm.level}.",
        AlarmEvent.WORSE: f"Alarm: {alarm.kind.value} in {where} is worse, level {alarm.level}.",
        AlarmEvent.HANDED_OVER: f"Alarm: {alarm.kind.value} in {where} was acknowledged by nobody and is handed over.",
        AlarmEvent.ENDED: f"The alarm has ended: {alarm.kind.value} in {where}.",
    }
    ending = "" if change.event is AlarmEvent.ENDED else f" Acknowledge it: doorward crowd acknowledge {alarm.id}"
    return words[change.event] + ending
