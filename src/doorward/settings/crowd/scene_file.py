"""The scene file: TOML, such as::

    image = { width = 640, height = 360 }      # pixels of the camera's picture
    mount_height = 6.0                         # metres, may be left out

    [[points]]                                 # 4 to 8 of them: a pixel, and where it lies on the ground in metres
    image = [0, 0]
    ground = [0.0, 9.0]

    [[lines]]
    id = "door"
    from = [5.0, 0.0]                          # metres; people crossing to the left of from-to come in
    to = [5.0, 9.0]

    [[zones]]
    id = "hall"
    corners = [[3, 1], [13, 1], [13, 8], [3, 8]]
    limit = 60                                 # people, may be left out

``walkable``, ``[[areas]]``, ``[detector]``, ``[closing]``, ``[levels]`` and ``[tracker]`` may follow: docs/crowd.md.
"""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from doorward.crowd.scene import Area, Closing, Entrance, Line, Point, Scene, Zone
from doorward.errors import WrongUse
from doorward.settings.crowd.detector import detector_choice
from doorward.settings.crowd.levels_file import scene_levels
from doorward.settings.crowd.tracker import tracker_settings
from doorward.settings.crowd.values import corners, number, only, pair, read_toml, table_in, tables_in, text, texts

ENTRIES = {
    "image",
    "mount_height",
    "hysteresis",
    "walkable",
    "detector",
    "tracker",
    "levels",
    "closing",
    "still",
    "points",
    "lines",
    "zones",
    "areas",
}
SMALLEST, LARGEST = 16, 16384
"""Pixels along a side of a picture."""
REVERSED = "-"
"""Before the name of an entrance: crossing it in leads out of the area."""


def load_scene(path: Path, name: str) -> Scene:
    """The scene in the TOML file at ``path``, called ``name``; ``WrongUse`` says which entry does not fit."""
    return scene_of(read_toml(path, "scene"), path.parent, name)


def scene_of(table: Mapping[str, Any], folder: Path, name: str) -> Scene:
    """The scene in a parsed file, whose other files are looked for from ``folder``; ``WrongUse``."""
    only(table, ENTRIES, "the scene file")
    image = table.get("image")
    if not isinstance(image, dict):
        raise WrongUse("the scene file needs a table 'image'.")
    detector = table_in(table, "detector", {"name", "person_radius", "weights", "sha256"})
    optional: dict[str, float] = {}
    for source, key in ((table, "mount_height"), (table, "hysteresis"), (detector, "person_radius")):
        if key in source:
            optional[key] = number(source[key], key)
    return Scene(
        name=name,
        size=(_pixels(image, "width"), _pixels(image, "height")),
        correspondences=tuple(
            (_point(entry, "image", "[[points]]"), _point(entry, "ground", "[[points]]"))
            for entry in tables_in(table, "points", {"image", "ground"})
        ),
        lines=tuple(_line(entry) for entry in tables_in(table, "lines", {"id", "name", "from", "to"})),
        zones=tuple(_zone(entry) for entry in tables_in(table, "zones", {"id", "name", "corners", "limit"})),
        areas=tuple(_area(entry) for entry in tables_in(table, "areas", {"id", "name", "entrances", "zones"})),
        closing=_closing(table_in(table, "closing", {"time", "timezone"})),
        walkable=corners(table["walkable"], "walkable") if "walkable" in table else (),
        levels=scene_levels(table_in(table, "levels"), folder),
        tracker=tracker_settings(table_in(table, "tracker")),
        still=str(folder / text(table, "still", "the scene file")) if "still" in table else None,
        detector=detector_choice(detector, folder),
        mount_height=optional.pop("mount_height", None),
        **optional,
    )


def _pixels(image: Mapping[str, Any], key: str) -> int:
    value = image.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not SMALLEST <= value <= LARGEST:
        raise WrongUse(f"The scene's image {key} has to be a whole number of pixels from {SMALLEST} to {LARGEST}.")
    return value


def _point(entry: Mapping[str, Any], key: str, where: str) -> Point:
    return pair(entry.get(key), key, where)


def _line(entry: Mapping[str, Any]) -> Line:
    line_id = text(entry, "id", "[[lines]]")
    name = text(entry, "name", "[[lines]]", line_id)
    return Line(line_id, name, _point(entry, "from", "[[lines]]"), _point(entry, "to", "[[lines]]"))


def _zone(entry: Mapping[str, Any]) -> Zone:
    zone_id = text(entry, "id", "[[zones]]")
    drawn = corners(entry.get("corners"), "[[zones]]")
    limit = number(entry["limit"], "limit") if "limit" in entry else None
    return Zone(zone_id, text(entry, "name", "[[zones]]", zone_id), drawn, limit)


def _area(entry: Mapping[str, Any]) -> Area:
    area_id = text(entry, "id", "[[areas]]")
    entrances = tuple(
        Entrance(name.removeprefix(REVERSED), name.startswith(REVERSED))
        for name in texts(entry, "entrances", "[[areas]]")
    )
    return Area(area_id, text(entry, "name", "[[areas]]", area_id), entrances, texts(entry, "zones", "[[areas]]"))


def _closing(entry: Mapping[str, Any]) -> Closing | None:
    if not entry:
        return None
    at = entry.get("time")
    if not isinstance(at, time):
        raise WrongUse("[closing] needs the time at which nobody is left, such as time = 04:00:00.")
    try:
        return Closing(at, ZoneInfo(text(entry, "timezone", "[closing]", "UTC")))
    except (ValueError, OSError, KeyError):
        raise WrongUse('[closing] has a timezone that is not known; write it as "Europe/Berlin".') from None
