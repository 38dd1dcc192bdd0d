"""Crossings of a line, with a band of hysteresis: who loiters on it crosses nothing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from doorward.crowd.geometry import as_points
from doorward.crowd.scene import Line
from doorward.crowd.tracks import Track


@dataclass(slots=True)
class Crossings:
    """People who came in and went out; ``unresolved``: tracks that began or ended within the band."""

    inward: int = 0
    outward: int = 0
    unresolved: int = 0

    def __add__(self, other: "Crossings") -> "Crossings":
        return Crossings(self.inward + other.inward, self.outward + other.outward, self.unresolved + other.unresolved)


@dataclass(slots=True)
class _Walker:
    """``side``: +1 left, -1 right, the last one clearly held; ``where``: metres along the line of the last step over
    it; ``waiting``: crossings of a track not yet believed."""

    along: float
    across: float
    began_in_band: bool
    believed: bool = False
    side: int = 0
    where: float | None = None
    waiting: Crossings | None = None


class LineCounter:
    """Counts each track that goes from beyond the band on one side to beyond it on the other, between the ends.

    ``hysteresis`` is the band's half width in metres. ``crossed_by``: whose crossings became certain in the last
    update, by track.
    """

    def __init__(self, line: Line, hysteresis: float) -> None:
        self.id = line.id
        self._start = line.start
        dx, dy = line.end[0] - line.start[0], line.end[1] - line.start[1]
        self._length = math.hypot(dx, dy)
        self._direction = (dx / self._length, dy / self._length)
        self._hysteresis = hysteresis
        self._walkers: dict[str, _Walker] = {}
        self.crossed_by: dict[str, Crossings] = {}

    def update(self, tracks: Iterable[Track]) -> Crossings:
        """The crossings that are certain now; tracks that are gone are forgotten.

        A track out of sight is a guess and moves nothing until it is seen again.
        """
        counted = Crossings()
        self.crossed_by = {}
        walkers: dict[str, _Walker] = {}
        tracks = list(tracks)
        for track, (along, across) in zip(tracks, self._places(tracks), strict=True):
            walker = self._walkers.get(track.id) or _Walker(along, across, self._in_band(along, across))
            walkers[track.id] = walker
            if track.unseen == 0.0 and (crossed := self._step(walker, along, across)):
                walker.waiting = (walker.waiting or Crossings()) + crossed
            if track.confirmed and walker.waiting:
                counted += walker.waiting
                self.crossed_by[track.id] = walker.waiting
                walker.waiting = None
            if track.confirmed and not walker.believed:
                walker.believed = True
                counted.unresolved += walker.began_in_band
        for person, walker in self._walkers.items():
            if person not in walkers and walker.believed:
                counted.unresolved += self._in_band(walker.along, walker.across)
        self._walkers = walkers
        return counted

    @property
    def length(self) -> float:
        """Metres."""
        return self._length

    def _in_band(self, along: float, across: float) -> bool:
        return abs(across) <= self._hysteresis and 0 <= along <= self._length

    def _places(self, tracks: Sequence[Track]) -> list[list[float]]:
        """Of each track metres along the line from its start, and metres to its left."""
        (ux, uy), start = self._direction, self._start
        turned = (as_points([track.position for track in tracks]) - start) @ np.array([[ux, -uy], [uy, ux]])
        placed: list[list[float]] = turned.tolist()
        return placed

    def _step(self, walker: _Walker, along: float, across: float) -> Crossings | None:
        if (across > 0) != (walker.across > 0):
            share = walker.across / (walker.across - across)
            walker.where = walker.along + share * (along - walker.along)
        walker.along, walker.across = along, across
        if abs(across) <= self._hysteresis:
            return None
        before, walker.side = walker.side, 1 if across > 0 else -1
        if before in (0, walker.side) or walker.where is None or not 0 <= walker.where <= self._length:
            return None
        return Crossings(inward=1) if walker.side > 0 else Crossings(outward=1)
