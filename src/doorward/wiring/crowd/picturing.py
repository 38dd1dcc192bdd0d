"""Pictures out of stored intervals."""

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from doorward.adapters.crowd.pictures import draw_density, draw_flow_field, draw_heat_map, draw_time_space
from doorward.crowd.intervals import MINUTE_SECONDS, QUARTER_SECONDS, IntervalAggregate
from doorward.crowd.levels import LevelTable
from doorward.crowd.picture_values import density_series, mean_heat_map, time_space
from doorward.crowd.ports import IntervalStore
from doorward.crowd.scene import Line, Scene
from doorward.errors import NotFound, WrongUse
from doorward.settings.crowd.levels_file import scene_levels

MOST_INTERVALS = 45_000
"""A month of minutes."""


class Subject(StrEnum):
    """What is drawn."""

    HEAT = "heat"
    FLOW = "flow"
    DENSITY = "density"
    LINE = "line"


def picture(
    store: IntervalStore,
    name: str,
    subject: Subject,
    start: datetime | None,
    end: datetime | None,
    scene: Scene | None,
    place: str | None,
    ending: str,
) -> bytes:
    """The picture as ``png`` or ``svg``; ``place``: a zone for densities, a line for lines. ``NotFound`` when nothing
    is stored for it, ``WrongUse`` when a line is to be drawn without its scene."""
    seconds = MINUTE_SECONDS if subject is Subject.DENSITY else QUARTER_SECONDS
    line = _line(scene, place) if subject is Subject.LINE else None
    stored = store.read(name, start, end, MOST_INTERVALS, seconds)
    if not stored:
        raise NotFound(
            f"No intervals are stored for {name!r} in that time; `doorward crowd intervals {name}` shows all."
        )
    title = f"{name}, {_time_told(stored)}"
    if line is not None:
        return draw_time_space(time_space(stored, line), f"Flow across {line.id}: {title}", ending)
    if subject is Subject.DENSITY:
        return draw_density(density_series(stored, place), _table(scene), f"Density: {title}", ending)
    drawn = mean_heat_map(stored)
    if subject is Subject.HEAT:
        return draw_heat_map(drawn, f"People: {title}", scene, ending)
    return draw_flow_field(drawn, f"Where they go: {title}", scene, ending)


def _line(scene: Scene | None, place: str | None) -> Line:
    if scene is None:
        raise WrongUse("A picture of a line needs to know where it lies; give the scene file by --scene.")
    for line in scene.lines:
        if place in (None, line.id):
            return line
    raise WrongUse(f"The scene has no line {place!r}; it has {', '.join(line.id for line in scene.lines) or 'none'}.")


def _table(scene: Scene | None) -> LevelTable:
    levels = (scene.levels if scene else None) or scene_levels({}, Path())
    return levels.zone_service


def _time_told(stored: tuple[IntervalAggregate, ...]) -> str:
    first, last = stored[0].start, stored[-1].start + timedelta(seconds=stored[-1].seconds)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} to {until} UTC"
