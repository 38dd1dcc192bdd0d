"""MQTT 5 brokers (paho-mqtt): each message is acknowledged by the broker, or it is an error.

What could not be sent is not kept: a door that opens when the broker comes back opens for nobody. The library connects
again by itself, in a thread of its own.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from paho.mqtt.client import Client, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from doorward.adapters.notify.places import place_of
from doorward.adapters.notify.webhook import tls_context
from doorward.errors import ReceiverUnreachable, WrongUse

SECONDS = 3.0
KEEP_ALIVE = 10
"""Seconds without a word after which the broker takes this client for gone and tells its last will, times 1.5."""

LONGEST_TOPIC = 200


@dataclass(frozen=True, slots=True)
class Presence:
    """What is told, retained, under ``topic``: ``here`` with every connection, ``gone`` by the broker, as the last
    will, when this process ended without a word or its machine or network did.
    """

    topic: str
    here: bytes
    gone: bytes


class MqttBroker:
    """One broker, ``mqtts://HOST`` or, on this machine alone, ``mqtt://HOST``. Close it, or use it in a ``with`` block.

    ``authority``: certificates that vouch for it, in PEM; the system's if None.
    """

    def __init__(
        self,
        url: str,
        user: str | None = None,
        password: str | None = None,
        *,
        authority: Path | None = None,
        presence: Presence | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._place = place_of(url, "mqtts", "mqtt", (8883, 1883))
        self._seconds = seconds
        self._login = None if user is None else (user, password)
        self._context = tls_context(authority) if self._place.is_encrypted else None
        self._presence = presence
        self.here = b""
        """What every connection begins with, under the topic of ``presence``."""
        if presence is not None:
            self.here = presence.here
            checked_topic(presence.topic)
        self.connections = 0
        """How many there were: one that was gone may have lost what it kept."""
        self._answered = Event()
        self._refusal: str | None = None
        self._birth: MQTTMessageInfo | None = None
        self._client = self._begun()

    def __enter__(self) -> "MqttBroker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, topic: str, body: bytes, *, retain: bool = False, expires: int | None = None) -> None:
        """Publish, acknowledged by the broker when it returns. ``expires``: seconds after which it is told nobody.

        ``ReceiverUnreachable`` when there is no connection, or no acknowledgement in time.
        """
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # as the library has it
        if expires is not None:
            properties.MessageExpiryInterval = expires
        if not self._answered.wait(self._seconds) or self._refusal is not None:
            raise self._unreachable()
        told = self._client.publish(checked_topic(topic), body, 1, retain, properties)
        with suppress(ValueError, RuntimeError):
            if told.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
                told.wait_for_publish(self._seconds)
        if told.rc != MQTTErrorCode.MQTT_ERR_SUCCESS or not told.is_published():
            self._forget()
            raise self._unreachable()

    def close(self) -> None:
        """Say goodbye, so that no last will is told."""
        with suppress(ValueError, RuntimeError):
            if self._birth is not None:
                self._birth.wait_for_publish(self._seconds)  # an answer left unread would reset the goodbye
        self._client.disconnect()
        self._client.loop_stop()

    def _begun(self) -> Client:
        self._answered.clear()
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        client.reconnect_delay_set(1, 5)
        client.connect_timeout = self._seconds
        if self._login is not None:
            client.username_pw_set(*self._login)
        if self._context is not None:
            client.tls_set_context(self._context)
        if self._presence is not None:
            client.will_set(self._presence.topic, self._presence.gone, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = lambda *_: self._answered.clear()
        client.connect_async(self._place.host, self._place.port, KEEP_ALIVE)
        client.loop_start()
        return client

    def _forget(self) -> None:
        """Begin anew: the library would send an unacknowledged message again, to a door that nobody waits at then."""
        former = self._client
        self._client = self._begun()
        former.on_disconnect = None
        former.disconnect()
        former.loop_stop()

    def _connected(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._refusal = str(reason).lower() if reason.is_failure else None
        self.connections += self._refusal is None
        self._answered.set()
        if self._refusal is None and self._presence is not None:
            self._birth = client.publish(self._presence.topic, self.here, 1, retain=True)

    def _unreachable(self) -> ReceiverUnreachable:
        why = f"refused ({self._refusal})" if self._refusal else "did not answer"
        return ReceiverUnreachable(f"The broker at {self._place.host} {why}; check its address, certificate and user.")


def checked_topic(topic: str) -> str:
    """``WrongUse`` unless it names one topic."""
    if not topic or len(topic) > LONGEST_TOPIC or not topic.isprintable() or set("+#") & set(topic) or topic[0] == "$":
        raise WrongUse(f"A topic has 1 to {LONGEST_TOPIC} printable characters, no + and no #, and no $ at its start.")
    return topic
