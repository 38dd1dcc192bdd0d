"""What a thief could have of a site, channel by channel, and what of it cannot be looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from doorward.adapters.file_search import Finding, Needle, Progress, Search, files_below, search_files
from doorward.adapters.processes import core_pattern, own_processes, swaps
from doorward.wiring.face.breach_server import Served
from doorward.wiring.face.site import Site

OWN_COMMAND = b"breach-test"
"""In a command line: what was given to this test stands there, and is no leak."""

_NO_PROC = "the system does not tell of its processes here"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way for a thief to come by something, and what was found there; ``remark`` says how it was taken."""

    name: str
    files: int
    bytes: int
    found: tuple[Finding, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked at, and why."""

    what: str
    why: str


@dataclass(slots=True)
class Loot:
    """What was taken and searched so far, and what could not be."""

    channels: list[Channel] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)


Pile = tuple[str, list[tuple[Path, str]], str]
"""A channel's name, its files with the names to call them by, and a remark."""


def look_at_processes(loot: Loot, needles: Sequence[Needle], further: Sequence[Needle]) -> None:
    """Search what the system shows of our processes; ``further`` not where it was given to this very test."""
    all_of_them, ours = Search([*needles, *further]), Search(needles)
    found: list[Finding] = []
    size = hidden = 0
    processes = tuple(own_processes())
    for process in processes:
        given_here = OWN_COMMAND in (process.command_line or b"").split(b"\0")
        for name, content in (("command line", process.command_line), ("environment", process.environment)):
            if content is None:
                hidden += 1
                continue
            search = ours if given_here and name == "command line" else all_of_them
            found += search.octets(content, f"{name} of process {process.id}")
            size += len(content)
    if not processes:
        loot.unseen.append(Unseen("environment and command lines of our processes", _NO_PROC))
    if hidden:
        loot.unseen.append(Unseen(f"environment of {hidden} of our processes", "the system hides it from this account"))
    remark = f"command line and environment of {len(processes)} processes of ours"
    loot.channels.append(Channel("processes", 0, size, tuple(found), remark))


def piles_of(site: Site, also: Sequence[Path], served: Served | None, loot: Loot) -> Iterator[Pile]:
    """Every channel that holds files, before it is searched."""
    yield "site", _named(site.folder, ""), "all files, write-ahead logs included, while the site is in use"
    for path in also:
        yield "also", _named(path, f"{path}/") if path.is_dir() else [(path, str(path))], f"{path}, as you named it"
    if served is not None:
        yield "log", [(served.log, "log of the server")], f"{served.requests} requests, every log record of any level"
        remark = "a throwaway site's files after its server was killed, write-ahead logs not merged"
        yield "crashed site", _named(served.folder, "crashed site/"), remark
        cores = [path for path in files_below(served.work) if path != served.log]
        remark = "a core dump was written" if served.dumped else "the server was killed by SIGSEGV: no core dump"
        yield "core dump", [(path, f"core dump {path.name}") for path in cores], remark
    swapped_to = swaps()
    if swapped_to is None:
        loot.unseen.append(Unseen("swap", _NO_PROC))
        return
    remark = "as the system lets it be read" if swapped_to else "the system has none"
    yield "swap", [(path, str(path)) for path in swapped_to], remark


def search_piles(piles: Sequence[Pile], needles: Sequence[Needle], loot: Loot, progress: Progress) -> None:
    """Search every file of every pile for all ``needles``."""
    total = sum(_size(path) for _, files, _ in piles for path, _ in files)
    done = 0

    def tell(of_this_pile: int, _all: int) -> None:
        progress(done + of_this_pile, max(done + of_this_pile, total))

    for name, files, remark in piles:
        result = search_files(files, needles, tell)
        loot.channels.append(Channel(name, result.files, result.bytes, result.findings, remark))
        loot.unseen += [Unseen(file, why) for file, why in result.unread]
        done += result.bytes


def _named(folder: Path, prefix: str) -> list[tuple[Path, str]]:
    return [(path, f"{prefix}{path.relative_to(folder)}") for path in files_below(folder)]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def add_core_dump(loot: Loot) -> None:
    """A core dump is a leak whatever is found in it: it holds the keys."""
    place = core_pattern() or "an unknown place"
    dump = Finding("memory of a server that held keys", "core dump", f"core dump, written to {place}", 0)
    loot.channels = [
        Channel(channel.name, channel.files, channel.bytes, (*channel.found, dump), channel.remark)
        if channel.name == "core dump"
        else channel
        for channel in loot.channels
    ]
    if not any(channel.name == "core dump" and channel.files for channel in loot.channels):
        loot.unseen.append(Unseen("content of the core dump", f"the system hands it over to {place}"))
