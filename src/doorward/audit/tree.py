"""The writer's Merkle tree (RFC 6962, section 2.1): roots and proofs out of stored nodes.

A node is named by level and index: level 0 are the leaf hashes, and node (l, i) is the root over the leaves
from i * 2^l to (i + 1) * 2^l. Only such complete subtrees are stored, each once, so that an entry costs one node on
average, and a root or a proof O(log n) of them.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962, section 2.1: the hash of an empty list."""


class Nodes(Protocol):
    """Stored roots of complete subtrees."""

    def __call__(self, level: int, index: int) -> bytes:
        """32 bytes; ``Tampered`` when there is no such node."""
        ...


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def append(peaks: Sequence[bytes], size: int, leaf: bytes) -> tuple[list[bytes], list[tuple[int, int, bytes]]]:
    """The peaks with the leaf hash ``leaf`` behind the first ``size``, and the nodes above level 0 that it completes.

    Peaks are the roots of the complete subtrees that make up the tree, the largest first. A node is level, index, hash.
    """
    standing, completed, level, node = list(peaks), [], 0, leaf
    while (size >> level) & 1:
        node = node_hash(standing.pop(), node)
        level += 1
        completed.append((level, size >> level, node))
    return [*standing, node], completed


def root_under(peaks: Sequence[bytes]) -> bytes:
    """The root of the tree that ``peaks`` make up."""
    if not peaks:
        return EMPTY_ROOT
    *larger, found = peaks
    for peak in reversed(larger):
        found = node_hash(peak, found)
    return found


def root(nodes: Nodes, size: int) -> bytes:
    """The root over the first ``size`` leaves."""
    return _range(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1, for ``0 <= index < size``."""
    return _path(nodes, index, 0, size)


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962, section 2.1.2, for ``0 <= old <= new``; empty from an empty tree."""
    return _subproof(nodes, old, 0, new, known=True) if 0 < old < new else []


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _range(nodes: Nodes, start: int, end: int) -> bytes:
    """MTH(D[start:end]); ``start`` is a multiple of the range's smallest covering power of two."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range(nodes, start, middle), _range(nodes, middle, end))


def _path(nodes: Nodes, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(nodes, index, start, middle), _range(nodes, middle, end)]
    return [*_path(nodes, index, middle, end), _range(nodes, start, middle)]


def _subproof(nodes: Nodes, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b): ``known`` says that the verifier has the root over ``start`` to ``old`` already."""
    if old == end:
        return [] if known else [_range(nodes, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(nodes, old, start, middle, known=known), _range(nodes, middle, end)]
    return [*_subproof(nodes, old, middle, end, known=False), _range(nodes, start, middle)]
