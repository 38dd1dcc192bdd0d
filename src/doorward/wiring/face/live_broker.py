"""The live view told to an MQTT broker: states retained, decisions and alarms not."""

import json
import time
from collections.abc import Callable, Generator, Mapping

from doorward.adapters.notify.homeassistant import (
    OFFLINE,
    ONLINE,
    checkpoint_discovery,
    device_discovery,
    discovery_topic,
)
from doorward.adapters.notify.mqtt import MqttBroker, Presence
from doorward.errors import ReceiverUnreachable
from doorward.passages.live import AWAY, SILENT_AFTER, LiveEvent, LiveKind
from doorward.settings.live import LiveSettings
from doorward.wiring.face.site import Site

EXPIRES = 5
"""Seconds after which a broker tells a decision or an alarm nobody any more."""

LOOK_AGAIN_S = 60.0
"""Between two looks at which checkpoints and devices there are."""


class LiveBroker:
    """Tells one broker. ``complain``: told in a sentence when it could not be told."""

    def __init__(self, site: Site, settings: LiveSettings, complain: Callable[[str], None]) -> None:
        self._site = site
        self._settings = settings
        self._complain = complain
        self._topic = settings.broker.topic
        self._announced: dict[str, bytes] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._unheard: dict[tuple[LiveKind, str], float] = {}
        self._looked = float("-inf")

    def follow(self) -> Generator[LiveEvent]:
        """Tell what comes about, and yield it, until the iterator is closed."""
        broker = self._settings.broker
        status = Presence(f"{self._topic}/status", ONLINE.encode(), OFFLINE.encode())
        with (
            self._site.live.follow() as following,
            MqttBroker(broker.url, broker.user, broker.password, authority=broker.authority, presence=status) as told,
        ):
            try:
                while True:
                    if time.monotonic() - self._looked > LOOK_AGAIN_S:
                        self._announce(told)
                    for event in following.next():
                        self._tell(told, event)
                        yield event
                    self._give_up(told)
            finally:
                self._send(told, status.topic, status.gone, retain=True)

    def _announce(self, broker: MqttBroker) -> None:
        """What there is, and that a device which was revoked is there no more."""
        self._looked = time.monotonic()
        entities: dict[str, Mapping[str, object] | None] = {}
        for door in self._site.doorkeeper.all():
            self._know(LiveKind.CAMERA, door.name, door.id)
            entities[door.id] = checkpoint_discovery(self._topic, door.id, door.name)
        for device in self._site.stores.devices.all():
            self._know(LiveKind.DEVICE, device.name, device.id)
            entities[device.id] = None if device.is_revoked else device_discovery(self._topic, device.id, device.name)
        if self._settings.discovery is None:
            return
        for identity, entity in entities.items():
            octets = b"" if entity is None else json.dumps(entity).encode()
            topic = discovery_topic(self._settings.discovery, identity)
            if self._announced.get(identity) != octets and self._send(broker, topic, octets, retain=True):
                self._announced[identity] = octets

    def _know(self, kind: LiveKind, name: str, identity: str) -> None:
        if self._ids.get((kind.about, name)) != identity:
            self._ids[kind.about, name] = identity
            self._unheard[kind, name] = time.monotonic() + SILENT_AFTER[kind].total_seconds()

    def _give_up(self, broker: MqttBroker) -> None:
        """Who has given no sign of life since this began is away, whatever the broker has kept of an earlier run."""
        late = [one for one, until in self._unheard.items() if time.monotonic() > until]
        for kind, name in late:
            del self._unheard[kind, name]
            self._send(broker, self._state_topic(kind, self._ids[kind.about, name]), AWAY.encode(), retain=True)

    def _tell(self, broker: MqttBroker, event: LiveEvent) -> None:
        identity = None
        if event.name is not None:
            if (event.kind.about, event.name) not in self._ids:
                self._announce(broker)
            identity = self._ids.get((event.kind.about, event.name))
        if event.kind in SILENT_AFTER:
            if event.name is not None and identity is not None:
                self._unheard.pop((event.kind, event.name), None)
                self._send(broker, self._state_topic(event.kind, identity), event.told.encode(), retain=True)
            return
        below = "" if identity is None else f"/{event.kind.about}s/{identity}"
        # Home Assistant's event entities read what came about under that name.
        octets = json.dumps({"event_type": event.told, **event.to_json()}, separators=(",", ":")).encode()
        self._send(broker, f"{self._topic}{below}/{event.kind.told}", octets, expires=EXPIRES)

    def _state_topic(self, kind: LiveKind, identity: str) -> str:
        return f"{self._topic}/{kind.about}s/{identity}/{'camera' if kind is LiveKind.CAMERA else 'state'}"

    def _send(
        self, broker: MqttBroker, topic: str, octets: bytes, *, retain: bool = False, expires: int | None = None
    ) -> bool:
        try:
            broker.send(topic, octets, retain=retain, expires=expires)
        except ReceiverUnreachable as error:
            self._complain(f"The broker was not told: {error.message}")
            return False
        return True
