"""Templates in 4 bits for every two or four numbers, which one core compares at hundreds of millions a second.

faiss' product quantizer, with its tables in registers: André, Kermarrec, Le Scouarnec, "Cache locality is not enough"
(2015) and https://github.com/facebookresearch/faiss/wiki/Fast-accumulation-of-PQ-and-AQ-codes-(FastScan).
"""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.process import lock_array

FEWEST = 16
"""Rows that training needs."""

_BITS = 4
_SAMPLE = 65_536
_AT_ONCE = 65_536
_SMALL_DIMENSION = 256


class ShortCodes:
    """Trained on a sample of ``rows``, of which there are ``FEWEST`` or more, and filled with them all."""

    def __init__(self, rows: EightBitRows) -> None:
        dimension = rows.codes.shape[1]
        # Below 64 codes a template the right one is too often not among the best: docs/adr/0019.
        group = 2 if dimension < _SMALL_DIMENSION else 4
        codes = -(-dimension // group)
        self._padding = codes * group - dimension
        self._index = _trained(codes * group, codes, self._padded(rows.vectors(slice(None, None, _step(len(rows))))))
        for start in range(0, len(rows), _AT_ONCE):
            self._index.add(self._padded(rows.vectors(slice(start, start + _AT_ONCE))))
        self._packer = self._index.get_CodePacker()
        packed: NDArray[np.uint8] = faiss.rev_swig_ptr(self._index.codes.get(), self._index.codes.size())
        lock_array(packed)
        self._packed = packed[: len(packed) // self._packer.block_size * self._packer.block_size]
        self._packed = self._packed.reshape(-1, self._packer.block_size)

    def nearest(self, probes: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """For each of the probes (probes, dimension) about the ``count`` nearest rows, in no order to rely on."""
        _, found = self._index.search(self._padded(probes), count)
        return [rows[rows >= 0] for rows in found]

    def wipe(self, row: int) -> None:
        """Overwrite the code of one row, which is interleaved with those of others."""
        block, place = divmod(row, self._packer.nvec)
        self._packer.pack_1(np.zeros(self._packer.code_size, np.uint8), place, self._packed[block : block + 1])

    def wipe_all(self) -> None:
        self._packed.fill(0)

    def code(self, row: int) -> NDArray[np.uint8]:
        """The code of one row, as it lies in memory."""
        block, place = divmod(row, self._packer.nvec)
        code: NDArray[np.uint8] = self._packer.unpack_1(self._packed[block : block + 1], place)
        return code

    def _padded(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._padding:
            vectors = np.pad(vectors, ((0, 0), (0, self._padding)))
        return np.ascontiguousarray(vectors, np.float32)


def _trained(dimension: int, codes: int, sample: NDArray[np.float32]) -> Any:  # the package's stubs lack its packer
    index = faiss.IndexPQFastScan(dimension, codes, _BITS, faiss.METRIC_INNER_PRODUCT)
    index.pq.cp.min_points_per_centroid = 1
    # Threads that wait for each other at every small step take many times as long on a machine that is busy.
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        index.train(sample)
    finally:
        faiss.omp_set_num_threads(threads)
    return index


def _step(rows: int) -> int:
    return -(-rows // _SAMPLE)


def keep_to_one_core() -> None:
    """Training and coding, in the calling thread only: what goes on beside it has the others."""
    faiss.omp_set_num_threads(1)
