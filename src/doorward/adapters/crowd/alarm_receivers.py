"""Alarms to a broker or a webhook."""

from doorward.adapters.notify.mqtt import MqttBroker
from doorward.adapters.notify.webhook import Webhook
from doorward.crowd.alarms import Alarm


class BrokerReceiver:
    """``AlarmReceiver``: below ``topic``, by scene and kind."""

    def __init__(self, broker: MqttBroker, topic: str) -> None:
        self._broker, self._topic = broker, topic

    def send(self, alarm: Alarm, message_id: str, body: bytes) -> None:
        self._broker.send(f"{self._topic}/{alarm.scene}/{alarm.kind.value}", body)

    def close(self) -> None:
        self._broker.close()


class WebhookReceiver:
    """``AlarmReceiver``: by signed POST."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def send(self, alarm: Alarm, message_id: str, body: bytes) -> None:
        self._webhook.send(message_id, body)

    def close(self) -> None:
        self._webhook.close()
