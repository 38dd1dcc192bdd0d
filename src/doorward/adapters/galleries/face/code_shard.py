"""Short codes of some of a gallery's rows, as faiss holds them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from doorward.adapters.process import ask_for_large_pages, lock_array

BLOCK = 32
"""Rows whose codes lie interleaved."""

LAYOUT = f"faiss {faiss.__version__}"
"""Who wrote the codes as they lie in memory: another version may place them otherwise."""

_BITS = 4
_TOGETHER = 0x2222
"""Probes compared in one pass over the codes, two, two, two and two: with registers of 256 bits a fifth quicker than
faiss' own choice (docs/adr/0029), which stays where they are wider.
"""


class CodeShard:
    """``packed``: the codes as they lie in memory, uint8 of shape (blocks, bytes a block)."""

    def __init__(self, dimension: int, codes: int) -> None:
        index: Any = faiss.IndexPQFastScan(dimension, codes, _BITS, faiss.METRIC_INNER_PRODUCT)
        index.pq.cp.min_points_per_centroid = 1
        if "AVX512" not in faiss.get_compile_options():
            index.qbs = _TOGETHER
        self._index = index
        self._packer = index.get_CodePacker()
        self._view()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def code_size(self) -> int:
        """Bytes a row."""
        return int(self._packer.code_size)

    @property
    def centroids(self) -> NDArray[np.float32]:
        found: NDArray[np.float32] = faiss.vector_to_array(self._index.pq.centroids)
        return found

    def train(self, sample: NDArray[np.float32]) -> None:
        # Threads that wait for each other at every small step take many times as long on a machine that is busy.
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            self._index.train(sample)
        finally:
            faiss.omp_set_num_threads(threads)

    def learn(self, centroids: NDArray[np.float32]) -> None:
        """Be trained as another was."""
        faiss.copy_array_to_vector(np.ascontiguousarray(centroids, np.float32), self._index.pq.centroids)
        self._index.is_trained = True

    def add(self, vectors: NDArray[np.float32]) -> None:
        """After rows that fill their blocks."""
        self._index.add(vectors)
        self._view()

    def grow(self, rows: int) -> None:
        """To so many, which fill their blocks; the codes of the new ones are random."""
        first, whole = len(self), -(-len(self) // BLOCK)
        self.resize(rows)
        self.packed[whole:] = _random(self.packed[whole:].shape)
        self.wipe(self.packed, range(first, min(whole * BLOCK, rows)))

    def resize(self, rows: int) -> None:
        """To so many, which fill their blocks; the codes of the new ones may be anything."""
        self._index.codes.resize(rows * self.code_size)
        self._index.ntotal = self._index.ntotal2 = rows
        self._view()

    def nearest(self, probes: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        """For each of the probes ``count`` rows, -1 where there are fewer."""
        _, found = self._index.search(probes, count)
        rows: NDArray[np.int64] = found
        return rows

    def put(self, row: int, vector: NDArray[np.float32]) -> None:
        """``vector``: (1, dimension)."""
        (code,) = self._index.pq.compute_codes(vector)
        self._write(self.packed, row, code)

    def code(self, row: int) -> NDArray[np.uint8]:
        block, place = divmod(row, BLOCK)
        code: NDArray[np.uint8] = self._packer.unpack_1(self.packed[block : block + 1], place)
        return code

    def wipe(self, packed: NDArray[np.uint8], rows: Iterable[int]) -> None:
        """Overwrite the codes of some rows, which are interleaved with those of others, by random ones."""
        for row in rows:
            self._write(packed, row, _random((self.code_size,)))

    def settle(self) -> None:
        """Have the codes scanned quickly, and kept out of the swap space."""
        lock_array(self.packed)
        ask_for_large_pages(self.packed)

    def _write(self, packed: NDArray[np.uint8], row: int, code: NDArray[np.uint8]) -> None:
        block, place = divmod(row, BLOCK)
        self._packer.pack_1(code, place, packed[block : block + 1])

    def _view(self) -> None:
        packed: NDArray[np.uint8] = faiss.rev_swig_ptr(self._index.codes.get(), self._index.codes.size())
        self.packed = packed.reshape(-1, self._packer.block_size)


def _random(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.frombuffer(bytearray(os.urandom(int(np.prod(shape)))), np.uint8).reshape(shape)


def keep_to_one_core() -> None:
    """Training and coding, in the calling thread only: what goes on beside it has the others."""
    faiss.omp_set_num_threads(1)
