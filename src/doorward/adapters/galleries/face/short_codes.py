"""Templates in 4 bits for every two to four numbers, which one core compares at hundreds of millions a second.

faiss' product quantizer, with its tables in registers: André, Kermarrec, Le Scouarnec, "Cache locality is not enough"
(2015) and https://github.com/facebookresearch/faiss/wiki/Fast-accumulation-of-PQ-and-AQ-codes-(FastScan).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.code_shard import BLOCK, CodeShard
from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.process import usable_cores

FEWEST = 16
"""Rows that training needs."""

SAMPLE = 65_536
"""Rows that it takes at most."""

PART = 16_384
"""Rows: shards begin at a multiple of it."""

_CODES = 48
"""Of a template with 96 to 192 numbers."""

_AT_ONCE = 65_536
_SHARD_FROM = 1 << 18
_MOST_SHARDS = 8
_MARGIN, _FEW = 1.1, 32
"""A shard gives so many times its share of the nearest rows and so many more, for they are not spread evenly."""


class ShortCodes:
    """Codes of rows by their number. Those of nobody are random: alike, they would crowd out others in a search.

    Of very many rows each core has a shard, so that one search need not wait for one core.
    """

    def __init__(self, dimension: int) -> None:
        # docs/adr/0029 has what fewer and more codes cost.
        self._codes = max(1, min(dimension // 2, max(_CODES, dimension // 4)))
        width = -(-dimension // self._codes)
        self.dimension = dimension
        self._wide = self._codes * width
        self._columns = _spread(dimension, self._codes, width)
        self._shards = [CodeShard(self._wide, self._codes)]
        self._starts = [0]
        self._threads: ThreadPoolExecutor | None = None

    @classmethod
    def of(cls, rows: EightBitRows) -> ShortCodes:
        """Trained on a sample of the rows, of which there are ``FEWEST`` or more, and filled with them all."""
        made = cls(rows.dimension)
        made._shards[0].train(made._padded(rows.vectors(slice(None, None, -(-len(rows) // SAMPLE)))))
        made._divide(len(rows))
        for shard, start, end in made._spans(len(rows)):
            for first in range(start, end, _AT_ONCE):
                shard.add(made._padded(rows.vectors(slice(first, min(first + _AT_ONCE, end)))))
        made.grow(-(-len(rows) // BLOCK) * BLOCK)
        made.wipe(np.flatnonzero(rows.scales == 0))
        made.settle()
        return made

    @classmethod
    def trained(cls, dimension: int, centroids: NDArray[np.float32], rows: int) -> ShortCodes:
        """As others were, whose ``centroids`` these are; ``blocks`` gives where the codes of so many rows are to go.

        ``ValueError`` when they do not fit.
        """
        made = cls(dimension)
        if rows % BLOCK or len(centroids) != len(made.centroids) or not bool(np.isfinite(centroids).all()):
            raise ValueError("codes")
        made._shards[0].learn(centroids)
        made._divide(rows)
        for shard, start, end in made._spans(rows):
            shard.resize(end - start)
        return made

    def __len__(self) -> int:
        return self._starts[-1] + len(self._shards[-1])

    @property
    def code_size(self) -> int:
        """Bytes a row."""
        return self._shards[0].code_size

    @property
    def centroids(self) -> NDArray[np.float32]:
        """What training found: of every group of numbers, the values that its codes stand for, one after another."""
        return self._shards[0].centroids

    def grow(self, rows: int) -> None:
        """To so many rows, a multiple of ``BLOCK``; the new ones are nobody's."""
        self._shards[-1].grow(rows - self._starts[-1])
        self._shards[-1].settle()

    def nearest(self, probes: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """For each of the probes (probes, dimension) about the ``count`` nearest rows, in no order to rely on."""
        padded = self._padded(probes)
        if len(self._shards) == 1:
            return [rows[rows >= 0] for rows in self._shards[0].nearest(padded, count)]

        def search(shard: CodeShard) -> NDArray[np.int64]:
            return shard.nearest(padded, int(_MARGIN * count * len(shard) / len(self)) + _FEW)

        is_shared = len(probes) == 1 and faiss.omp_get_max_threads() > 1
        found = list(self._pool().map(search, self._shards) if is_shared else map(search, self._shards))
        for rows, start in zip(found, self._starts, strict=True):
            rows[rows >= 0] += start
        return [rows[rows >= 0] for rows in np.concatenate(found, axis=1)]

    def put(self, row: int, vector: NDArray[np.float32]) -> None:
        shard, own = self._shard_of(row)
        shard.put(own, self._padded(vector[None]))

    def wipe(self, rows: NDArray[np.int64]) -> None:
        """Overwrite the codes of some rows."""
        for row in rows.tolist():
            shard, own = self._shard_of(row)
            shard.wipe(shard.packed, [own])

    def wipe_all(self) -> None:
        for shard in self._shards:
            shard.packed.fill(0)

    def blocks(self, rows: slice) -> NDArray[np.uint8]:
        """The codes of some rows as they lie in memory: of whole blocks, from a multiple of ``PART`` to the next."""
        shard, first = self._shard_of(rows.start)
        return shard.packed[first // BLOCK : (first + rows.stop - rows.start) // BLOCK]

    def copied(self, rows: slice, wiped: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A copy of ``blocks``, in which some of the rows, counted from the first, are wiped."""
        packed = self.blocks(rows).copy()
        self._shards[0].wipe(packed, wiped.tolist())
        return packed

    def code(self, row: int) -> NDArray[np.uint8]:
        """The code of one row."""
        shard, own = self._shard_of(row)
        return shard.code(own)

    def settle(self) -> None:
        """Have the codes scanned quickly, and kept out of the swap space."""
        for shard in self._shards:
            shard.settle()

    def _divide(self, rows: int) -> None:
        """Have shards for so many rows, empty and trained as the first."""
        count = max(1, min(rows // _SHARD_FROM, _MOST_SHARDS, usable_cores()))
        size = -(-rows // count // PART) * PART
        self._starts = [number * size for number in range(count)]
        for _ in range(count - 1):
            self._shards.append(CodeShard(self._wide, self._codes))
            self._shards[-1].learn(self.centroids)

    def _spans(self, rows: int) -> Iterator[tuple[CodeShard, int, int]]:
        """Each shard, and from which row to which it has those of so many."""
        return zip(self._shards, self._starts, [*self._starts[1:], rows], strict=True)

    def _shard_of(self, row: int) -> tuple[CodeShard, int]:
        number = bisect_right(self._starts, row) - 1
        return self._shards[number], row - self._starts[number]

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(len(self._shards), thread_name_prefix="gallery shard")
        return self._threads

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
