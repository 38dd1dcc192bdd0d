"""The door of a checkpoint, told what was decided, and what it is to do while nothing decides."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from doorward.adapters.notify.command import Command
from doorward.adapters.notify.mqtt import MqttBroker, Presence
from doorward.adapters.notify.webhook import Webhook
from doorward.errors import ReceiverUnreachable
from doorward.passages.door import DoorDecision, DoorMessage, DoorState, FailureMode, decided
from doorward.settings.broker import BrokerSettings
from doorward.settings.door import DoorSettings, read_door

EXPIRES = 5
"""Seconds after which a broker tells a decision nobody any more."""

STATE = "/state"
"""After the topic: where the broker keeps what holds while nobody presents themselves."""

Tell = Callable[[DoorMessage], None]


class Door:
    """Use it in a ``with`` block: at its end, however it comes, the door is told that nothing decides any more.

    ``complain``: told in a sentence when the door could not be told.
    """

    def __init__(self, settings: DoorSettings, complain: Callable[[str], None]) -> None:
        self._fails: FailureMode = settings.fails
        self._complain = complain
        self._works = False
        self._open = ExitStack()
        self._tellers: list[Tell] = []
        self._brokers: list[MqttBroker] = []
        if settings.mqtt is not None:
            self._tellers.append(self._by_mqtt(settings.mqtt))
        if settings.webhook is not None:
            hook = Webhook(settings.webhook.url, settings.webhook.secret, authority=settings.webhook.authority)
            self._tellers.append(lambda message: hook.send(message.event, _octets(message)))
        if settings.command is not None:
            command = Command(settings.command)
            self._tellers.append(lambda message: command.send(_octets(message)))

    def __enter__(self) -> "Door":
        self.works()
        return self

    def __exit__(self, *_: object) -> None:
        self.fails()
        self._open.close()

    def decided(self, *, accepted: bool, event: str | None = None) -> None:
        """``event``: the decision's id, where it has one."""
        self._tell(decided(event or str(uuid4()), accepted=accepted))

    def fails(self) -> None:
        """Nothing decides: no picture, or no site that answers."""
        if self._works:
            self._works = False
            self._tell(_holding(self._fails.state))

    def works(self) -> None:
        """Somebody decides again."""
        if not self._works:
            self._works = True
            self._tell(_holding(DoorState.CLOSED))

    def _tell(self, message: DoorMessage) -> None:
        for teller in self._tellers:
            try:
                teller(message)
            except ReceiverUnreachable as error:
                self._complain(f"The door was not told: {error.message}")

    def _by_mqtt(self, settings: BrokerSettings) -> Tell:
        state = settings.topic + STATE
        here, gone = _octets(_holding(DoorState.CLOSED)), _octets(_holding(self._fails.state))
        broker = self._open.enter_context(
            MqttBroker(
                settings.url,
                settings.user,
                settings.password,
                authority=settings.authority,
                presence=Presence(state, here, gone),
            )
        )
        self._brokers.append(broker)

        def tell(message: DoorMessage) -> None:
            if message.decision is DoorDecision.NONE:
                broker.here = _octets(message)
                broker.send(state, _octets(message), retain=True)
            else:
                broker.send(settings.topic, _octets(message), expires=EXPIRES)

        return tell


@contextmanager
def door_at(path: Path | None, complain: Callable[[str], None]) -> Iterator[Door | None]:
    """The door whose settings lie at ``path``, for as long as the block lasts; none without a path."""
    if path is None:
        yield None
        return
    with Door(read_door(path), complain) as door:
        yield door


def _holding(state: DoorState) -> DoorMessage:
    return DoorMessage(str(uuid4()), DoorDecision.NONE, state)


def _octets(message: DoorMessage) -> bytes:
    return json.dumps(message.to_json(), separators=(",", ":")).encode()
