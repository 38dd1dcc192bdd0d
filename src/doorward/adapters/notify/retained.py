"""What an MQTT broker is to keep: told until it has it, and again to one that was gone, for it may have lost it."""

from itertools import islice

from doorward.adapters.notify.mqtt import MqttBroker

AT_ONCE = 50
"""Messages told in one go, so that what comes about meanwhile does not wait for a thousand."""


class Retained:
    """The last message of each topic."""

    def __init__(self, broker: MqttBroker) -> None:
        self._broker = broker
        self._kept: dict[str, bytes] = {}
        self._missing: dict[str, None] = {}
        self._connection = 0

    def keep(self, topic: str, body: bytes) -> None:
        """From the next ``tell`` on; nothing any more when ``body`` is empty."""
        if self._kept.get(topic) != body:
            self._kept[topic] = body
            self._missing[topic] = None

    def tell(self) -> None:
        """What the broker lacks, ``AT_ONCE`` at most; ``ReceiverUnreachable``, and then it is told the next time."""
        if self._connection and self._connection != self._broker.connections:
            self._connection = self._broker.connections
            self._missing = dict.fromkeys(self._kept)
        for topic in tuple(islice(self._missing, AT_ONCE)):
            self._broker.send(topic, self._kept[topic], retain=True)
            del self._missing[topic]
            self._connection = self._connection or self._broker.connections
