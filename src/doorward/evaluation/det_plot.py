"""The detection error trade-off as a drawing: on normal-deviate axes, where normal scores give a straight line."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from doorward.evaluation.det import DetCurve
from doorward.evaluation.search_report import SearchCurve

WIDTH, HEIGHT = 640, 480
LEFT, TOP, RIGHT, BOTTOM = 70, 16, 624, 424
"""The frame, in pixels."""

COLOURS = ("#0b57d0", "#b3261e", "#1a7f37", "#7a4b00", "#6f42c1", "#00707a", "#8a0f5c")

_FPIRS = (1e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.4)
_LOWEST_FPIR = 5e-4

_FMRS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.4)
_FNMRS = (1e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.4)
_LOWEST_FMR, _LOWEST_FNMR, _HIGHEST = 5e-7, 4e-4, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class DetPlot:
    """``lines``: each model's name and its points (n x 2 pixels, y downwards). Ticks: a pixel and its words.

    ``title`` says what the drawing is, ``x_title`` and ``y_title`` what its axes are.
    """

    lines: tuple[tuple[str, NDArray[np.float64]], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    x_title: str = "false-match rate"
    y_title: str = "false non-match rate"
    title: str = "Detection error trade-off"


def det_plot(curves: Mapping[str, DetCurve]) -> DetPlot:
    """The curves by the names of their models, cut where the axes end (FMR 5e-7, FNMR 4e-4, both .5)."""
    lines = []
    for name, curve in curves.items():
        inside = (curve.fmr <= _HIGHEST) & (curve.fnmr <= _HIGHEST)
        points = np.stack([_x(curve.fmr[inside]), _y(curve.fnmr[inside])], axis=1)
        lines.append((name, points))
    return DetPlot(
        tuple(lines),
        tuple((float(_x(np.array(rate))), _words(rate)) for rate in _FMRS),
        tuple((float(_y(np.array(rate))), _words(rate)) for rate in _FNMRS),
    )


def search_plot(curves: Mapping[str, SearchCurve]) -> DetPlot:
    """Misses of searches against false alarms, cut where the axes end (FPIR 5e-4, FNIR 4e-4, both .5)."""
    lines = []
    for name, curve in curves.items():
        inside = (curve.fpir <= _HIGHEST) & (curve.fnir <= _HIGHEST)
        points = np.stack([_x(curve.fpir[inside], _LOWEST_FPIR), _y(curve.fnir[inside])], axis=1)
        lines.append((name, points))
    return DetPlot(
        tuple(lines),
        tuple((float(_x(np.array(rate), _LOWEST_FPIR)), _words(rate)) for rate in _FPIRS),
        tuple((float(_y(np.array(rate))), _words(rate)) for rate in _FNMRS),
        "false-positive identification rate",
        "false-negative identification rate",
        "Misses of searches against false alarms",
    )


def det_svg(plot: DetPlot) -> str:
    """The drawing as one SVG element that stands on its own or in a page; no script, no style from elsewhere."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{plot.title}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for x, words in plot.x_ticks:
        parts.append(f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{words}</text>')
    for y, words in plot.y_ticks:
        parts.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{words}</text>')
    parts += [
        f'<path d="M{LEFT} {TOP}H{RIGHT}V{BOTTOM}H{LEFT}Z" fill="none" stroke="#555"/>',
        f'<text x="{(LEFT + RIGHT) / 2:.0f}" y="{BOTTOM + 40}" text-anchor="middle">{plot.x_title}</text>',
        f'<text transform="translate(18 {(TOP + BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{plot.y_title}</text>",
    ]
    for place, (name, points) in enumerate(plot.lines):
        colour = COLOURS[place % len(COLOURS)]
        if len(points):
            joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = legend_at(place)
        parts.append(f'<text x="{x}" y="{y}" text-anchor="end" fill="{colour}">{escape(legend(name, points))}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def legend(name: str, points: NDArray[np.float64]) -> str:
    """The words of a line."""
    return name if len(points) else f"{name}: too few errors to draw"


def legend_at(place: int) -> tuple[int, int]:
    """Where the words of the line number ``place`` end, in pixels."""
    return RIGHT - 10, TOP + 22 + 18 * place


def _x(rates: NDArray[np.float64], lowest: float = _LOWEST_FMR) -> NDArray[np.float64]:
    return LEFT + (RIGHT - LEFT) * _share(rates, lowest)


def _y(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    return BOTTOM - (BOTTOM - TOP) * _share(rates, _LOWEST_FNMR)


def _share(rates: NDArray[np.float64], lowest: float) -> NDArray[np.float64]:
    """How far along an axis from ``lowest`` to .5 a rate lies, 0..1."""
    low, high = ndtri(lowest), ndtri(_HIGHEST)
    share: NDArray[np.float64] = (ndtri(np.clip(rates, lowest, _HIGHEST)) - low) / (high - low)
    return share


def _words(rate: float) -> str:
    return f"{rate:g}" if rate >= 1e-3 else f"1e{round(float(np.log10(rate)))}"
