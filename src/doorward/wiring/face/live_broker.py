"""The live view told to an MQTT broker: states retained, decisions and alarms not."""

import json
import time
from collections.abc import Callable, Generator

from doorward.adapters.notify.homeassistant import (
    OFFLINE,
    ONLINE,
    checkpoint_discovery,
    device_discovery,
    discovery_topic,
)
from doorward.adapters.notify.mqtt import MqttBroker, Presence
from doorward.adapters.notify.retained import Retained
from doorward.errors import ReceiverUnreachable
from doorward.passages.live import AWAY, SILENT_AFTER, LiveEvent, LiveKind
from doorward.settings.live import LiveSettings
from doorward.wiring.face.site import Site

EXPIRES = 5
"""Seconds after which a broker tells a decision or an alarm nobody any more."""

LOOK_AGAIN_S = 60.0
"""Between two looks at which checkpoints and devices there are."""

AGAIN_S = 1.0
"""After a broker that did not answer; decisions heard meanwhile are not told, or they would pile up and come late."""


class LiveBroker:
    """Tells one broker. ``complain``: told in a sentence when it does not answer (any more)."""

    def __init__(self, site: Site, settings: LiveSettings, complain: Callable[[str], None]) -> None:
        self._site = site
        self._settings = settings
        self._complain = complain
        self._topic = settings.broker.topic
        self._ids: dict[tuple[str, str], str] = {}
        self._revoked: frozenset[str] = frozenset()
        self._unheard: dict[str, tuple[LiveKind, float]] = {}
        self._looked = float("-inf")
        self._again = float("-inf")
        self._is_gone = False

    def follow(self) -> Generator[LiveEvent]:
        """Tell what comes about, and yield it, until the iterator is closed."""
        broker = self._settings.broker
        status = Presence(f"{self._topic}/status", ONLINE.encode(), OFFLINE.encode())
        with (
            self._site.live.follow() as following,
            MqttBroker(broker.url, broker.user, broker.password, authority=broker.authority, presence=status) as told,
        ):
            retained = Retained(told)
            try:
                while True:
                    if time.monotonic() - self._looked > LOOK_AGAIN_S:
                        self._look(retained)
                    self._give_up(retained)
                    self._tried(retained.tell)
                    for event in following.next():
                        self._tell(told, retained, event)
                        yield event
            finally:
                self._again = float("-inf")
                self._tried(lambda: told.send(status.topic, status.gone, retain=True))

    def _look(self, retained: Retained) -> None:
        """What there is, and that a device which was revoked is there no more."""
        self._looked = time.monotonic()
        doors, devices = self._site.doorkeeper.all(), self._site.stores.devices.all()
        self._revoked = frozenset(one.id for one in devices if one.is_revoked)
        known = {(LiveKind.CAMERA.about, one.name): str(one.id) for one in doors}
        known |= {(LiveKind.DEVICE.about, one.name): str(one.id) for one in devices}
        for (about, name), identity in known.items():
            if self._ids.get((about, name)) != identity and identity not in self._revoked:
                kind = LiveKind.CAMERA if about == LiveKind.CAMERA.about else LiveKind.DEVICE
                self._unheard[identity] = kind, time.monotonic() + SILENT_AFTER[kind].total_seconds()
        self._ids = known
        for identity in self._revoked:
            self._unheard.pop(identity, None)
            retained.keep(self._state_topic(LiveKind.DEVICE, identity), b"")
        if self._settings.discovery is not None:
            self._announce(retained, self._settings.discovery)

    def _announce(self, retained: Retained, prefix: str) -> None:
        for (about, name), identity in self._ids.items():
            discovery = checkpoint_discovery if about == LiveKind.CAMERA.about else device_discovery
            is_there = identity not in self._revoked
            octets = json.dumps(discovery(self._topic, identity, name)).encode() if is_there else b""
            retained.keep(discovery_topic(prefix, identity), octets)

    def _give_up(self, retained: Retained) -> None:
        """Who has given no sign of life since this began is away, whatever the broker has kept of an earlier run."""
        late = [(identity, kind) for identity, (kind, until) in self._unheard.items() if time.monotonic() > until]
        for identity, kind in late:
            del self._unheard[identity]
            retained.keep(self._state_topic(kind, identity), AWAY.encode())

    def _tell(self, broker: MqttBroker, retained: Retained, event: LiveEvent) -> None:
        identity = None
        if event.name is not None:
            if (event.kind.about, event.name) not in self._ids:
                self._look(retained)
            identity = self._ids.get((event.kind.about, event.name))
        if event.kind in SILENT_AFTER:
            if identity is not None and identity not in self._revoked:
                self._unheard.pop(identity, None)
                retained.keep(self._state_topic(event.kind, identity), event.told.encode())
                self._tried(retained.tell)
            return
        below = "" if identity is None else f"/{event.kind.about}s/{identity}"
        # Home Assistant's event entities read what came about under that name.
        octets = json.dumps({"event_type": event.told, **event.to_json()}, separators=(",", ":")).encode()
        self._tried(lambda: broker.send(f"{self._topic}{below}/{event.kind.told}", octets, expires=EXPIRES))

    def _state_topic(self, kind: LiveKind, identity: str) -> str:
        return f"{self._topic}/{kind.about}s/{identity}/{'camera' if kind is LiveKind.CAMERA else 'state'}"

    def _tried(self, tell: Callable[[], None]) -> None:
        if time.monotonic() < self._again:
            return
        try:
            tell()
            self._is_gone = False
        except ReceiverUnreachable as error:
            self._again = time.monotonic() + AGAIN_S
            if not self._is_gone:
                self._complain(f"The broker is not told what comes about: {error.message}")
            self._is_gone = True
