"""Search for byte strings in every byte of files, all strings in one pass."""

import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse

SHORTEST = 6
"""Bytes of a needle: what is shorter is found in any file by chance."""

CHUNK = 4 * 1024 * 1024
"""Bytes read at once: more would not stay in the processor's cache together with the tables."""

Progress = Callable[[int, int], None]
"""Told bytes searched, and bytes in all as they were listed: a file in use may grow meanwhile."""


@dataclass(frozen=True, slots=True)
class Needle:
    """``octets`` to search for: which value, in which encoding."""

    value: str
    encoding: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a needle was found first: file relative to the folder, and offset in bytes."""

    value: str
    encoding: str
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``unread``: files that the system would not let us read, and its reason."""

    files: int
    bytes: int
    findings: tuple[Finding, ...]
    unread: tuple[tuple[str, str], ...] = ()


class Search:
    """All ``needles`` sought at once; ``WrongUse`` for one shorter than ``SHORTEST``.

    Each position is looked up by its first three pairs of bytes in a table for each pair, and only what passes
    all three is compared: about one position in a million of random data, at a few hundred needles.
    """

    def __init__(self, needles: Sequence[Needle]) -> None:
        if any(len(needle.octets) < SHORTEST for needle in needles):
            raise WrongUse(f"What is shorter than {SHORTEST} bytes is found in any file by chance; give more of it.")
        self._by_head: dict[bytes, list[Needle]] = defaultdict(list)
        self._tables = np.zeros((SHORTEST // 2, 1 << 16), dtype=bool)
        for needle in needles:
            head = needle.octets[:SHORTEST]
            self._by_head[head].append(needle)
            self._tables[range(SHORTEST // 2), np.frombuffer(head, "<u2")] = True
        self._overlap = max((len(needle.octets) for needle in needles), default=1) - 1

    def octets(self, content: bytes, name: str) -> list[Finding]:
        """The needles in ``content``, which is called ``name``."""
        found: dict[tuple[str, str], Finding] = {}
        self._look(content, 0, name, found)
        return list(found.values())

    def stream(self, file: BinaryIO, name: str, read: Callable[[int], None]) -> list[Finding]:
        """The needles in all that ``file`` gives; ``read`` is told the bytes of each portion."""
        found: dict[tuple[str, str], Finding] = {}
        place, kept = 0, b""
        # Read, not mapped: a log that is cut off while it is mapped would end this process.
        while portion := file.read(CHUNK):
            content = kept + portion
            self._look(content, place, name, found)
            kept = content[-self._overlap :] if self._overlap else b""
            place += len(content) - len(kept)
            read(len(portion))
        return list(found.values())

    def _look(self, content: bytes, place: int, name: str, found: dict[tuple[str, str], Finding]) -> None:
        for offset in self._candidates(content):
            for needle in self._by_head.get(content[offset : offset + SHORTEST], ()):
                known = (needle.value, needle.encoding)
                if known not in found and content.startswith(needle.octets, offset):
                    found[known] = Finding(*known, name, place + offset)

    def _candidates(self, content: bytes) -> list[int]:
        first, *others = self._tables
        places = []
        for start in (0, 1):
            pairs = np.frombuffer(content, "<u2", offset=start, count=(len(content) - start) // 2)
            hits: NDArray[np.intp] = np.flatnonzero(first[pairs[: len(pairs) - len(others)]])
            for number, table in enumerate(others, 1):
                hits = hits[table[pairs[hits + number]]]
            places.append(hits * 2 + start)
        return [int(place) for place in np.sort(np.concatenate(places))]


def search_folder(
    folder: Path, needles: Sequence[Needle], progress: Progress = lambda _done, _all: None
) -> SearchResult:
    """Every file below ``folder``, names included."""
    return search_files(((path, str(path.relative_to(folder))) for path in files_below(folder)), needles, progress)


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files, links not followed: what is read stays below ``folder``."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def search_files(
    files: Iterable[tuple[Path, str]], needles: Sequence[Needle], progress: Progress = lambda _done, _all: None
) -> SearchResult:
    """Files and block devices, each with the name to call it by; a file that has gone meanwhile is passed over."""
    listed = [(path, name) for path, name in files if path.exists()]
    search = Search(needles)
    total = sum(path.stat().st_size for path, _ in listed)
    done = count = 0
    findings: list[Finding] = []
    unread: list[tuple[str, str]] = []

    def read(octets: int) -> None:
        nonlocal done
        done += octets
        progress(done, max(done, total))

    for path, name in listed:
        findings += search.octets(name.encode(errors="replace"), f"{name} (its name)")
        try:
            if not (stat.S_ISREG(path.stat().st_mode) or path.is_block_device()):
                unread.append((name, "it is no regular file"))
                continue
            with path.open("rb") as file:
                findings += search.stream(file, name, read)
        except FileNotFoundError:
            continue
        except OSError as error:
            unread.append((name, error.strerror or "it cannot be read"))
            continue
        count += 1
    return SearchResult(count, done, tuple(findings), tuple(unread))
