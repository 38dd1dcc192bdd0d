"""The names that docs/json.md shows, command by command, and whether an answer has them."""

import json
import re
from typing import Any

from shared_data import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "json.md"
SHOWN = re.compile(r"^#+ `doorward ([^`]+)`$.*?^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shape(value: object) -> object:
    """The names in a value: of an object all, of a list those of its first entry, of anything else none."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def fits(shown: object, printed: object) -> bool:
    """``null`` may stand for anything that was not measured, and a list may be empty."""
    if printed is None or printed == []:
        return True
    if isinstance(shown, dict) and isinstance(printed, dict):
        return shown.keys() == printed.keys() and all(fits(shown[name], printed[name]) for name in shown)
    if isinstance(shown, list) and isinstance(printed, list):
        return not shown or fits(shown[0], printed[0])
    return type(shown) is type(printed)


def documented() -> dict[str, Any]:
    """What each command shows, as a ``shape``."""
    return {name: shape(json.loads(example)) for name, example in SHOWN.findall(DOCUMENT.read_text(encoding="utf-8"))}
