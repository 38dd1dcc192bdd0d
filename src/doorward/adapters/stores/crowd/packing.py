"""Dwell tables and heat maps in few octets: a day of twenty cameras has to stay below 20 MB.

A dwell table is its counts ``left``, ``arrivals`` and ``lost``, then ``stayed`` in tenths of a second, each number as
unsigned LEB128 (DWARF 5, 7.6), after an octet 1. Before that octet was written they were 32 bits each, little-endian
and deflated (RFC 1950, which begins with another octet), and are still read. A heat map is little-endian and deflated:
people in thousandths, 16 bits each, then velocities in steps of 2 cm/s, 8 bits each; the lowest number stands for a
suppressed cell.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorward.crowd.dwell import EDGES, DwellTable
from doorward.crowd.heat_map import Grid, HeatMap

_BINS = len(EDGES) - 1
_PEOPLE = np.dtype("<i2")
_VELOCITY = np.dtype("<i1")
_THOUSANDTHS = 1000.0
_STEPS = 50.0
_IN_LEB128 = b"\x01"


def pack_dwell(table: DwellTable) -> bytes:
    stayed = np.round(np.array(table.stayed) * 10).astype(int).tolist()
    return _IN_LEB128 + b"".join(_leb128(number) for number in (*table.left, table.arrivals, table.lost, *stayed))


def unpack_dwell(packed: bytes) -> DwellTable:
    if packed.startswith(_IN_LEB128):
        numbers = _numbers(packed[len(_IN_LEB128) :])
    else:
        numbers = np.frombuffer(zlib.decompress(packed), dtype="<u4").tolist()
    left, (arrivals, lost), stayed = numbers[:_BINS], numbers[_BINS : _BINS + 2], numbers[_BINS + 2 :]
    return DwellTable(left, [time / 10 for time in stayed], arrivals, lost)


def pack_heat_map(drawn: HeatMap) -> bytes:
    people = _quantised(drawn.occupancy * _THOUSANDTHS, _PEOPLE)
    return zlib.compress(people + _quantised(drawn.velocity * _STEPS, _VELOCITY), 9)


def unpack_heat_map(grid: Grid, packed: bytes) -> HeatMap:
    octets, shape = zlib.decompress(packed), (grid.rows, grid.columns)
    people = grid.rows * grid.columns * _PEOPLE.itemsize
    return HeatMap(
        grid,
        _values(octets[:people], _PEOPLE).reshape(shape) / _THOUSANDTHS,
        _values(octets[people:], _VELOCITY).reshape(*shape, 2) / _STEPS,
    )


def _quantised(values: NDArray[np.float64], kind: np.dtype[Any]) -> bytes:
    lowest, most = np.iinfo(kind).min, np.iinfo(kind).max
    return np.where(np.isnan(values), lowest, np.clip(np.round(values), -most, most)).astype(kind).tobytes()


def _values(octets: bytes, kind: np.dtype[Any]) -> NDArray[np.float64]:
    numbers = np.frombuffer(octets, dtype=kind)
    return np.where(numbers == np.iinfo(kind).min, np.nan, numbers.astype(np.float64))


def _leb128(number: int) -> bytes:
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def _numbers(octets: bytes) -> list[int]:
    found, number, shift = [], 0, 0
    for octet in octets:
        number |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:
            found.append(number)
            number, shift = 0, 0
    return found
