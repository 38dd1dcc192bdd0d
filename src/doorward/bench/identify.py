"""How quickly one face is found among many, and how surely: Doorward's gallery beside other ways.

Each way builds in a process of its own, on all cores, and writes what it has to disk, Doorward's gallery sealed and the
others' in the clear. A second process starts from there and searches. All have the same templates and probes.
"""

import os
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from doorward.adapters.process import usable_cores
from doorward.bench.identify_contenders import FINDERS
from doorward.bench.identify_probes import COSINES, Crowd, Probes, probes_in, units
from doorward.bench.stopwatch import Stopwatch, last_cores

BATCH = 256
_BATCHES = 20
_PROBES = 1_000
_COMPARISONS = 2_500_000_000
"""Probes of a kind times people: what the exhaustive search may take."""

_SEARCHES_S, _BATCHES_S, _HITS_S = 15.0, 4.0, 15.0
"""Seconds that a way is given for each."""

_FEWEST = 3
_LAP_S = 5.0
_TASK_S = 1_200.0
_CHANGES = 20
_SEED = 7

Told = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and of how much."""


class Building:
    """One way, that takes everybody part by part."""

    def __init__(self, method: str, crowd: Crowd, folder: Path) -> None:
        self._finder = FINDERS[method](folder, crowd.dimensions, usable_cores())
        self._before = _resident("VmRSS")
        self._parts = _small(crowd.parts())
        self._people, self._seconds = 0, 0.0

    def lap(self, task: Any) -> Any:
        """``add``: people so far, and seconds; ``save``: how long and how large building was."""
        begun = perf_counter()
        if task == "save":
            self._finder.save()
            self._seconds += perf_counter() - begun
            return round(self._seconds, 2), round((_resident("VmHWM") - self._before) / 1e6)
        while perf_counter() - begun < _LAP_S and (part := next(self._parts, None)) is not None:
            started = perf_counter()
            self._people += len(part)
            self._finder.add_many(part)
            self._seconds += perf_counter() - started
        return self._people, self._seconds


class Searching:
    """One way, started from what building left."""

    def __init__(self, method: str, crowd: Crowd, folder: Path, threads: int, probes: Mapping[str, Probes]) -> None:
        self._probes = probes
        random = np.random.default_rng(_SEED)
        self._newcomers = units(random.standard_normal((_CHANGES, crowd.dimensions), np.float32))
        self._finder = FINDERS[method](folder, crowd.dimensions, threads)
        before, begun = _resident("VmRSS"), perf_counter()
        self._finder.load()
        self._finder.find(probes["0.60"].vectors[0])
        self._start = perf_counter() - begun
        self._memory = _resident("VmRSS") - before

    def lap(self, task: Any) -> Any:
        return {"started": self._started, "search": self._search, "batch": self._batch, "hits": self._hits}.get(
            task, self._change
        )()

    def _started(self) -> dict[str, float]:
        return {"start_s": round(self._start, 2), "memory_mb": round(self._memory / 1e6)}

    def _search(self) -> list[float]:
        """Milliseconds of one search after another, the kinds in turn."""
        times: list[float] = []
        ends = perf_counter() + _SEARCHES_S
        for vectors in zip(*(one.vectors for one in self._probes.values()), strict=True):
            for vector in vectors:
                begun = perf_counter()
                self._finder.find(vector)
                times.append((perf_counter() - begun) * 1e3)
            if perf_counter() > ends and len(times) >= _FEWEST:
                break
        return times

    def _batch(self) -> float:
        vectors = np.concatenate([one.vectors for one in self._probes.values()])
        vectors = np.resize(vectors, (max(BATCH, len(vectors)), vectors.shape[1]))
        begun, done = perf_counter(), 0
        while not done or (done < _BATCHES * BATCH and perf_counter() - begun < _BATCHES_S):
            start = done % (len(vectors) - BATCH + 1)
            self._finder.find_many(vectors[start : start + BATCH])
            done += BATCH
        return done / (perf_counter() - begun)

    def _hits(self) -> dict[str, tuple[float, float, int]]:
        """By kind: the share of mates who came first, of the exhaustive search's mates who did not, and of how many."""
        return {name: self._hits_among(one) for name, one in self._probes.items()}

    def _hits_among(self, probes: Probes) -> tuple[float, float, int]:
        found: list[int] = []
        ends = perf_counter() + _HITS_S / len(self._probes)
        while len(found) < len(probes.vectors) and (perf_counter() < ends or not found):
            found += self._finder.find_many(probes.vectors[len(found) : len(found) + 16])
        mates, nearest = probes.mates[: len(found)], probes.nearest[: len(found)]
        hit, exhaustive = np.array(found) == mates, nearest == mates
        lost = (exhaustive & ~hit).sum() / max(exhaustive.sum(), 1)
        return float(hit.mean()), float(lost), len(found)

    def _change(self) -> tuple[float, float | None]:
        """Milliseconds for adding somebody and for removing somebody."""
        adding, removing = [], []
        for number, newcomer in enumerate(self._newcomers):
            begun = perf_counter()
            self._finder.add(newcomer)
            added = perf_counter()
            if self._finder.can_remove:
                self._finder.remove(number)
            adding.append(added - begun)
            removing.append(perf_counter() - added)
        removed = round(float(np.median(removing)) * 1e3, 3) if self._finder.can_remove else None
        return round(float(np.median(adding)) * 1e3, 3), removed


