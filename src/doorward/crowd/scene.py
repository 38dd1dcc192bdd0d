"""A scene: what one camera sees of the ground, and where people are counted on it."""

import re
from dataclasses import dataclass, field

from shapely import Polygon

from doorward.crowd.geometry import Homography, homography
from doorward.errors import WrongUse

Point = tuple[float, float]

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line on the ground from ``start`` to ``end``, in metres.

    Whoever crosses it from right to left, seen by somebody who walks from ``start`` to ``end`` on ground whose y
    axis lies left of its x axis, is counted *in*; the other way, *out*.
    """

    id: str
    name: str
    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon on the ground, corners in metres, in which people are counted."""

    id: str
    name: str
    corners: tuple[Point, ...]

    @property
    def polygon(self) -> Polygon:
        return Polygon(self.corners)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a person drew for one camera.

    ``size`` is width and height of the picture in pixels; ``correspondences`` are 4 to 8 pairs (pixel, metres on the
    ground). ``person_radius`` is the radius in metres of a disc with the area of a person seen from above,
    ``hysteresis`` the half width in metres of the band around a line that has to be left on the other side.
    ``WrongUse`` names what does not fit.
    """

    name: str
    size: tuple[int, int]
    correspondences: tuple[tuple[Point, Point], ...]
    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    mount_height: float | None = None
    hysteresis: float = 0.3
    person_radius: float = 0.22
    homography: Homography = field(init=False, compare=False)

    def __post_init__(self) -> None:
        pixels, metres = zip(*self.correspondences, strict=True) if self.correspondences else ((), ())
        object.__setattr__(self, "homography", homography(pixels, metres))
        if not self.lines and not self.zones:
            raise WrongUse("The scene has neither a line nor a zone; draw at least one, in metres.")
        _check_ids([line.id for line in self.lines], "line")
        _check_ids([zone.id for zone in self.zones], "zone")
        for line in self.lines:
            _check_line(line)
        for zone in self.zones:
            _check_zone(zone)
        if not 0.05 <= self.person_radius <= 1.0:
            raise WrongUse("The person radius has to lie between 0.05 and 1 metre.")
        if not 0.0 < self.hysteresis <= 2.0:
            raise WrongUse("The hysteresis has to be above 0 and at most 2 metres.")
        if self.mount_height is not None and self.mount_height <= 0:
            raise WrongUse("The mount height has to be above 0 metres.")


def _check_ids(ids: list[str], kind: str) -> None:
    for each in ids:
        if not IDENTIFIER.fullmatch(each):
            raise WrongUse(f"The {kind} id {each!r} has to be of a-z, 0-9, '-' and '_', at most 40 of them.")
    for each in ids:
        if ids.count(each) > 1:
            raise WrongUse(f"The {kind} id {each!r} is there twice; give each {kind} its own.")


def _check_line(line: Line) -> None:
    length = ((line.end[0] - line.start[0]) ** 2 + (line.end[1] - line.start[1]) ** 2) ** 0.5
    if not length >= 0.1:
        raise WrongUse(f"The line {line.id!r} is shorter than 0.1 m; give it two ends apart.")


def _check_zone(zone: Zone) -> None:
    if len(zone.corners) < 3 or not zone.polygon.is_valid or zone.polygon.area < 0.1:
        raise WrongUse(f"The zone {zone.id!r} is no polygon; give three or more corners that do not cross themselves.")
