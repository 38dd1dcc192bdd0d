"""What lies in the parts of a SQLite file that hold nothing: deleted rows would show there.

Written from SQLite's file format, sections 1.3 (header), 1.5 (freelist) and 1.6 (b-tree pages). Not looked at are the
unused ends of overflow pages, and fragments, which are of three bytes at most.
"""

import re
import struct
from collections.abc import Iterable, Iterator

from doorward.errors import StorageError

Octets = memoryview

SHORTEST = 16
"""Bytes of a leftover that counts: what is shorter are offsets and the ends of cells, which SQLite leaves there."""

_RUN = re.compile(rb"[^\0](?:\0{0,3}[^\0])*")
_HEADER = 100
_INTERIOR = (0x02, 0x05)
_LEAF = (0x0A, 0x0D)
_SCHEMA_ROOT = 1
_DAMAGED = "The database's pages do not hang together; restore it from a backup."


def leftovers(file: Octets, roots: Iterable[int]) -> int:
    """Bytes of deleted rows in the free space of a database file that nobody writes meanwhile.

    ``roots``: the root pages of the tables to look at; unused pages are looked at always. ``StorageError`` when the
    pages do not hang together.
    """
    try:
        pages = _Pages(file)
        parts = [*pages.of_freelist()]
        for root in roots:
            parts += pages.of_tree(root)
    except (struct.error, IndexError):
        raise StorageError(_DAMAGED) from None
    return sum(len(run[0]) for part in parts for run in _RUN.finditer(part) if len(run[0]) >= SHORTEST)


class _Pages:
    def __init__(self, file: Octets) -> None:
        self._file = file
        (size,) = struct.unpack_from(">H", file, 16)
        self._size = 65_536 if size == 1 else size
        if self._size < 512 or len(file) % self._size:
            raise StorageError(_DAMAGED)
        self._count = len(file) // self._size
        self._usable = self._size - file[20]
        self._seen: set[int] = set()

    def of_freelist(self) -> Iterator[Octets]:
        (number,) = struct.unpack_from(">I", self._file, 32)
        while number:
            trunk = self._page(number)
            number, count = struct.unpack_from(">II", trunk)
            leaves = struct.unpack_from(f">{count}I", trunk, 8)
            yield _behind_numbers(trunk[8 + 4 * count :], 4, self._count)
            for leaf in leaves:
                yield self._page(leaf)

    def of_tree(self, root: int) -> Iterator[Octets]:
        waiting = [root]
        while waiting:
            number = waiting.pop()
            page, start = self._page(number), _HEADER if number == _SCHEMA_ROOT else 0
            kind, block, cells, content = struct.unpack_from(">BHHH", page, start)
            if kind not in _INTERIOR + _LEAF:
                raise StorageError(_DAMAGED)
            pointers = start + (12 if kind in _INTERIOR else 8)
            offsets = struct.unpack_from(f">{cells}H", page, pointers)
            yield _behind_numbers(page[pointers + 2 * cells : content or 65_536], 2, self._usable)
            yield from _blocks(page, block)
            if kind in _INTERIOR:
                waiting += struct.unpack_from(">I", page, start + 8)
                waiting += [struct.unpack_from(">I", page, offset)[0] for offset in offsets]

    def _page(self, number: int) -> Octets:
        if not 0 < number <= self._count or number in self._seen:
            raise StorageError(_DAMAGED)
        self._seen.add(number)
        return self._file[(number - 1) * self._size : number * self._size][: self._usable]


def _behind_numbers(part: Octets, width: int, largest: int) -> Octets:
    """The part without the numbers at its begin: of cells, or of pages, that were listed there."""
    at = 0
    while at + width <= len(part) and int.from_bytes(part[at : at + width]) <= largest:
        at += width
    return part[at:]


def _blocks(page: Octets, block: int) -> Iterator[Octets]:
    """The chain of freed parts of a page: each begins with the next one's offset and its own size."""
    while block:
        following, size = struct.unpack_from(">HH", page, block)
        if size < 4 or (following and following <= block):
            raise StorageError(_DAMAGED)
        yield page[block + 4 : block + size]
        block = following
