"""The live view of a site: told by whoever decides, followed by servers, the command line and brokers."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock

from doorward.errors import WrongUse
from doorward.kernel.clock import Clock, Randomness
from doorward.passages.live import (
    ACCEPTED,
    HERE,
    REFUSED,
    SILENT_AFTER,
    LiveBoard,
    LiveChannel,
    LiveEvent,
    LiveKind,
)

_SIGNS_OF_LIFE = 3
"""How many come in the time after which something is taken to be away."""

_LOOK_EVERY_S = 1.0


class LiveView:
    """What the processes of a site tell each other of what comes about."""

    def __init__(self, channel: LiveChannel, clock: Clock, randomness: Randomness) -> None:
        self._channel = channel
        self._clock = clock
        self._randomness = randomness
        self._told: dict[tuple[LiveKind, str], tuple[str, float]] = {}
        self._lock = Lock()

    def decided(self, checkpoint: str | None, *, accepted: bool) -> None:
        """Somebody presented themselves at ``checkpoint``, or to a reader that named none."""
        self._tell(LiveKind.DECISION, checkpoint, ACCEPTED if accepted else REFUSED)

    def is_here(self, kind: LiveKind, name: str) -> None:
        """A camera's or device's sign of life; called as often as one likes, told now and then."""
        self.state(kind, name, HERE)

    def state(self, kind: LiveKind, name: str, state: str) -> None:
        """Told at once when it is another than this process told last."""
        now, pause = time.monotonic(), SILENT_AFTER[kind].total_seconds() / _SIGNS_OF_LIFE
        with self._lock:
            last, at = self._told.get((kind, name), ("", 0.0))
            if last == state and now - at < pause:
                return
            self._told[kind, name] = state, now
        self._tell(kind, name, state)

    def alarm(self, device: str, alarm: str) -> None:
        self._tell(LiveKind.ALARM, device, alarm)

    @contextmanager
    def follow(self) -> Iterator["LiveFollowing"]:
        """What comes about from now on; ``StorageError`` when the channel cannot be had."""
        with self._channel.follow() as following:
            yield LiveFollowing(following.next, self._clock, self._randomness.uuid)

    def _tell(self, kind: LiveKind, name: str | None, told: str) -> None:
        event = LiveEvent(self._randomness.uuid(), self._clock.now().replace(microsecond=0), kind, name, told)
        self._channel.tell(json.dumps(event.to_json(), separators=(",", ":")).encode())


class LiveFollowing:
    """For one thread at a time; ``states`` may be asked for by others."""

    def __init__(self, heard: Callable[[float], bytes | None], clock: Clock, new_id: Callable[[], str]) -> None:
        self._heard = heard
        self._clock = clock
        self._new_id = new_id
        self._board = LiveBoard()
        self._lock = Lock()

    def next(self, seconds: float = _LOOK_EVERY_S) -> tuple[LiveEvent, ...]:
        """What came about, waited for at most ``seconds``. What is no event is passed over."""
        octets = self._heard(seconds)
        now = self._clock.now()
        with self._lock:
            news = [replace(one, event=self._new_id()) for one in self._board.fall_silent(now)]
            if octets is not None and (event := _event(octets)) is not None and self._board.take(event, now):
                news.append(event)
        return tuple(news)

    def states(self) -> tuple[LiveEvent, ...]:
        """What holds now, as far as it was told since this began to follow."""
        with self._lock:
            return self._board.states()


def _event(octets: bytes) -> LiveEvent | None:
    try:
        held = json.loads(octets)
        return LiveEvent.from_json(held) if isinstance(held, dict) else None
    except (WrongUse, ValueError, RecursionError):
        return None
