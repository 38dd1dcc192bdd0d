"""Pictures of a crowd as PNG or SVG, by matplotlib. Squares without a value stay blank."""

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

import matplotlib
import matplotlib.dates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from doorward.crowd.heat_map import HeatMap
from doorward.crowd.levels import LevelTable
from doorward.crowd.picture_values import DensitySeries, TimeSpace, density_bounds
from doorward.crowd.scene import Scene

DATES: Any = matplotlib.dates  # without type information

# Text stays text, so that it can be read aloud and searched; ids do not differ from one drawing to the next.
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "doorward", "font.size": 10, "axes.grid": False}
BANDS = ("#2c7fb8", "#7fcdbb", "#c7e9b4", "#fed976", "#fd8d3c", "#e31a1c", "#800026")
INK = "#222222"
LEAST_ARROW = 0.05
"""m/s, below which no direction is drawn."""


def draw_heat_map(drawn: HeatMap, title: str, scene: Scene | None, ending: str) -> bytes:
    """People a square metre on the ground; ``ending``: ``png`` or ``svg``."""
    figure, axes = _ground(drawn, title)
    density = drawn.occupancy / drawn.grid.side**2
    image = axes.pcolormesh(*_edges(drawn), np.ma.masked_invalid(density), cmap="YlOrRd", vmin=0)
    figure.colorbar(image, ax=axes, label="persons/m²", shrink=0.8)
    _draw_scene(axes, scene)
    return _bytes(figure, ending)


def draw_flow_field(drawn: HeatMap, title: str, scene: Scene | None, ending: str) -> bytes:
    """Arrows of the mean velocity in each square, in the colour of its speed."""
    figure, axes = _ground(drawn, title)
    xs, ys = _edges(drawn)
    centres = np.meshgrid((xs[:-1] + xs[1:]) / 2, (ys[:-1] + ys[1:]) / 2)
    speed = np.linalg.norm(drawn.velocity, axis=2)
    shown = np.nan_to_num(speed) >= LEAST_ARROW
    unit = drawn.velocity[shown] / speed[shown, None]
    arrows = axes.quiver(
        centres[0][shown],
        centres[1][shown],
        *(unit * drawn.grid.side * 0.8).T,
        speed[shown],
        cmap="viridis",
        angles="xy",
        scale_units="xy",
        scale=1,
        pivot="mid",
        width=0.004,
    )
    arrows.set_clim(0, None)
    figure.colorbar(arrows, ax=axes, label="m/s", shrink=0.8)
    _draw_scene(axes, scene)
    return _bytes(figure, ending)


def draw_density(series: Sequence[DensitySeries], table: LevelTable, title: str, ending: str) -> bytes:
    """Density over time, before the bands of a level-of-service table."""
    figure, axes = _figure(title)
    highest = max((np.nanmax(each.density, initial=0.0) for each in series), default=0.0)
    bounds = density_bounds(table)
    # Every level that was reached is seen, and the next one above it.
    top = max(highest * 1.15, next((bound for bound in bounds if bound > highest), bounds[-1]) * 1.15)
    edges = [0.0, *(bound for bound in bounds if bound < top), top]
    for number, (low, high) in enumerate(pairwise(edges)):
        axes.axhspan(low, high, color=BANDS[number % len(BANDS)], alpha=0.25, lw=0)
        axes.annotate(
            table.label(number), (1.0, (low + high) / 2), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", color=INK,
        )  # fmt: skip
    for number, each in enumerate(series):
        times = DATES.date2num(each.times)
        axes.plot(
            times, each.density, lw=1.4, label=each.zone, color=f"C{number}", marker="." if len(times) < 30 else ""
        )
    axes.set_ylim(0, top)
    axes.set_ylabel("persons/m²")
    _time_axis(axes)
    axes.legend(loc="upper left", frameon=False)
    axes.text(1.0, -0.16, f"bands: {table.id}", transform=axes.transAxes, ha="right", color=INK, size=8)
    return _bytes(figure, ending)


def draw_time_space(values: TimeSpace, title: str, ending: str) -> bytes:
    """Flow across a line, by time and by the place along it."""
    figure, axes = _figure(title)
    most = max(float(np.nanmax(np.abs(values.flow), initial=0.0)), 1.0)
    flow, times = np.ma.masked_invalid(values.flow), DATES.date2num(values.edges)
    # Its middle is grey: no flow is something else than nothing shown.
    image = axes.pcolormesh(times, values.metres, flow, cmap="coolwarm_r", vmin=-most, vmax=most)
    figure.colorbar(image, ax=axes, label="persons/m/min, in above 0")
    axes.set_ylabel(f"metres along {values.line}")
    _time_axis(axes)
    return _bytes(figure, ending)


def _figure(title: str) -> tuple[Figure, Axes]:
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 4.5), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, loc="left")
    return figure, axes


def _ground(drawn: HeatMap, title: str) -> tuple[Figure, Axes]:
    figure, axes = _figure(title)
    axes.set_aspect("equal")
    axes.set_xlabel("metres")
    axes.set_ylabel("metres")
    xs, ys = _edges(drawn)
    axes.set_xlim(xs[0], xs[-1])
    axes.set_ylim(ys[0], ys[-1])
    return figure, axes


def _edges(drawn: HeatMap) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    grid = drawn.grid
    return grid.left + grid.side * np.arange(grid.columns + 1), grid.near + grid.side * np.arange(grid.rows + 1)


def _draw_scene(axes: Axes, scene: Scene | None) -> None:
    if scene is None:
        return
    for zone in scene.zones:
        xs, ys = zip(*(*zone.corners, zone.corners[0]), strict=True)
        axes.plot(xs, ys, color=INK, lw=1, ls="--")
        axes.annotate(zone.name, zone.corners[0], xytext=(3, 3), textcoords="offset points", size=8, color=INK)
    for line in scene.lines:
        (x0, y0), (x1, y1) = line.start, line.end
        axes.plot((x0, x1), (y0, y1), color=INK, lw=2)
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        axes.annotate(line.name, middle, xytext=(4, 4), textcoords="offset points", size=8, color=INK)


def _time_axis(axes: Axes) -> None:
    locator = DATES.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DATES.ConciseDateFormatter(locator))
    axes.set_xlabel("UTC")


def _bytes(figure: Figure, ending: str) -> bytes:
    out = BytesIO()
    metadata = {"Date": None} if ending == "svg" else {"Software": None}
    with matplotlib.rc_context(STYLE):
        figure.savefig(out, format=ending, metadata=metadata)
    return out.getvalue()
