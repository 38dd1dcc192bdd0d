"""Templates in 4 bits for every two to four numbers, which one core compares at hundreds of millions a second.

faiss' product quantizer, with its tables in registers: André, Kermarrec, Le Scouarnec, "Cache locality is not enough"
(2015) and https://github.com/facebookresearch/faiss/wiki/Fast-accumulation-of-PQ-and-AQ-codes-(FastScan).
"""

from __future__ import annotations

import os
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.process import ask_for_large_pages, lock_array

FEWEST = 16
"""Rows that training needs."""

SAMPLE = 65_536
"""Rows that it takes at most."""

BLOCK = 32
"""Rows whose codes lie interleaved."""

LAYOUT = f"faiss {faiss.__version__}"
"""Who wrote the codes as they lie in memory: another version may place them otherwise."""

_BITS = 4
_VALUES = 1 << _BITS
_AT_ONCE = 65_536
_CODES = 48
"""Of a template with 96 to 192 numbers."""

_TOGETHER = 0x222
"""Probes compared in one pass over the codes: twice two and two (docs/adr/0019)."""


class ShortCodes:
    """Codes of rows by their number. Those of nobody are random: alike, they would crowd out others in a search."""

    def __init__(self, dimension: int) -> None:
        # docs/adr/0019 has what fewer and more codes cost.
        codes = max(1, min(dimension // 2, max(_CODES, dimension // 4)))
        width = -(-dimension // codes)
        self.dimension = dimension
        self._wide = codes * width
        self._columns = _spread(dimension, codes, width)
        index: Any = faiss.IndexPQFastScan(self._wide, codes, _BITS, faiss.METRIC_INNER_PRODUCT)
        self._index = index
        self._index.pq.cp.min_points_per_centroid = 1
        self._packer = index.get_CodePacker()
        self._view()

    @classmethod
    def of(cls, rows: EightBitRows) -> ShortCodes:
        """Trained on a sample of the rows, of which there are ``FEWEST`` or more, and filled with them all."""
        made = cls(rows.dimension)
        made.train(rows)
        made.fill(rows)
        return made

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def code_size(self) -> int:
        """Bytes a row."""
        return int(self._packer.code_size)

    @property
    def centroids(self) -> NDArray[np.float32]:
        """What training found: of every group of numbers, the values that its codes stand for, one after another."""
        found: NDArray[np.float32] = faiss.vector_to_array(self._index.pq.centroids)
        return found

    def train(self, rows: EightBitRows) -> None:
        # Threads that wait for each other at every small step take many times as long on a machine that is busy.
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            self._index.train(self._padded(rows.vectors(slice(None, None, -(-len(rows) // SAMPLE)))))
        finally:
            faiss.omp_set_num_threads(threads)

    def fill(self, rows: EightBitRows) -> None:
        """Code all rows; of ones without length the codes are random."""
        for start in range(0, len(rows), _AT_ONCE):
            self._index.add(self._padded(rows.vectors(slice(start, start + _AT_ONCE))))
        self.grow(-(-len(rows) // BLOCK) * BLOCK)
        self.wipe(np.flatnonzero(rows.scales == 0))

    def grow(self, rows: int) -> None:
        """To so many rows, a multiple of ``BLOCK``; the new ones are nobody's."""
        first = len(self)
        self._resize(rows)
        whole = -(-first // BLOCK)
        self._packed[whole:] = _random(self._packed[whole:].shape)
        self.wipe(np.arange(first, min(whole * BLOCK, rows)))
        self.settle()

    def nearest(self, probes: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """For each of the probes (probes, dimension) about the ``count`` nearest rows, in no order to rely on."""
        _, found = self._index.search(self._padded(probes), count)
        return [rows[rows >= 0] for rows in found]

    def put(self, row: int, vector: NDArray[np.float32]) -> None:
        (code,) = self._index.pq.compute_codes(self._padded(vector[None]))
        self._write(self._packed, row, code)

    def wipe(self, rows: NDArray[np.int64]) -> None:
        """Overwrite the codes of some rows, which are interleaved with those of others."""
        self._wipe(self._packed, rows)

    def wipe_all(self) -> None:
        self._packed.fill(0)

    def part(self, rows: slice, wiped: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A copy of the codes of whole blocks of rows as they lie in memory, in which some of the rows are wiped."""
        packed = self._packed[rows.start // BLOCK : rows.stop // BLOCK].copy()
        self._wipe(packed, wiped)
        return packed

    def load(self, centroids: NDArray[np.float32], rows: int) -> NDArray[np.uint8]:
        """Be trained as others were, whose ``centroids`` these are; where the codes of so many rows are to be put."""
        if rows % BLOCK or not bool(np.isfinite(centroids).all()):
            raise ValueError("codes")
        faiss.copy_array_to_vector(np.ascontiguousarray(centroids, np.float32), self._index.pq.centroids)
        self._index.is_trained = True
        self._resize(rows)
        return self._packed

    def code(self, row: int) -> NDArray[np.uint8]:
        """The code of one row."""
        block, place = divmod(row, BLOCK)
        code: NDArray[np.uint8] = self._packer.unpack_1(self._packed[block : block + 1], place)
        return code

    def settle(self) -> None:
        """Have the codes scanned quickly, and kept out of the swap space."""
        lock_array(self._packed)
        ask_for_large_pages(self._packed)

    def _resize(self, rows: int) -> None:
        self._index.codes.resize(rows * self._packer.code_size)
        self._index.ntotal = self._index.ntotal2 = rows
        self._view()

    def _wipe(self, packed: NDArray[np.uint8], rows: NDArray[np.int64]) -> None:
        for row, code in zip(rows.tolist(), _random((len(rows), self._packer.code_size)), strict=True):
            self._write(packed, row, code)

    def _write(self, packed: NDArray[np.uint8], row: int, code: NDArray[np.uint8]) -> None:
        block, place = divmod(row, BLOCK)
        self._packer.pack_1(code, place, packed[block : block + 1])

    def _view(self) -> None:
        packed: NDArray[np.uint8] = faiss.rev_swig_ptr(self._index.codes.get(), self._index.codes.size())
        self._packed = packed.reshape(-1, self._packer.block_size)

    def _padded(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._wide == self.dimension:
            return np.ascontiguousarray(vectors, np.float32)
        padded = np.zeros((len(vectors), self._wide), np.float32)
        padded[:, self._columns] = vectors
        return padded


def _spread(dimension: int, codes: int, width: int) -> NDArray[np.int64]:
    """Where each number goes among ``codes`` groups of ``width`` each, as evenly as can be; zeros fill the rest."""
    widths = np.full(codes, dimension // codes)
    widths[: dimension % codes] += 1
    return np.concatenate([group * width + np.arange(numbers) for group, numbers in enumerate(widths.tolist())])


def _random(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.frombuffer(bytearray(os.urandom(int(np.prod(shape)))), np.uint8).reshape(shape)


def keep_to_one_core() -> None:
    """Training and coding, in the calling thread only: what goes on beside it has the others."""
    faiss.omp_set_num_threads(1)
