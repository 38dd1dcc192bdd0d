"""Scene files over the real walks of the test data: three lines, one zone, a camera straight above."""

from pathlib import Path

from shared_data import shared

PIXELS_A_METRE = 40
# Left, near edge, width and depth in metres; lines; corners of the zone.
GROUNDS = {
    "zara01": (
        (-1, -1, 17, 14),
        [((x, -2.0), (x, 14.0)) for x in (4.0, 7.5, 11.0)],
        [(2, 2), (13, 2), (13, 10), (2, 10)],
    ),
    "hotel": (
        (-4, -11, 9, 16),
        [((-5.0, y), (6.0, y)) for y in (-6.0, -3.0, 0.0)],
        [(-2, -8), (3.5, -8), (3.5, 3), (-2, 3)],
    ),
}


def trajectories(name: str) -> Path:
    return shared("trajectories", f"{name}.txt")


def write_walk_scene(folder: Path, name: str) -> Path:
    (left, near, width, depth), lines, zone = GROUNDS[name]
    text = f"image = {{ width = {width * PIXELS_A_METRE}, height = {depth * PIXELS_A_METRE} }}\n\n"
    for x, y in ((0, 0), (width, 0), (width, depth), (0, depth)):
        pixel = [x * PIXELS_A_METRE, (depth - y) * PIXELS_A_METRE]
        text += f"[[points]]\nimage = {pixel}\nground = {[left + x, near + y]}\n\n"
    for number, (start, end) in enumerate(lines, start=1):
        text += f'[[lines]]\nid = "line-{number}"\nfrom = {list(start)}\nto = {list(end)}\n\n'
    text += f'[[zones]]\nid = "middle"\ncorners = {[list(corner) for corner in zone]}\n'
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path
