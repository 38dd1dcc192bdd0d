"""An overhead clip whose true counts are known, because the crowd in it was simulated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from doorward.demo.crowd_picture import CORNERS, SIZE, corner_pixels, render
from doorward.demo.crowd_simulation import DEPTH, Walk, simulate_walks
from doorward.kernel.image import Image

FRAMES_A_SECOND = 10
BIT_RATE = 6_000_000
LINE_PLACES = {"west": 5.0, "east": 11.0}
HALL = (3.0, 1.0, 13.0, 8.0)
"""The zone: left, near, right and far edge in metres."""


@dataclass(frozen=True, slots=True)
class CrowdClip:
    """The files, and the truth from the simulation itself.

    ``crossings``: line to (in, out), where in is towards the left; ``occupancy``: mean number of people in the zone
    ``hall`` over the clip's ``seconds``.
    """

    video: Path
    scene: Path
    seconds: float
    people: int
    crossings: dict[str, tuple[int, int]]
    occupancy: float


def make_crowd_clip(folder: Path, *, people: int = 50, seconds: float = 70.0, seed: int = 7) -> CrowdClip:
    """Simulate, render and write ``crowd.mp4`` and ``crowd-scene.toml`` into ``folder``."""
    walks = simulate_walks(people, seconds, seed)
    video, scene = folder / "crowd.mp4", folder / "crowd-scene.toml"
    _write_video(video, render(walks, seconds, FRAMES_A_SECOND, seed))
    scene.write_text(_scene(), encoding="utf-8")
    crossings = {line: _crossings(walks, place) for line, place in LINE_PLACES.items()}
    return CrowdClip(video, scene, seconds, len(walks), crossings, _occupancy(walks, seconds))


def _crossings(walks: Sequence[Walk], place: float) -> tuple[int, int]:
    """People who began on one side of x = ``place`` and ended on the other: (leftwards, rightwards)."""
    sides = [(walk.places[0, 0] > place, walk.places[-1, 0] > place) for walk in walks]
    return sides.count((True, False)), sides.count((False, True))


def _occupancy(walks: Sequence[Walk], seconds: float) -> float:
    """Mean number of people in the zone at a hundred moments a second."""
    left, near, right, far = HALL
    moments = np.arange(0, seconds, 0.01)
    inside = np.zeros(len(moments))
    for walk in walks:
        x, y = (np.interp(moments, walk.seconds, walk.places[:, axis], left=np.nan, right=np.nan) for axis in (0, 1))
        inside += (left < x) & (x < right) & (near < y) & (y < far)
    return float(inside.mean())


def _write_video(path: Path, pictures: Iterable[Image]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FRAMES_A_SECOND)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = BIT_RATE
        stream.codec_context.time_base = Fraction(1, FRAMES_A_SECOND)
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _scene() -> str:
    points = "".join(
        f"[[points]]\nimage = [{column}, {row}]\nground = [{x}, {y}]\n\n"
        for (column, row), (x, y) in zip(corner_pixels(), CORNERS, strict=True)
    )
    lines = "".join(
        f'[[lines]]\nid = "{name}"\nname = "{name.title()} line"\nfrom = [{x}, 0.0]\nto = [{x}, {DEPTH}]\n\n'
        for name, x in LINE_PLACES.items()
    )
    left, near, right, far = HALL
    zone = f"[[{left}, {near}], [{right}, {near}], [{right}, {far}], [{left}, {far}]]"
    return (
        "# An overhead view of a simulated hall, 16 x 9 metres.\n"
        f"image = {{ width = {SIZE[0]}, height = {SIZE[1]} }}\nmount_height = 8.0\n\n"
        "[detector]\nperson_radius = 0.2\n\n"
        f'{points}{lines}[[zones]]\nid = "hall"\nname = "Hall"\ncorners = {zone}\n'
    )
