"""A scene: what one camera sees of the ground, and where people are counted on it."""

import re
from dataclasses import dataclass, field
from datetime import time, tzinfo

from shapely import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from doorward.crowd.detector_choice import BY_MOTION, DetectorChoice
from doorward.crowd.geometry import Homography, homography
from doorward.crowd.levels import LevelTables
from doorward.crowd.tracks import DEFAULT, TrackerSettings
from doorward.crowd.visibility import seen_share
from doorward.errors import WrongUse

Point = tuple[float, float]

LEAST_OF_A_ZONE = 0.95
"""The share of a zone, as drawn in the picture, that has to be in it: density is by the whole zone's area."""

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
    """A polygon on the ground, corners in metres, in which people are counted; ``limit`` people are too many."""

    id: str
    name: str
    corners: tuple[Point, ...]
    limit: float | None = None

    @property
    def polygon(self) -> Polygon:
        return Polygon(self.corners)


@dataclass(frozen=True, slots=True)
class Entrance:
    """A line into an area; ``reversed`` when crossing it *in* leads out of the area."""

    line: str
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A place counted by all its entrances. ``zones``: those that together cover it, to reconcile with, if any."""

    id: str
    name: str
    entrances: tuple[Entrance, ...]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """When every day nobody is left: ``time``, of the clock in the place ``zone``."""

    time: time
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Scene:
    """What a person drew for one camera.

    ``size`` is width and height of the picture in pixels; ``correspondences`` are 4 to 8 pairs (pixel, metres on the
    ground). ``walkable``: the corners of the ground that people can be on, at which Voronoi cells end; otherwise the
    hull of all points, lines and zones. ``levels``: the tables of levels of service and safety. ``person_radius``: the
    radius in metres of a disc with the area of a person seen from above. ``hysteresis``: the half width in metres of
    the band around a line that has to be left on the other side. ``still``: the file of a picture of the place without
    people, if one is kept.
    ``WrongUse`` names what does not fit.
    """

    name: str
    size: tuple[int, int]
    correspondences: tuple[tuple[Point, Point], ...]
    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    areas: tuple[Area, ...] = ()
    closing: Closing | None = None
    walkable: tuple[Point, ...] = ()
    levels: LevelTables | None = None
    tracker: TrackerSettings = DEFAULT
    still: str | None = None
    detector: DetectorChoice = BY_MOTION
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
        _check_in_sight(self)
        _check_areas(self)
        if self.walkable and not _is_polygon(self.walkable):
            raise WrongUse(
                "The walkable ground is no polygon; give three or more corners that do not cross themselves."
            )
        if not 0.05 <= self.person_radius <= 1.0:
            raise WrongUse("The person radius has to lie between 0.05 and 1 metre.")
        if not 0.0 < self.hysteresis <= 2.0:
            raise WrongUse("The hysteresis has to be above 0 and at most 2 metres.")
        if self.mount_height is not None and self.mount_height <= 0:
            raise WrongUse("The mount height has to be above 0 metres.")

    def seen_share(self, shape: BaseGeometry) -> float:
        """The share of a line's length or a polygon's area on the ground (metres) that the picture shows, as drawn."""
        return seen_share(self.homography, [ground for _, ground in self.correspondences], self.size, shape)

    @property
    def walkable_ground(self) -> Polygon:
        if self.walkable:
            return Polygon(self.walkable)
        points = [ground for _, ground in self.correspondences]
        points += [end for line in self.lines for end in (line.start, line.end)]
        points += [corner for zone in self.zones for corner in zone.corners]
        return MultiPoint(points).convex_hull


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
    if not _is_polygon(zone.corners):
        raise WrongUse(f"The zone {zone.id!r} is no polygon; give three or more corners that do not cross themselves.")
    if zone.limit is not None and not zone.limit > 0:
        raise WrongUse(f"The limit of the zone {zone.id!r} has to be above 0 people.")


def _check_in_sight(scene: "Scene") -> None:
    for zone in scene.zones:
        share = scene.seen_share(zone.polygon)
        if share < LEAST_OF_A_ZONE:
            raise WrongUse(
                f"The zone {zone.id!r} lies {'' if share == 0 else 'partly '}outside the picture, where nobody is "
                "counted; draw it where the camera sees the ground."
            )
    for line in scene.lines:
        if scene.seen_share(LineString([line.start, line.end])) == 0:
            raise WrongUse(f"The line {line.id!r} lies outside the picture; draw it where the camera sees the ground.")


def _is_polygon(corners: tuple[Point, ...]) -> bool:
    return len(corners) >= 3 and bool(Polygon(corners).is_valid) and bool(Polygon(corners).area >= 0.1)


def _check_areas(scene: Scene) -> None:
    _check_ids([area.id for area in scene.areas], "area")
    lines, zones = {line.id for line in scene.lines}, {zone.id for zone in scene.zones}
    for area in scene.areas:
        if not area.entrances:
            raise WrongUse(f"The area {area.id!r} has no entrance; name the lines that lead into it.")
        for entrance in area.entrances:
            if entrance.line not in lines:
                raise WrongUse(f"The area {area.id!r} has the entrance {entrance.line!r}, which is no line; draw it.")
        for zone in area.zones:
            if zone not in zones:
                raise WrongUse(f"The area {area.id!r} is covered by {zone!r}, which is no zone; draw it.")