def run(
    people: int, dimensions: int, threads: int, methods: Sequence[str], patience: float, tell: Told
) -> dict[str, Any]:
    """What ``doorward bench identify --json`` prints. ``patience``: seconds that building may take, foretold."""
    crowd = Crowd(people, dimensions)
    count = max(10, min(_PROBES, _COMPARISONS // people))
    probes = probes_in(crowd, count, lambda done: tell("comparing with each", done, people))
    told = {method: _measured(method, crowd, threads, probes, patience, tell) for method in methods}
    return {
        "people": people,
        "dimensions": dimensions,
        "threads": threads,
        "probes": count,
        "load": round(os.getloadavg()[0], 1),
        "methods": told,
    }


def _measured(
    method: str, crowd: Crowd, threads: int, probes: Mapping[str, Probes], patience: float, tell: Told
) -> dict[str, Any]:
    with TemporaryDirectory(prefix="doorward-bench-") as name:
        folder = Path(name)
        build, peak = _built(method, crowd, folder, patience, tell)
        if peak is None:
            return _NOT_BUILT | {"build_s": build}
        tell(f"{method}: searching", 0, 0)
        with Stopwatch(Searching, last_cores(threads), (method, crowd, folder, threads, probes), _TASK_S) as watch:
            started, times, batch = (watch.lap(task) for task in ("started", "search", "batch"))
            hits = watch.lap("hits")
            adding, removing = watch.lap("change")
        tell(f"{method}: searching on two threads", 0, 0)
        with Stopwatch(Searching, last_cores(2), (method, crowd, folder, 2, probes), _TASK_S) as watch:
            batch_two = watch.lap("batch")
    return {
        "p50_ms": round(float(np.quantile(times, 0.5)), 3),
        "p99_ms": round(float(np.quantile(times, 0.99)), 3),
        "batch_per_s": round(batch, 1),
        "batch_two_threads_per_s": round(batch_two, 1),
        "build_s": build,
        "build_peak_mb": peak,
        **started,
        "add_ms": adding,
        "remove_ms": removing,
        "searches": len(times),
        "hits": {name: round(share, 4) for name, (share, _, _) in hits.items()},
        "lost": {name: round(share, 4) for name, (_, share, _) in hits.items()},
    }


def _built(method: str, crowd: Crowd, folder: Path, patience: float, tell: Told) -> tuple[float, int | None]:
    """Seconds, and how many megabytes the process grew by at most; ``None`` where it would have taken too long."""
    with Stopwatch(Building, last_cores(usable_cores()), (method, crowd, folder), _TASK_S) as watch:
        done = 0
        while done < crowd.people:
            done, seconds = watch.lap("add")
            tell(f"{method}: building", done, crowd.people)
            foretold = seconds / done * crowd.people
            if foretold > patience < seconds * 10:
                return round(foretold), None
        build, peak = watch.lap("save")
    return build, peak


_KINDS = (*COSINES, "lfw")
_NOT_BUILT: dict[str, Any] = dict.fromkeys(
    (
        "p50_ms",
        "p99_ms",
        "batch_per_s",
        "batch_two_threads_per_s",
        "build_s",
        "build_peak_mb",
        "start_s",
        "memory_mb",
        "add_ms",
        "remove_ms",
        "searches",
    )
) | {"hits": dict.fromkeys(_KINDS), "lost": dict.fromkeys(_KINDS)}


def _small(parts: Iterator[np.ndarray[Any, np.dtype[np.float32]]]) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
    for part in parts:
        for start in range(0, len(part), 4_096):
            yield part[start : start + 4_096].copy()


def _resident(line: str) -> int:
    """Bytes of this process in memory, now (VmRSS) or at most (VmHWM); elsewhere than on Linux the most."""
    told = Path("/proc/self/status")
    if not told.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (found,) = (one for one in told.read_text().splitlines() if one.startswith(line))
    return int(found.split()[1]) * 1024
