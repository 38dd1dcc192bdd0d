"""What the crowd room needs from outside."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from doorward.crowd.contributions import Metric
from doorward.crowd.geometry import Points
from doorward.crowd.intervals import MINUTE_SECONDS, IntervalAggregate
from doorward.crowd.releases import Release
from doorward.kernel.image import Image


class PersonDetector(Protocol):
    @property
    def name(self) -> str:
        """The method that every stored value is labelled with."""
        ...

    def detect(self, image: Image) -> Points:
        """The foot-points of the people in the picture, n x 2 pixels. Called with the pictures in their order."""
        ...


class IntervalStore(Protocol):
    def add(self, intervals: Sequence[IntervalAggregate]) -> None:
        """Store all of them or none. Two runs in one minute leave two intervals, each with its own coverage.

        What is no count may be kept to four decimals, and in heat maps to 0.001 people and 2 cm/s.
        """
        ...

    def read(
        self,
        scene: str,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 10_000,
        seconds: int = MINUTE_SECONDS,
    ) -> tuple[IntervalAggregate, ...]:
        """The scene's intervals of ``seconds`` that begin at ``start`` or later and before ``end``, oldest first, at
        most ``limit``. Empty for a scene that is not known.
        """
        ...

    def latest(self, scene: str) -> IntervalAggregate | None:
        """The scene's newest minute; None when there is none."""
        ...

    def scenes(self) -> tuple[str, ...]:
        """The names of the scenes with stored intervals, in order."""
        ...


class GeometricNoise(Protocol):
    def noised(self, values: Sequence[int], scale: float) -> list[int]:
        """Each value with noise of its own: k with a chance proportional to exp(-|k| / ``scale``), from randomness fit
        for keys and free of floating-point artefacts.
        """
        ...


class ReleaseLedger(Protocol):
    """What was published, and thereby what was spent."""

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else writes meanwhile; what is added inside is durable, all of it, when this ends, or none."""
        ...

    def read(self, scene: str, metric: Metric, start: datetime, end: datetime) -> tuple[Release, ...]:
        """The releases that overlap the time from ``start`` to ``end``, oldest first."""
        ...

    def add(self, releases: Sequence[Release]) -> None:
        """``Conflict`` when one was added before."""
        ...
