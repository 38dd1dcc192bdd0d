"""What stands before a camera: a real person who makes movements, from photos of several moments, or a print that
somebody turns, tilts and brings near.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from doorward.adapters.images import read_photo
from doorward.face.movements import Movement
from doorward.kernel.image import Image
from shared_data import shared

WIDTH, HEIGHT = 640, 480
AHEAD = "Howard_Dean_0002"
MOVED = {
    Movement.TURN_LEFT: "Howard_Dean_0012",
    Movement.TURN_RIGHT: "Howard_Dean_0008",
    Movement.LOOK_UP: "Howard_Dean_0005",
}
"""Photos of Labeled Faces in the Wild that show one person looking ahead, to both sides, and up."""


def photo(name: str = AHEAD) -> Path:
    return shared("lfw", "images", name.rpartition("_")[0], f"{name}.jpg")


def person(movement: Movement | None = None) -> Image:
    """The person making ``movement``, or looking ahead."""
    nearness = 1.35 if movement is Movement.COME_NEARER else 1.0
    return placed(read_photo(photo(MOVED.get(movement, AHEAD))), np.eye(3), 2.0 * nearness)


def performance(movements: Iterable[Movement]) -> Iterator[Image]:
    """Five pictures a second of the person who makes ``movements``, each held, and looks ahead in between."""
    yield from [person()] * 6
    for movement in movements:
        yield from [person(movement)] * 4
        yield from [person()] * 3


def held_print(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, nearness: float = 1.0) -> Image:
    """A print of the person looking ahead, turned by degrees, as a camera at arm's length sees it."""
    turn = np.eye(3)
    for axis in ((pitch, 0, 0), (0, -yaw, 0), (0, 0, roll)):
        turn = cv2.Rodrigues(np.radians(np.array(axis, dtype=float)))[0] @ turn
    far = 250.0
    plane = np.array([[*turn[0, :2], 0], [*turn[1, :2], 0], [*(turn[2, :2] / far), 1]])
    return placed(read_photo(photo()), plane, 2.0 * nearness)


def waved_print() -> Iterator[Image]:
    """Five pictures a second of a print that makes every movement a hand can give it, each held for a while."""
    poses = [{"yaw": yaw} for yaw in (25, 40, 50, -25, -40, -50)]
    poses += [{"pitch": pitch} for pitch in (25, 40, 50, -25, -40, -50)]
    poses += [{"yaw": 35, "pitch": 25}, {"yaw": -35, "pitch": 25}, {"roll": 25}, {"nearness": 1.35}]
    yield from [held_print()] * 6
    for pose in poses:
        yield from [held_print(**pose)] * 4
        yield from [held_print()] * 3


def as_folder(folder: Path, pictures: Iterable[Image]) -> Path:
    """A source: a folder of pictures."""
    folder.mkdir()
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number:04}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return folder


def as_clip(path: Path, pictures: Iterable[Image]) -> Path:
    """The same as a video file, at their five pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 4_000_000
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def beside(one: Image, other: Image) -> Image:
    """Two pictures' middles side by side."""
    quarter = WIDTH // 4
    return np.ascontiguousarray(np.hstack([one[:, quarter:-quarter], other[:, quarter:-quarter]]))


def placed(picture: Image, plane: np.ndarray | None = None, scale: float = 2.0) -> Image:
    """The picture's middle under ``plane``, scaled, in the middle of the camera's picture."""
    middle = np.array([[1, 0, -125], [0, 1, -125], [0, 0, 1]], dtype=float)
    placing = np.array([[scale, 0, WIDTH / 2], [0, scale, HEIGHT / 2 + 10], [0, 0, 1]])
    return cv2.warpPerspective(
        picture,
        placing @ (np.eye(3) if plane is None else plane) @ middle,
        (WIDTH, HEIGHT),
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(70, 80, 90),
    ).astype(np.uint8)
