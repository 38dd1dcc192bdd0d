"""A person's clicks along a clip, held against what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward.errors import WrongUse
from doorward.evaluation.share import Share, share

NEAR_SECONDS = 2.0
"""A click and a count of the same line and direction so near in time are one crossing: people click late."""

DIRECTIONS = ("in", "out")


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody crossed ``line`` at ``seconds`` of the clip, ``in`` or ``out``."""

    seconds: float
    line: str
    direction: str


@dataclass(frozen=True, slots=True)
class ClickedLine:
    """One line and direction: how many were clicked and counted, and the share of clicks that were ``found``."""

    line: str
    direction: str
    clicked: int
    counted: int
    found: Share


def parse_clicks(text: str, lines: Sequence[str]) -> tuple[Crossing, ...]:
    """Clicks in lines of ``seconds,line,in`` or ``seconds,line,out``; ``WrongUse`` names one that is not."""
    clicks = []
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or (number == 1 and row.startswith("seconds")):
            continue
        parts = [part.strip() for part in row.split(",")]
        try:
            seconds, line, direction = float(parts[0]), parts[1], parts[2]
        except (ValueError, IndexError):
            raise WrongUse(
                f"Line {number} of the clicks is not seconds,line,direction, such as 12.5,door,in."
            ) from None
        if not 0 <= seconds < float("inf") or line not in lines or direction not in DIRECTIONS or len(parts) != 3:
            raise WrongUse(f"Line {number} of the clicks names no time, line of the scene and direction (in or out).")
        clicks.append(Crossing(seconds, line, direction))
    if not clicks:
        raise WrongUse("The file holds no clicks; give lines of seconds,line,direction, such as 12.5,door,in.")
    return tuple(clicks)


def compare_clicks(
    clicks: Sequence[Crossing], counted: Sequence[Crossing], lines: Sequence[str]
) -> tuple[ClickedLine, ...]:
    """Every line and direction, clicks paired with counts in order of time."""
    return tuple(
        _compare(line, direction, _times(clicks, line, direction), _times(counted, line, direction))
        for line in lines
        for direction in DIRECTIONS
    )


def _times(crossings: Sequence[Crossing], line: str, direction: str) -> list[float]:
    return sorted(each.seconds for each in crossings if (each.line, each.direction) == (line, direction))


def _compare(line: str, direction: str, clicks: list[float], counted: list[float]) -> ClickedLine:
    found = place = 0
    for click in clicks:
        while place < len(counted) and counted[place] < click - NEAR_SECONDS:
            place += 1
        if place < len(counted) and counted[place] <= click + NEAR_SECONDS:
            found += 1
            place += 1
    return ClickedLine(line, direction, len(clicks), len(counted), share(found, len(clicks)))
