"""Levels of service and of safety, by tables that a person can edit."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum

from doorward.errors import WrongUse


class Quantity(StrEnum):
    """What a table judges: persons per metre and minute, square metres a person, or persons per square metre."""

    FLOW = "flow"
    AREA = "area"
    DENSITY = "density"


@dataclass(frozen=True, slots=True)
class LevelTable:
    """``bounds`` ascend and part the ``labels``; one more label than bounds.

    A flow or density on a bound belongs to the level above it, an area a person on a bound to the worse level: level
    A of Fruin's walkways is *below* 23 persons per metre and minute, of his areas *above* 3.25 m2 a person.
    ``WrongUse`` names what does not fit.
    """

    id: str
    quantity: Quantity
    bounds: tuple[float, ...]
    labels: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.bounds) + 1 or not self.bounds:
            raise WrongUse(f"The level table {self.id!r} needs one label more than it has bounds, and a bound.")
        if list(self.bounds) != sorted(set(self.bounds)) or self.bounds[0] <= 0:
            raise WrongUse(f"The bounds of the level table {self.id!r} have to be above 0 and ascend.")

    def level(self, value: float) -> int:
        """0 for the best level, ``len(bounds)`` for the worst."""
        if self.quantity is Quantity.AREA:
            return len(self.bounds) - bisect_left(self.bounds, value)
        return bisect_right(self.bounds, value)

    def label(self, level: int) -> str:
        """The label of a level as ``level`` returns it."""
        return self.labels[level]

    def of_density(self, density: float) -> int:
        """The level at ``density`` persons per square metre; of a table for areas or densities."""
        if self.quantity is Quantity.AREA:
            return 0 if density <= 0 else self.level(1 / density)
        return self.level(density)

    def relaxed(self, value: float, hysteresis: float) -> int:
        """The level when each bound is moved by the share ``hysteresis`` of it towards the better side."""
        return self.level(value / (1 + hysteresis) if self.quantity is Quantity.AREA else value / (1 - hysteresis))


@dataclass(frozen=True, slots=True)
class LevelTables:
    """Which tables judge the scene's lines (by flow) and zones (by area or density).

    A live level changes when the new one was reached for ``sustained`` seconds; it falls when the value has passed
    its bound by the share ``hysteresis``, too. ``version`` is stored with every level.
    """

    version: str
    line_service: LevelTable
    line_safety: LevelTable
    zone_service: LevelTable
    zone_safety: LevelTable
    sustained: float = 10.0
    hysteresis: float = 0.1

    def __post_init__(self) -> None:
        for table in (self.line_service, self.line_safety):
            if table.quantity is not Quantity.FLOW:
                raise WrongUse(f"The level table {table.id!r} judges no flow; name another for the lines.")
        for table in (self.zone_service, self.zone_safety):
            if table.quantity is Quantity.FLOW:
                raise WrongUse(f"The level table {table.id!r} judges a flow; name another for the zones.")
        if not 0 <= self.sustained <= 600:
            raise WrongUse("A level has to be sustained for 0 to 600 seconds.")
        if not 0 <= self.hysteresis < 1:
            raise WrongUse("The hysteresis of levels has to be a share from 0 to below 1.")


class LevelKeeper:
    """A level that does not flap: it rises, and falls, only after the value has held for a while."""

    def __init__(self, table: LevelTable, sustained: float, hysteresis: float) -> None:
        self._table, self._sustained, self._hysteresis = table, sustained, hysteresis
        self._level: int | None = None
        self._seconds = 0.0
        # For each bound, since when the value has been past it, and since when well on its better side.
        self._past: list[float | None] = [None] * len(table.bounds)
        self._clear: list[float | None] = [None] * len(table.bounds)

    def update(self, seconds: float, value: float | None) -> int | None:
        """The level held at ``seconds``, which never decrease; None, and all forgotten, when the value is unknown.

        ``value`` is in the table's quantity. The first value that is known counts as held for 0 seconds at level 0.
        """
        if value is None:
            self._level = None
            self._past = [None] * len(self._past)
            self._clear = [None] * len(self._clear)
            return None
        reached, left = self._table.level(value), self._table.relaxed(value, self._hysteresis)
        level = self._level or 0
        for bound in range(len(self._past)):
            self._past[bound] = _since(self._past[bound], reached > bound, seconds)
            self._clear[bound] = _since(self._clear[bound], left <= bound, seconds)
        while level < len(self._past) and self._held(self._past[level], seconds):
            level += 1
        while level > 0 and self._held(self._clear[level - 1], seconds):
            level -= 1
        self._level = level
        return level

    def _held(self, since: float | None, seconds: float) -> bool:
        return since is not None and seconds - since >= self._sustained


def _since(since: float | None, holds: bool, seconds: float) -> float | None:
    if not holds:
        return None
    return seconds if since is None else since
