"""Where people are, and which way they go, on a grid of the ground; a cell that few visited says nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon

from doorward.crowd.geometry import Points
from doorward.crowd.kinematics import Motion

CELL_METRES = 1.0
MOST_CELLS = 10_000
LEAST_VISITORS = 5
"""A cell with fewer visitors in an interval is suppressed, because its value would be about those few."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of ``side`` metres; ``left`` and ``near`` are the lowest x and y, in metres."""

    left: float
    near: float
    side: float
    columns: int
    rows: int

    def cells(self, places: Points) -> NDArray[np.intp]:
        """The number of each place's cell, row by row from the lowest y; -1 outside."""
        columns = np.floor((places[:, 0] - self.left) / self.side).astype(np.intp)
        rows = np.floor((places[:, 1] - self.near) / self.side).astype(np.intp)
        inside = (columns >= 0) & (columns < self.columns) & (rows >= 0) & (rows < self.rows)
        return np.where(inside, rows * self.columns + columns, -1)


def grid_over(walkable: Polygon) -> Grid:
    """The grid over the walkable ground, of cells of a metre or, where those were too many, larger ones."""
    left, near, right, far = walkable.bounds
    side = max(CELL_METRES, float(np.ceil(np.sqrt((right - left) * (far - near) / MOST_CELLS) * 2) / 2))
    columns, rows = (max(1, int(np.ceil(extent / side))) for extent in (right - left, far - near))
    return Grid(float(left), float(near), side, columns, rows)


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """``occupancy``: people in each cell, mean over the interval; ``velocity``: their mean, m/s, along x and y.

    rows x columns and rows x columns x 2, NaN where the cell is suppressed (fewer than ``LEAST_VISITORS``).
    """

    grid: Grid
    occupancy: NDArray[np.float64]
    velocity: NDArray[np.float64]


class HeatMeter:
    """A heat map under way. Which cells a track has visited is forgotten with the track."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._visited: dict[str, set[int]] = {}
        self._clear()

    def sample(self, motion: Motion, seconds: float) -> None:
        """Everybody was where they are in ``motion`` for ``seconds``."""
        self._seconds += seconds
        cells = self._grid.cells(motion.moment.positions)
        inside = cells >= 0
        np.add.at(self._stayed, cells[inside], seconds)
        moving = inside & ~np.isnan(motion.velocities[:, 0])
        np.add.at(self._moved, cells[moving], motion.velocities[moving] * seconds)
        np.add.at(self._timed, cells[moving], seconds)
        living = {}
        for person, cell in zip(motion.moment.ids, cells.tolist(), strict=True):
            been = self._visited.get(person) or set()
            living[person] = been
            if cell >= 0 and cell not in been:
                been.add(cell)
                self._visitors[cell] += 1
        self._visited = living

    def forget(self) -> None:
        """The source is out: who comes after the gap is a visitor of their own."""
        self._visited = {}

    def take(self) -> HeatMap | None:
        """The map of the time since the last one, and a new beginning; None when nothing was seen."""
        if self._seconds <= 0:
            return None
        shown = self._visitors >= LEAST_VISITORS
        occupancy = np.where(shown, self._stayed / self._seconds, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            velocity = np.where(shown[:, None], self._moved / self._timed[:, None], np.nan)
        shape = (self._grid.rows, self._grid.columns)
        self._clear()
        return HeatMap(self._grid, occupancy.reshape(shape), velocity.reshape(*shape, 2))

    def _clear(self) -> None:
        number = self._grid.rows * self._grid.columns
        self._stayed, self._timed = np.zeros(number), np.zeros(number)
        self._moved = np.zeros((number, 2))
        self._visitors = np.zeros(number, dtype=np.int64)
        self._visited = {}
        self._seconds = 0.0
