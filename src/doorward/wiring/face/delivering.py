"""Deliveries of many devices at once: those that wait are stored together, and one sync makes them all durable."""

from concurrent.futures import Future
from queue import Empty, Full, Queue
from threading import Thread

from doorward.errors import DoorwardError, TooFast
from doorward.kernel.clock import Clock
from doorward.passages.delivery import Delivery, DeliveryStore, Taken

MOST_WAITING = 1_024
MOST_TOGETHER = 256
"""Deliveries, of which each may hold many passages."""

MOST_PASSAGES_TOGETHER = 4_000

_Waiting = tuple[Delivery, "Future[Taken]"]


class DeliveryDesk:
    """Takes deliveries in the order in which they come, in a thread of its own, begun with the first."""

    def __init__(self, store: DeliveryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: Queue[_Waiting | None] = Queue(MOST_WAITING)
        self._thread: Thread | None = None

    def hand_in(self, delivery: Delivery) -> "Future[Taken]":
        """Done once it is durable. ``TooFast`` when as many wait as may wait."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="deliveries", daemon=True)
            self._thread.start()
        told: Future[Taken] = Future()
        try:
            self._waiting.put_nowait((delivery, told))
        except Full:
            raise TooFast("The site takes in as much as it can; send it again in a moment.", 1) from None
        return told

    def close(self) -> None:
        """Take what waits, and end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            together, ends = [first], False
            while len(together) < MOST_TOGETHER and _passages(together) < MOST_PASSAGES_TOGETHER:
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

    def _take(self, together: list[_Waiting]) -> None:
        try:
            taken = self._store.take([delivery for delivery, _ in together], self._clock.now())
        except DoorwardError as error:
            if len(together) > 1:  # one of them may be at fault: each by itself
                for one in together:
                    self._take([one])
            else:
                together[0][1].set_exception(error)
            return
        except BaseException as fault:
            for _, told in together:
                told.set_exception(fault)
            raise
        for (_, told), answer in zip(together, taken, strict=True):
            told.set_result(answer)


def _passages(together: list[_Waiting]) -> int:
    return sum(len(delivery.passages) for delivery, _ in together)
