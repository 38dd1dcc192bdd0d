"""A ledger in memory, and noise that is none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from doorward.crowd.contributions import Metric
from doorward.crowd.releases import Release
from doorward.errors import Conflict


class MemoryReleaseLedger:
    """``ReleaseLedger`` without a disk."""

    def __init__(self) -> None:
        self._releases: list[Release] = []

    @contextmanager
    def alone(self) -> Iterator[None]:
        before = list(self._releases)
        try:
            yield
        except BaseException:
            self._releases = before
            raise

    def read(self, scene: str, metric: Metric, start: datetime, end: datetime) -> tuple[Release, ...]:
        found = [
            release
            for release in self._releases
            if (release.scene, release.metric) == (scene, metric) and release.start < end and release.end > start
        ]
        return tuple(sorted(found, key=lambda release: (release.start, release.seconds)))

    def add(self, releases: Sequence[Release]) -> None:
        known = {(each.scene, each.metric, each.start, each.seconds) for each in self._releases}
        if any((each.scene, each.metric, each.start, each.seconds) in known for each in releases):
            raise Conflict("One of these intervals was published before; publish it again as it was.")
        self._releases += releases


class PlannedNoise:
    """``GeometricNoise`` that adds what it was told, and keeps the scales it was asked for."""

    def __init__(self, added: int = 0) -> None:
        self.added = added
        self.scales: list[float] = []

    def noised(self, values: Sequence[int], scale: float) -> list[int]:
        self.scales.append(scale)
        return [value + self.added for value in values]
