"""The scene file, and where the crowd's intervals are stored.

A scene file is TOML::

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
"""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doorward.crowd.scene import Line, Point, Scene, Zone
from doorward.errors import SiteMissing, WrongUse
from doorward.settings.environment import site_folder

SITE_FILE = "site.toml"
LARGEST_FILE = 1_000_000
DETECTORS = ("motion",)


def load_scene(path: Path, name: str) -> Scene:
    """The scene in the TOML file at ``path``, called ``name``; ``WrongUse`` says which entry does not fit."""
    table = _read(path)
    _only(table, {"image", "mount_height", "hysteresis", "detector", "points", "lines", "zones"}, "the scene file")
    image = _table(table, "image", "the scene file")
    detector = _table(table, "detector", "the scene file") if "detector" in table else {}
    _only(detector, {"name", "person_radius"}, "[detector]")
    if detector.get("name", DETECTORS[0]) not in DETECTORS:
        raise WrongUse(f"The scene file asks for a detector that is not here; there is {', '.join(DETECTORS)}.")
    optional: dict[str, float] = {}
    for source, key in ((table, "mount_height"), (table, "hysteresis"), (detector, "person_radius")):
        if key in source:
            optional[key] = _number(source[key], key)
    return Scene(
        name=name,
        size=(_pixels(image, "width"), _pixels(image, "height")),
        correspondences=tuple(
            (_point(entry, "image", "[[points]]"), _point(entry, "ground", "[[points]]"))
            for entry in _tables(table, "points", {"image", "ground"})
        ),
        lines=tuple(_line(entry) for entry in _tables(table, "lines", {"id", "name", "from", "to"})),
        zones=tuple(_zone(entry) for entry in _tables(table, "zones", {"id", "name", "corners"})),
        mount_height=optional.pop("mount_height", None),
        **optional,
    )


def crowd_site(given: Path | None) -> Path:
    """The site's folder: as given, else ``DOORWARD_SITE``, else here. ``SiteMissing`` when it is no site."""
    site = given or site_folder()
    if not (site / SITE_FILE).is_file():
        raise SiteMissing(
            f"There is no site in {site}; make one with `doorward init {site}` or name another by --site."
        )
    return site


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WrongUse(f"The scene file {path} is larger than a scene can be; give another.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise WrongUse(f"There is no scene file at {path} that can be read; give the scene's TOML file.") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"The scene file {path} is not TOML: {error}.") from None
    except UnicodeDecodeError:
        raise WrongUse(f"The scene file {path} is not a text in UTF-8; give the scene's TOML file.") from None
    except (ValueError, RecursionError):
        raise WrongUse(f"The scene file {path} has a number too long or lists too deep; correct it.") from None


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise WrongUse(f"{where} has an entry {key!r} that is not known; known are {', '.join(sorted(known))}.")


def _table(table: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise WrongUse(f"{where} needs a table {key!r}.")
    return value


def _tables(table: Mapping[str, Any], key: str, known: set[str]) -> list[dict[str, Any]]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise WrongUse(f"Write every one of the scene's {key} under a heading [[{key}]].")
    for entry in value:
        _only(entry, known, f"[[{key}]]")
    return value


def _pixels(image: Mapping[str, Any], key: str) -> int:
    value = image.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 16 <= value <= 16384:
        raise WrongUse(f"The scene's image {key} has to be a whole number of pixels from 16 to 16384.")
    return value


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise WrongUse(f"The scene's {key} has to be a number.")
    return float(value)


def _pair(value: object, key: str, where: str) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise WrongUse(f"{where} needs {key} as two numbers, such as [3.0, 1.5].")
    return _number(value[0], key), _number(value[1], key)


def _point(entry: Mapping[str, Any], key: str, where: str) -> Point:
    return _pair(entry.get(key), key, where)


def _text(entry: Mapping[str, Any], key: str, where: str, otherwise: str | None = None) -> str:
    value = entry.get(key, otherwise)
    if not isinstance(value, str) or len(value) > 80:
        raise WrongUse(f"{where} needs {key} as a text of at most 80 characters.")
    return value


def _line(entry: Mapping[str, Any]) -> Line:
    line_id = _text(entry, "id", "[[lines]]")
    name = _text(entry, "name", "[[lines]]", line_id)
    return Line(line_id, name, _point(entry, "from", "[[lines]]"), _point(entry, "to", "[[lines]]"))


def _zone(entry: Mapping[str, Any]) -> Zone:
    zone_id = _text(entry, "id", "[[zones]]")
    corners = entry.get("corners")
    if not isinstance(corners, list):
        raise WrongUse("[[zones]] needs corners as a list of points, such as [[0, 0], [4, 0], [4, 3]].")
    points = tuple(_pair(corner, "corners", "[[zones]]") for corner in corners)
    return Zone(zone_id, _text(entry, "name", "[[zones]]", zone_id), points)
