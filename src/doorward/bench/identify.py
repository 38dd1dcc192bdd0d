"""How quickly one face is found among many, and how surely: Doorward's gallery beside other ways.

Templates are random unit vectors; a probe is at a chosen cosine from its mate. Each way has a process of its own, one
after another, with the same templates, probes and threads.
"""

import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import faiss
import numpy as np

from doorward.bench.identify_contenders import FINDERS, Matrix
from doorward.bench.stopwatch import Stopwatch, last_cores

COSINES = (0.45, 0.50, 0.60)
_PROBES = 200
_CHANGES = 20
_BATCH = 256
_SEED = 20_261_123


class Searching:
    """One way, filled with ``people`` templates of ``dimensions`` numbers."""

    def __init__(self, method: str, people: int, dimensions: int, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        random = np.random.default_rng(_SEED)
        vectors = random.standard_normal((people, dimensions), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self._mates = random.choice(people, min(_PROBES, people), replace=False)
        near = vectors[self._mates]
        self._probes = {cosine: _at(cosine, near, random) for cosine in COSINES}
        self._newcomers = _units(random.standard_normal((_CHANGES, dimensions), np.float32))
        before = _resident()
        begun = perf_counter()
        self._finder = FINDERS[method](vectors)
        build = perf_counter() - begun
        self._finder.find(self._probes[COSINES[0]][0])
        start = perf_counter() - begun
        templates = vectors.nbytes
        del vectors
        grown = _resident() + templates - before
        self._built = {"build_s": round(build, 2), "start_s": round(start, 2), "memory_mb": round(grown / 1e6)}

    def lap(self, task: Any) -> Any:
        kind, *about = task
        if kind == "search":
            return self._search(*about)
        if kind == "batch":
            return self._batch()
        return self._change() if kind == "change" else self._built

    def _search(self, cosine: float, number: int) -> tuple[float, bool]:
        begun = perf_counter()
        found = self._finder.find(self._probes[cosine][number])
        return (perf_counter() - begun) * 1e3, found == self._mates[number]

    def _batch(self) -> float:
        probes = np.concatenate(list(self._probes.values()))[:_BATCH]
        begun = perf_counter()
        self._finder.find_many(probes)
        return len(probes) / (perf_counter() - begun)

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
    people: int, dimensions: int, threads: int, methods: Sequence[str], tell: Callable[[str], None]
) -> dict[str, Any]:
    """What ``doorward bench identify --json`` prints; ``tell`` hears which way is next."""
    told = {}
    for method in methods:
        tell(method)
        cores = last_cores(threads)
        with Stopwatch(Searching, cores, (method, people, dimensions, threads)) as watch:
            told[method] = _measured(watch, min(_PROBES, people))
    return {"people": people, "dimensions": dimensions, "threads": threads, "methods": told}


def _measured(watch: Stopwatch, probes: int) -> dict[str, Any]:
    laps = {cosine: [watch.lap(("search", cosine, number)) for number in range(probes)] for cosine in COSINES}
    times = [time for one in laps.values() for time, _ in one]
    batch = watch.lap(("batch",))
    adding, removing = watch.lap(("change",))
    return {
        "p50_ms": round(float(np.quantile(times, 0.5)), 3),
        "p99_ms": round(float(np.quantile(times, 0.99)), 3),
        "batch_per_s": round(batch, 1),
        **watch.lap(("built",)),
        "add_ms": adding,
        "remove_ms": removing,
        "hits": {f"{cosine:.2f}": round(sum(hit for _, hit in one) / probes, 4) for cosine, one in laps.items()},
    }


def _at(cosine: float, mates: Matrix, random: np.random.Generator) -> Matrix:
    across = random.standard_normal(mates.shape, np.float32)
    across -= (across * mates).sum(axis=1, keepdims=True) * mates
    return np.float32(cosine) * mates + np.float32(np.sqrt(1 - cosine**2)) * _units(across)


def _units(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _resident() -> int:
    """Bytes of this process in memory; where the system does not say, the most there ever were."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
