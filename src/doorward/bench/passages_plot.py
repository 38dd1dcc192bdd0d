"""How long acknowledgements take, as a drawing: how many take longer than how long, at each rate."""

from collections.abc import Mapping
from math import ceil, floor, log10
from typing import Any

import numpy as np

from doorward.evaluation.det_plot import BOTTOM, LEFT, RIGHT, TOP, DetPlot

QUANTILES = (0.0, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
_SHARES = (1.0, 0.1, 0.01, 0.001)
_LIMIT_MS = 100.0
"""The aim at the case's rate, for 99 of 100."""


def acknowledgement_plot(told: Mapping[str, Any]) -> DetPlot:
    """Both axes are logarithmic: a point says which share of messages was answered later than that."""
    ((store, held),) = told["stores"].items()
    lines = {
        f"{store}, {name}: {figures['per_second']:g} a second": figures["ack_quantiles_ms"]
        for name, figures in (("the case's rate", held), ("ten times", held["ten_times"]), ("replayed", held["replay"]))
        if figures["ack_quantiles_ms"]
    }
    times = [max(time, 0.1) for line in lines.values() for time in line] + [_LIMIT_MS]
    low, high = floor(log10(min(times))), ceil(log10(max(times)))

    def x(share: float) -> float:
        return LEFT + (RIGHT - LEFT) * -log10(share) / 3

    def y(milliseconds: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (log10(max(milliseconds, 0.1)) - low) / max(high - low, 1)

    shares = [max(1 - quantile, 0.001) for quantile in QUANTILES]
    return DetPlot(
        tuple((name, np.array([*map(_pair, map(x, shares), map(y, line))])) for name, line in lines.items()),
        tuple((x(share), f"{share:g}") for share in _SHARES),
        tuple((y(10.0**power), f"{10.0**power:g}") for power in range(low, high + 1)),
        "share of messages acknowledged later",
        "milliseconds from signing to the answer",
        "How long acknowledgements take",
    )


def _pair(x: float, y: float) -> tuple[float, float]:
    return x, y
