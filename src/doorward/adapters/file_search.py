"""Search for byte strings in every byte of every file of a folder."""

import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Needle:
    """``octets`` to search for: which value, in which encoding."""

    value: str
    encoding: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a needle was found: file relative to the folder, and offset in bytes."""

    value: str
    encoding: str
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    files: int
    bytes: int
    findings: tuple[Finding, ...]


def search_folder(
    folder: Path, needles: Sequence[Needle], progress: Callable[[int, int], None] = lambda _done, _all: None
) -> SearchResult:
    """Every file below ``folder``, names included; ``progress`` is told files done and in all."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    findings: list[Finding] = []
    size = 0
    for done, path in enumerate(files):
        name = str(path.relative_to(folder))
        findings += _search(name.encode(), f"{name} (its name)", needles)
        size += path.stat().st_size
        if path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                findings += _search(content, name, needles)
        progress(done + 1, len(files))
    return SearchResult(len(files), size, tuple(findings))


def _search(content: bytes | mmap.mmap, name: str, needles: Sequence[Needle]) -> list[Finding]:
    places = ((needle, content.find(needle.octets)) for needle in needles)
    return [Finding(needle.value, needle.encoding, name, place) for needle, place in places if place >= 0]
