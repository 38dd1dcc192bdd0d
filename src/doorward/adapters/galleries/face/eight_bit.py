"""Templates in 8 bits a number: a quarter of the memory, cosines off by about 0.001."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.process import ask_for_large_pages, lock_array

_Number = TypeVar("_Number", bound=np.generic)
_AT_ONCE = 16_384
_STEPS = 127

_LARGE = 1 << 26
"""Bytes: arrays of so many have pages of their own, which are moved and not copied."""


class EightBitRows:
    """``codes``: int8 of shape (rows, dimension); ``scales``: float32, what one step of a row's codes is worth.

    A row whose scale is zero is nobody's.
    """

    def __init__(self, codes: NDArray[np.int8], scales: NDArray[np.float32]) -> None:
        self.codes = codes
        self.scales = scales

    @classmethod
    def empty(cls, rows: int, dimension: int) -> EightBitRows:
        return cls(np.zeros((rows, dimension), np.int8), np.zeros(rows, np.float32))

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> EightBitRows:
        """``vectors``: (rows, dimension), each with some length."""
        rows = cls.empty(*vectors.shape)
        rows.put(0, vectors)
        return rows

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def dimension(self) -> int:
        return int(self.codes.shape[1])

    def settle(self) -> None:
        """Have rows looked up quickly, and kept out of the swap space, where the system allows it."""
        lock_array(self.codes)
        ask_for_large_pages(self.codes)

    def put(self, start: int, vectors: NDArray[np.float32]) -> None:
        """Round the vectors into the rows from ``start`` on."""
        for first in range(0, len(vectors), _AT_ONCE):
            part = vectors[first : first + _AT_ONCE]
            steps = np.abs(part).max(axis=1) / np.float32(_STEPS)
            rows = slice(start + first, start + first + len(part))
            self.codes[rows] = np.rint(part / steps[:, None])
            self.scales[rows] = steps

    def resize(self, rows: int) -> None:
        """To more rows, which are nobody's, or to fewer."""
        self.codes, self.scales = resized(self.codes, rows), resized(self.scales, rows)

    def vectors(self, rows: slice | NDArray[np.int64]) -> NDArray[np.float32]:
        """Of shape (rows, dimension), rounded."""
        return self.codes[rows] * self.scales[rows, None]

    def scores(self, probe: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines of some rows."""
        found = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            found[start : start + _AT_ONCE] = (self.codes[some].astype(np.float32) @ probe) * self.scales[some]
        return np.clip(found, -1, 1)

    def wipe(self, rows: slice | NDArray[np.int64]) -> None:
        self.codes[rows] = 0
        self.scales[rows] = 0


def resized(array: NDArray[_Number], rows: int) -> NDArray[_Number]:
    """``array`` with more rows, which are zero, or with fewer; nothing of it is left where it was."""
    if array.nbytes >= _LARGE:
        array.resize((rows, *array.shape[1:]), refcheck=False)
        return array
    made, kept = np.zeros((rows, *array.shape[1:]), array.dtype), min(rows, len(array))
    made[:kept] = array[:kept]
    array.fill(0)
    return made
