"""What searches take in galleries of several sizes: as a line fitted to ours, and as a drawing of all."""

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorward.evaluation.det_plot import BOTTOM, LEFT, RIGHT, TOP, DetPlot

FORETOLD = 100_000_000
_FORETOLD_OF = ("p50_ms", "memory_mb", "build_s", "start_s")
_NAMES = {
    "ours": "Doorward",
    "numpy": "numpy",
    "faiss_flat": "faiss, flat",
    "faiss_hnsw": "faiss, HNSW",
    "usearch": "usearch",
    "sqlite_vec": "sqlite-vec",
    "pgvector": "pgvector",
}


def name_of(method: str) -> str:
    return _NAMES[method]


def growth(sizes: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Least squares of each figure of ours over the number of people, and where the line leads at ``FORETOLD``.

    ``None`` with fewer than two sizes of ours.
    """
    ours = [(one["people"], one["methods"]["ours"]) for one in sizes if "ours" in one["methods"]]
    if len(ours) < 2:
        return None
    people = np.array([number for number, _ in ours], float)
    lines = {name: np.polyfit(people, [float(told[name]) for _, told in ours], 1) for name in _FORETOLD_OF}
    per_million, fixed = lines["p50_ms"][0] * 1e6, lines["p50_ms"][1]
    return {
        "fixed_ms": round(float(fixed), 3),
        "ms_per_million": round(float(per_million), 3),
        "foretold": {"people": FORETOLD, **{name: _at(line, FORETOLD) for name, line in lines.items()}},
    }


def _at(line: NDArray[np.float64], people: int) -> float:
    return round(float(np.polyval(line, people)), 1)


def growth_plot(sizes: Sequence[Mapping[str, Any]]) -> DetPlot:
    """The median time of one search by the number of people, both on logarithmic axes."""
    methods = list(dict.fromkeys(method for one in sizes for method in one["methods"]))
    points = {
        method: [
            (one["people"], one["methods"][method]["p50_ms"])
            for one in sizes
            if method in one["methods"] and one["methods"][method]["p50_ms"]
        ]
        for method in methods
    }
    every = np.log10(np.array([point for some in points.values() for point in some] or [(1e3, 1.0)], float))
    (low_x, low_y), (high_x, high_y) = np.floor(every.min(axis=0)), np.ceil(every.max(axis=0) + 1e-9)

    def x(people: float) -> float:
        return float(LEFT + (RIGHT - LEFT) * (log10(people) - low_x) / max(high_x - low_x, 1))

    def y(milliseconds: float) -> float:
        return float(BOTTOM - (BOTTOM - TOP) * (log10(milliseconds) - low_y) / max(high_y - low_y, 1))

    def powers(low: float, high: float) -> list[float]:
        return [10.0**power for power in range(floor(low), floor(high) + 1)]

    return DetPlot(
        tuple(
            (_NAMES[method], np.array([(x(people), y(time)) for people, time in sorted(some)]).reshape(-1, 2))
            for method, some in points.items()
        ),
        tuple((x(power), f"{power:,.0f}") for power in powers(low_x, high_x)),
        tuple((y(power), f"{power:g}") for power in powers(low_y, high_y)),
        "people",
        "milliseconds for one search, median",
        "Time of a search by the number of people",
    )
