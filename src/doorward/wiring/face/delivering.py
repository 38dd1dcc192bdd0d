"""Deliveries of many devices at once: those that wait are stored together, and one sync makes them all durable."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from threading import Event, Thread
from time import monotonic
from typing import Protocol

from doorward.errors import DoorwardError, TooFast
from doorward.kernel.clock import Clock
from doorward.passages.delivery import Delivery, DeliveryStore, Taken
from doorward.wiring.face.signed_deliveries import SignedBody

MOST_WAITING = 1_024
MOST_TOGETHER = 256
"""Deliveries, of which each may hold many passages."""

MOST_PASSAGES_TOGETHER = 4_000

GATHERING_S = 0.03
"""How long a delivery waits for others, unless somebody at a door waits: a sync costs as much for all as for one."""

ENOUGH = 64
"""So many do not wait for more."""


class Opener(Protocol):
    def opened(self, bodies: Sequence[SignedBody]) -> Sequence[Delivery | DoorwardError]:
        """The delivery in each, or why there is none."""
        ...

    def sealing_key(self) -> bytes:
        """What devices are to seal to, 32 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """``sealing_key``: what the device is to seal its next message to."""

    taken: Taken
    sealing_key: bytes


@dataclass(frozen=True, slots=True)
class _Waiting:
    message: SignedBody | Delivery
    since: float = field(default_factory=monotonic)
    told: "Future[Receipt]" = field(default_factory=Future)


class DeliveryDesk:
    """Takes deliveries in the order in which they come, in a thread of its own, begun with the first."""

    def __init__(self, store: DeliveryStore, clock: Clock, opener: Opener) -> None:
        self._store = store
        self._clock = clock
        self._opener = opener
        self._waiting: Queue[_Waiting | None] = Queue(MOST_WAITING)
        self._hurry = Event()
        self._thread: Thread | None = None

    def hand_in(self, message: Delivery) -> "Future[Receipt]":
        """Done once it is durable, for which it waits for nobody. ``TooFast`` when as many wait as may wait."""
        told = self._handed_in(message)
        self._hurry.set()
        return told

    def hand_in_signed(self, body: SignedBody) -> "Future[Receipt]":
        """The same for a delivery that is still sealed; told too what it is refused for."""
        return self._handed_in(body)

    def close(self) -> None:
        """Take what waits, and end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._hurry.set()
            self._thread.join()
            self._thread = None

    def _handed_in(self, message: SignedBody | Delivery) -> "Future[Receipt]":
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="deliveries", daemon=True)
            self._thread.start()
        waiting = _Waiting(message)
        try:
            self._waiting.put_nowait(waiting)
        except Full:
            raise TooFast("The site takes in as much as it can; send it again in a moment.", 1) from None
        return waiting.told

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            if self._waiting.qsize() < ENOUGH:
                self._hurry.wait(max(0.0, first.since + GATHERING_S - monotonic()))
            self._hurry.clear()
            together, ends = [first], False
            while len(together) < MOST_TOGETHER:
                try:
                    following = self._waiting.get_nowait()
                except Empty:
                    break
                if following is None:
                    ends = True
                    break
                together.append(following)
            self._take(together)
            if ends:
                return

    def _take(self, together: Sequence[_Waiting]) -> None:
        try:
            some: list[tuple[Delivery, Future[Receipt]]] = []
            for delivery, told in self._opened(together):
                if some and sum(len(one.passages) for one, _ in some) + len(delivery.passages) > MOST_PASSAGES_TOGETHER:
                    self._store_together(some)
                    some = []
                some.append((delivery, told))
            if some:
                self._store_together(some)
        except BaseException as fault:
            for waiting in together:
                if not waiting.told.done():
                    waiting.told.set_exception(fault)
            if not isinstance(fault, DoorwardError):
                raise

    def _opened(self, together: Sequence[_Waiting]) -> Sequence[tuple[Delivery, "Future[Receipt]"]]:
        """The deliveries, in order; whose body holds none is told so."""
        sealed = [one.message for one in together if isinstance(one.message, SignedBody)]
        bodies = iter(self._opener.opened(sealed) if sealed else ())
        opened = []
        for waiting in together:
            delivery = next(bodies) if isinstance(waiting.message, SignedBody) else waiting.message
            if isinstance(delivery, DoorwardError):
                waiting.told.set_exception(delivery)
            else:
                opened.append((delivery, waiting.told))
        return opened

    def _store_together(self, some: Sequence[tuple[Delivery, "Future[Receipt]"]]) -> None:
        try:
            taken = self._store.take([delivery for delivery, _ in some], self._clock.now())
            key = self._opener.sealing_key()
        except DoorwardError as error:
            if len(some) > 1:  # one of them may be at fault: each by itself
                for one in some:
                    self._store_together([one])
            else:
                some[0][1].set_exception(error)
            return
        for (_, told), answer in zip(some, taken, strict=True):
            told.set_result(Receipt(answer, key))
