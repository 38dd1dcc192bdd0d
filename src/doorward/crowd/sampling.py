"""A settled moment, measured in every zone."""

from doorward.crowd.contributions import BoundedCount, ContributionBound, Metric, Tallied
from doorward.crowd.density import voronoi_cells
from doorward.crowd.dwell import DwellTable, VisitBook
from doorward.crowd.following import Following
from doorward.crowd.kinematics import Motion
from doorward.crowd.presence import Moment
from doorward.crowd.pressure import pressure_in
from doorward.crowd.scene import Scene
from doorward.crowd.uncertainty import position_spread
from doorward.crowd.zones import ZoneCounter, ZoneSample, sample_zone


class Sampler:
    """Measures ``zones`` of ``scene``; between moments it keeps the visits under way and nothing else."""

    def __init__(self, scene: Scene, zones: tuple[ZoneCounter, ...]) -> None:
        self._homography = scene.homography
        self._walkable = scene.walkable_ground
        self._zones = zones
        self._bound = ContributionBound()
        self._visits = {zone.id: VisitBook(zone, scene.hysteresis) for zone in scene.zones}

    def dwell(self, moment: Moment, step: float) -> dict[str, DwellTable]:
        """Who stayed and who left, by zone, in the ``step`` seconds up to ``moment``."""
        return {zone: book.update(moment, step) for zone, book in self._visits.items()}

    def visits(self, moment: Moment, living: frozenset[str]) -> tuple[BoundedCount, ...]:
        """Visits that began at ``moment`` and may be published; ``living``: the tracks that are not dead."""
        self._bound.keep(living.union(moment.ids))
        return tuple(
            BoundedCount(Tallied(Metric.VISITS, zone), 1)
            for zone, book in self._visits.items()
            for track in book.arrived
            if self._bound.admit(track)
        )

    def lose(self, living: frozenset[str]) -> None:
        """The source is out; ``living``: the tracks that are not dead."""
        self.forget()
        self._bound.keep(living)

    def forget(self) -> None:
        """The source is out."""
        for book in self._visits.values():
            book.forget()

    def sample(self, motion: Motion, following: Following) -> dict[str, ZoneSample]:
        """Every zone in ``motion``; pressure is that of the tracks as they are now."""
        positions = motion.moment.positions
        cells = voronoi_cells(positions, self._walkable)
        spreads = position_spread(self._homography, positions, following.jitter)
        velocities, jitter = following.sightings.velocities(), following.sightings.jitter
        return {
            zone.id: sample_zone(zone, motion, cells, spreads, pressure_in(zone.polygon, velocities, jitter))
            for zone in self._zones
        }
