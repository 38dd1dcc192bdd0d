"""Persons per square metre: classic, by Voronoi cells, and in the worst square metre.

Steffen and Seyfried, Methods for measuring pedestrian density, flow, speed and direction with minimal scatter,
Physica A 389 (2010): everybody's density is one over the area that is nearer to them than to anybody else.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import Polygon

from doorward.crowd.geometry import Points

Floats = NDArray[np.float64]

SAMPLES_A_SIDE = 4
"""A square metre is looked at in 4 x 4 points."""

_STEPS = (np.arange(SAMPLES_A_SIDE) + 0.5) / SAMPLES_A_SIDE - 0.5
_SQUARE_METRE: Points = np.stack(np.meshgrid(_STEPS, _STEPS), axis=-1).reshape(-1, 2)
_REACH = 2 * float(np.linalg.norm(_SQUARE_METRE, axis=1).max()) + 1e-9
"""Metres. The cell at a point of the square metre about somebody is theirs, or somebody's who is no further from the
point than they are.
"""

_AT_ONCE = 24
"""People whose square metre is looked at together, the likeliest first."""


@dataclass(frozen=True, eq=False)
class VoronoiCells:
    """The cells of the people on ``walkable`` ground: ``people`` (n) says which of the given positions have one."""

    people: NDArray[np.intp]
    positions: Points
    cells: NDArray[np.object_]

    @cached_property
    def densities(self) -> Floats:
        """Everybody's own density, n, persons per square metre."""
        return np.asarray(1.0 / shapely.area(self.cells), dtype=np.float64)

    def density_in(self, zone: Polygon) -> float:
        """The mean over ``zone`` of the density of the cell at each place."""
        inside = shapely.contains_properly(zone, self.cells)
        cut = np.flatnonzero(~inside & shapely.intersects(zone, self.cells))
        shares = shapely.area(_clipped(self.cells[cut], zone)) * self.densities[cut]
        return float((np.count_nonzero(inside) + shares.sum()) / zone.area)

    def worst_square_metre(self, zone: Polygon) -> float:
        """The highest mean density in a square metre of ``zone`` with somebody in its middle; 0 without anybody."""
        people = np.flatnonzero(shapely.contains_xy(zone, self.positions[:, 0], self.positions[:, 1]))
        people = people[np.argsort(-self._highest_about[people])]
        worst = 0.0
        for begin in range(0, len(people), _AT_ONCE):
            some = people[begin : begin + _AT_ONCE]
            if self._highest_about[some[0]] <= worst:
                break  # nor can anybody who comes after
            samples = (self.positions[some][:, None] + _SQUARE_METRE).reshape(-1, 2)
            there = self.densities[self._tree.query(samples)[1]]
            inside = shapely.contains_xy(zone, samples[:, 0], samples[:, 1])
            sums = np.where(inside, there, 0.0).reshape(len(some), -1).sum(axis=1)
            worst = max(worst, float((sums / inside.reshape(len(some), -1).sum(axis=1)).max()))
        return worst

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.positions)

    @cached_property
    def _highest_about(self) -> Floats:
        """The highest density, n, of all whose cells can reach into the square metre about each."""
        pairs = self._tree.query_pairs(_REACH, output_type="ndarray")
        highest = self.densities.copy()
        np.maximum.at(highest, pairs[:, 0], self.densities[pairs[:, 1]])
        np.maximum.at(highest, pairs[:, 1], self.densities[pairs[:, 0]])
        return highest


def voronoi_cells(positions: Points, walkable: Polygon) -> VoronoiCells:
    """Cells of ``positions`` (n x 2 metres), cut at the edge of the ``walkable`` ground.

    Who is outside has none, nor has who stands within a millimetre of somebody else, as a second track of the same
    person does.
    """
    inside = np.flatnonzero(shapely.contains_xy(walkable, positions[:, 0], positions[:, 1]))
    people = inside[np.sort(np.unique(np.round(positions[inside], 3), axis=0, return_index=True)[1])]
    there = positions[people]
    if not len(people):
        return VoronoiCells(people, there, np.array([], dtype=object))
    drawn = shapely.voronoi_polygons(shapely.MultiPoint(there), extend_to=walkable, ordered=True)
    cells = np.asarray(shapely.get_parts(drawn), dtype=object)
    cut = np.flatnonzero(~shapely.contains_properly(walkable, cells))
    cells[cut] = _clipped(cells[cut], walkable)
    for cell in np.flatnonzero(shapely.get_type_id(cells) != shapely.GeometryType.POLYGON):
        parts = shapely.get_parts(cells[cell])
        cells[cell] = parts[np.argmin(shapely.distance(parts, shapely.Point(there[cell])))]
    return VoronoiCells(people, there, cells)


def _clipped(cells: NDArray[np.object_], ground: Polygon) -> NDArray[np.object_]:
    """The parts of the cells on ``ground``, which for a rectangle are found ten times as fast."""
    left, near, right, far = ground.bounds
    if ground.area == (right - left) * (far - near):
        return np.asarray(shapely.clip_by_rect(cells, left, near, right, far), dtype=object)
    return np.asarray(shapely.intersection(cells, ground), dtype=object)
