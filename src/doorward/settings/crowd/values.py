"""Values of TOML tables that people write, checked; ``WrongUse`` names the entry that does not fit."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doorward.errors import WrongUse

LARGEST_FILE = 1_000_000
LONGEST_TEXT = 80


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The TOML file at ``path``; ``what`` it is called in refusals, such as "scene"."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WrongUse(f"The {what} file {path} is larger than a {what} can be; give another.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise WrongUse(f"There is no {what} file at {path} that can be read; give the {what}'s TOML file.") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"The {what} file {path} is not TOML: {error}.") from None
    except UnicodeDecodeError:
        raise WrongUse(f"The {what} file {path} is not a text in UTF-8; give the {what}'s TOML file.") from None
    except (ValueError, RecursionError):
        raise WrongUse(f"The {what} file {path} has a number too long or lists too deep; correct it.") from None


def only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    """Refuse every entry that is not known."""
    for key in table:
        if key not in known:
            raise WrongUse(f"{where} has an entry {key!r} that is not known; known are {', '.join(sorted(known))}.")


def table_in(table: Mapping[str, Any], key: str, known: set[str] | None = None) -> dict[str, Any]:
    """The table ``key``, empty where it is missing."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise WrongUse(f"Write what belongs to {key} under a heading [{key}].")
    if known is not None:
        only(value, known, f"[{key}]")
    return value


def tables_in(table: Mapping[str, Any], key: str, known: set[str]) -> list[dict[str, Any]]:
    """The tables under ``[[key]]``, none where it is missing."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise WrongUse(f"Write every one of the scene's {key} under a heading [[{key}]].")
    for entry in value:
        only(entry, known, f"[[{key}]]")
    return value


def number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise WrongUse(f"The scene's {key} has to be a number.")
    return float(value)


def pair(value: object, key: str, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise WrongUse(f"{where} needs {key} as two numbers, such as [3.0, 1.5].")
    return number(value[0], key), number(value[1], key)


def text(
    entry: Mapping[str, Any], key: str, where: str, otherwise: str | None = None, longest: int = LONGEST_TEXT
) -> str:
    value = entry.get(key, otherwise)
    if not isinstance(value, str) or len(value) > longest:
        raise WrongUse(f"{where} needs {key} as a text of at most {longest} characters.")
    return value


def texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of short texts, empty where it is missing."""
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise WrongUse(f'{where} needs {key} as a list, such as ["door", "gate"].')
    return tuple(text({key: each}, key, where) for each in value)


def corners(value: object, where: str) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list):
        raise WrongUse(f"{where} needs corners as a list of points, such as [[0, 0], [4, 0], [4, 3]].")
    return tuple(pair(corner, "corners", where) for corner in value)
