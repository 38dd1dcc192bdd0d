"""``DeliveryStore`` in memory."""

from collections.abc import Sequence
from datetime import datetime

from doorward.kernel.ids import DeviceId
from doorward.passages.delivery import Delivery, Taken
from doorward.passages.message_order import Mark, Standing, standing_of
from doorward.passages.passage import PassageStore


class FakeDeliveryStore:
    def __init__(self, passages: PassageStore) -> None:
        self._passages = passages
        self._marks: dict[DeviceId, Mark] = {}

    def take(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Taken]:
        return [self._take(delivery, now) for delivery in deliveries]

    def mark(self, device: DeviceId) -> Mark | None:
        return self._marks.get(device)

    def _take(self, delivery: Delivery, now: datetime) -> Taken:
        standing = standing_of(self.mark(delivery.device), delivery.mark, delivery.sent_at, now)
        if standing is not Standing.NEW:
            return Taken(standing)
        self._marks[delivery.device] = delivery.mark
        for (checkpoint, counter), count in delivery.counted.items():
            for _ in range(count):
                self._passages.tally(checkpoint, counter)
        return Taken(standing, len(self._passages.add_many(delivery.passages)))
