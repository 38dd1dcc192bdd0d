"""Dwell tables and heat maps in few octets: a day of twenty cameras has to stay below 20 MB.

Numbers are little-endian and deflated (RFC 1950). A dwell table is, in 32 bits each, its counts ``left``, ``arrivals``
and ``lost``, then ``stayed`` in tenths of a second. A heat map is, in 16 bits each, people in thousandths, then
velocities in mm/s; the lowest number stands for a suppressed cell.
"""

import zlib

import numpy as np

from doorward.crowd.dwell import EDGES, DwellTable
from doorward.crowd.heat_map import Grid, HeatMap

_BINS = len(EDGES) - 1
_SUPPRESSED = np.iinfo(np.int16).min
_MOST = np.iinfo(np.int16).max
_THOUSANDTHS = 1000.0


def pack_dwell(table: DwellTable) -> bytes:
    counts = np.array([*table.left, table.arrivals, table.lost], dtype="<u4")
    stayed = np.round(np.array(table.stayed) * 10).astype("<u4")
    return zlib.compress(counts.tobytes() + stayed.tobytes(), 9)


def unpack_dwell(packed: bytes) -> DwellTable:
    numbers = np.frombuffer(zlib.decompress(packed), dtype="<u4").tolist()
    left, (arrivals, lost), stayed = numbers[:_BINS], numbers[_BINS : _BINS + 2], numbers[_BINS + 2 :]
    return DwellTable(left, [time / 10 for time in stayed], arrivals, lost)


def pack_heat_map(drawn: HeatMap) -> bytes:
    values = np.concatenate([drawn.occupancy.ravel(), drawn.velocity.ravel()]) * _THOUSANDTHS
    cells = np.where(np.isnan(values), _SUPPRESSED, np.clip(np.round(values), -_MOST, _MOST)).astype("<i2")
    return zlib.compress(cells.tobytes(), 9)


def unpack_heat_map(grid: Grid, packed: bytes) -> HeatMap:
    numbers = np.frombuffer(zlib.decompress(packed), dtype="<i2")
    values = np.where(numbers == _SUPPRESSED, np.nan, numbers / _THOUSANDTHS)
    number = grid.rows * grid.columns
    return HeatMap(
        grid,
        values[:number].reshape(grid.rows, grid.columns),
        values[number:].reshape(grid.rows, grid.columns, 2),
    )
