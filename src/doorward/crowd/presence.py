"""Who was there, decided one second later: late belief and short dropouts no longer falsify the count."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from doorward.crowd.geometry import Points, as_points
from doorward.crowd.tracks import Track

LAG_SECONDS = 1.0
"""How long a moment waits. Long enough to believe a new track and to see again one that was missed."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The people there at ``seconds``: their tracks' ``ids`` and their ``positions``, n x 2 metres."""

    seconds: float
    ids: tuple[str, ...]
    positions: Points


@dataclass(slots=True)
class _Sighting:
    last: float
    listed: float
    believed: bool


class Presence:
    """A track counts from its first to its last sighting, and only if it was ever believed."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, tuple[Track, ...]]] = deque()
        self._sightings: dict[str, _Sighting] = {}

    def update(self, seconds: float, tracks: tuple[Track, ...]) -> Iterator[Moment]:
        """The moments settled by now, oldest first."""
        for track in tracks:
            sighting = self._sightings.get(track.id)
            if sighting is None:
                sighting = self._sightings[track.id] = _Sighting(seconds, seconds, track.confirmed)
            sighting.listed = seconds
            sighting.believed = sighting.believed or track.confirmed
            if track.unseen == 0.0:
                sighting.last = seconds
        self._waiting.append((seconds, tracks))
        while self._waiting and seconds - self._waiting[0][0] >= LAG_SECONDS:
            yield self._settle()
        oldest = self._waiting[0][0] if self._waiting else seconds
        gone = [id_ for id_, sighting in self._sightings.items() if sighting.listed < oldest]
        for id_ in gone:
            del self._sightings[id_]

    def finish(self) -> Iterator[Moment]:
        """The moments that still waited."""
        while self._waiting:
            yield self._settle()
        self._sightings = {}

    def _settle(self) -> Moment:
        seconds, tracks = self._waiting.popleft()
        there = [track for track in tracks if self._was_there(track.id, seconds)]
        return Moment(seconds, tuple(track.id for track in there), as_points([track.position for track in there]))

    def _was_there(self, track_id: str, seconds: float) -> bool:
        sighting = self._sightings[track_id]
        return sighting.believed and sighting.last >= seconds
