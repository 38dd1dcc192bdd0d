"""From foot-points to everything that needs to know who is who: tracks, crossings, and moments with velocities."""

from collections.abc import Iterator
from dataclasses import dataclass

from doorward.crowd.contributions import BoundedCount, ContributionBound, Metric, Tallied
from doorward.crowd.geometry import Points, as_points
from doorward.crowd.kinematics import Kinematics, Motion
from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.presence import Moment, Presence
from doorward.crowd.scene import Scene
from doorward.crowd.sightings import Sightings
from doorward.crowd.tracks import Track, Tracker
from doorward.kernel.clock import Randomness


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What a moment's foot-points told. ``present``: everybody in sight now, n x 2 metres, before they are believed
    for good. ``crossings``: by line; ``bounded``: those of them that may be published. ``motions``: the moments settled
    by now, 1.4 s old or more."""

    present: Points
    crossings: dict[str, Crossings]
    bounded: tuple[BoundedCount, ...]
    motions: tuple[Motion, ...]


class Following:
    """The tracks of one scene. Their ids are random and never leave this process; ``living``: those not yet dead."""

    def __init__(self, scene: Scene, randomness: Randomness) -> None:
        self._scene = scene
        self._tracker = Tracker(randomness, scene.tracker)
        self._presence = Presence()
        self._kinematics = Kinematics()
        self.lines = tuple(LineCounter(line, scene.hysteresis) for line in scene.lines)
        self.sightings = Sightings()
        self.living: frozenset[str] = frozenset()
        self._bound = ContributionBound()

    def update(self, seconds: float, foot_points: Points) -> Step:
        """Take the foot-points (n x 2 pixels) seen at ``seconds``, which never decrease."""
        tracks = self._tracker.update(seconds, self._scene.homography.to_ground(foot_points))
        self.sightings.update(seconds, tracks)
        crossings = {counter.id: counter.update(tracks) for counter in self.lines}
        self._keep(tracks)
        present = as_points([track.position for track in tracks if track.confirmed and track.unseen == 0.0])
        return Step(
            present, crossings, tuple(self._bounded()), tuple(self._moving(self._presence.update(seconds, tracks)))
        )

    def lose(self, seconds: float) -> None:
        """The source is out at ``seconds``: tracks that were lost for long enough die, with their ids."""
        tracks = self._tracker.update(seconds, as_points([]))
        for counter in self.lines:
            counter.update(tracks)
        self._keep(tracks)

    def end_stretch(self) -> Step:
        """The source is out, or ends: what still waited is settled; tracks go on, should the gap be short."""
        motions = (*self._moving(self._presence.finish()), *self._kinematics.finish())
        self.sightings.clear()
        return Step(as_points([]), {}, (), motions)

    @property
    def jitter(self) -> float:
        """Standard deviation of a foot-point in metres along an axis: as measured, else as the tracker assumes."""
        measured = self.sightings.jitter
        return self._scene.tracker.position_noise if measured is None else measured

    def _keep(self, tracks: tuple[Track, ...]) -> None:
        self.living = frozenset(track.id for track in tracks)
        self._bound.keep(self.living)

    def _bounded(self) -> Iterator[BoundedCount]:
        for counter in self.lines:
            for track, crossed in counter.crossed_by.items():
                for way, number in (("in", crossed.inward), ("out", crossed.outward)):
                    if admitted := self._bound.admit(track, number):
                        yield BoundedCount(Tallied(Metric.CROSSINGS, counter.id, way), admitted)

    def _moving(self, moments: Iterator[Moment]) -> Iterator[Motion]:
        for moment in moments:
            yield from self._kinematics.update(moment)
