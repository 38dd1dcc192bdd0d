"""An interval store in memory."""

from collections.abc import Sequence
from datetime import datetime

from doorward.crowd.intervals import MINUTE_SECONDS, IntervalAggregate


class MemoryIntervalStore:
    """``IntervalStore`` without a disk."""

    def __init__(self) -> None:
        self._intervals: list[IntervalAggregate] = []

    def add(self, intervals: Sequence[IntervalAggregate]) -> None:
        self._intervals.extend(intervals)

    def read(
        self,
        scene: str,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 10_000,
        seconds: int = MINUTE_SECONDS,
    ) -> tuple[IntervalAggregate, ...]:
        found = [
            interval
            for interval in self._intervals
            if interval.scene == scene
            and interval.seconds == seconds
            and (start is None or interval.start >= start)
            and (end is None or interval.start < end)
        ]
        return tuple(sorted(found, key=lambda interval: interval.start)[:limit])

    def latest(self, scene: str) -> IntervalAggregate | None:
        return max(self.read(scene), key=lambda interval: interval.start, default=None)

    def scenes(self) -> tuple[str, ...]:
        return tuple(sorted({interval.scene for interval in self._intervals}))
