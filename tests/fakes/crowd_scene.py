"""A scene seen straight from above, and what stands in for the machine's clock and randomness."""

from datetime import UTC, datetime
from itertools import count

from doorward.crowd.scene import Line, Scene, Zone
from doorward.crowd.tracks import Track

PIXELS_A_METRE = 40
WIDTH, DEPTH = 16.0, 9.0


class FixedClock:
    def __init__(self, now: datetime = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


class CountingIds:
    """``Randomness`` whose ids tell which track came first; for tests alone."""

    def __init__(self) -> None:
        self._numbers = count()

    def uuid(self) -> str:
        return str(next(self._numbers))

    def octets(self, length: int) -> bytes:
        return bytes(length)


LINE = Line("door", "Door", (8.0, 0.0), (8.0, 9.0))
ZONE = Zone("hall", "Hall", ((3.0, 1.0), (13.0, 1.0), (13.0, 8.0), (3.0, 8.0)))


def overhead_scene(
    *, width: float = WIDTH, depth: float = DEPTH, lines: tuple[Line, ...] = (LINE,), zones: tuple[Zone, ...] = (ZONE,)
) -> Scene:
    corners = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)]
    return Scene(
        name="hall",
        size=(int(width * PIXELS_A_METRE), int(depth * PIXELS_A_METRE)),
        correspondences=tuple(((x * PIXELS_A_METRE, (depth - y) * PIXELS_A_METRE), (x, y)) for x, y in corners),
        lines=lines,
        zones=zones,
        person_radius=0.2,
    )


def seen(x: float, y: float = 4.0, track_id: str = "a", *, confirmed: bool = True, unseen: float = 0.0) -> Track:
    return Track(track_id, (x, y), (0.0, 0.0), confirmed, unseen)
