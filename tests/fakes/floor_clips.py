"""Clips of a floor with much to see on it, over which people walk; and what happens to a camera afterwards."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from doorward.kernel.image import Image

WIDTH, HEIGHT = 480, 272
SCENE_OPTIONS = (
    "--point", "0,0:0,6.8", "--point", "480,0:12,6.8", "--point", "480,272:12,0", "--point", "0,272:0,0",
    "--line", "door:6,0:6,6.8", "--zone", "hall:1,1:11,1:11,6:1,6", "--limit", "hall:20", "--mount-height", "6",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Camera:
    """``shift``: pixels that the picture lies elsewhere. ``light``: 1 is day. ``place``: which floor it looks at.
    ``standing``: somebody stands in the picture all the while."""

    shift: tuple[int, int] = (0, 0)
    light: float = 1.0
    place: int = 3
    standing: bool = False


BY_DAY = Camera()


@cache
def floor(place: int = 3) -> Image:
    """Tiles, stains and edges, larger than the picture by 60 pixels to each side."""
    random = np.random.default_rng(place)
    shape = (HEIGHT + 120, WIDTH + 120)
    stains = cv2.resize(random.normal(0, 14, (shape[0] // 8, shape[1] // 8)), shape[::-1])
    image = np.clip(135 + stains[:, :, None] + np.zeros(3), 0, 255).astype(np.uint8)
    for _ in range(140):
        left, top, width, height = (int(n) for n in random.integers((0, 0, 6, 6), (shape[1], shape[0], 40, 40)))
        colour = tuple(int(n) for n in random.integers(60, 210, 3))
        cv2.rectangle(image, (left, top), (left + width, top + height), colour, -1)
    return image


def seen(camera: Camera, seconds: float = 0.0, walkers: int = 0) -> Image:
    """What the camera sees at a moment, with so many people on their way."""
    right, down = camera.shift
    image = floor(camera.place)[60 + down : 60 + down + HEIGHT, 60 + right : 60 + right + WIDTH].copy()
    if camera.standing:
        cv2.ellipse(image, (240, 140), (8, 13), 0, 0, 360, (20, 20, 25), -1, cv2.LINE_AA)
    for walker in range(walkers):
        x = (seconds * 40 + walker * 130) % (WIDTH + 60) - 30
        cv2.ellipse(image, (int(x), 60 + 50 * walker), (8, 13), 0, 0, 360, (20, 20, 25), -1, cv2.LINE_AA)
    noise = np.random.default_rng(int(seconds * 10)).normal(0, 2, image.shape)
    return np.clip(image * camera.light + noise, 0, 255).astype(np.uint8)


def write_floor_clip(path: Path, *cameras: Camera, seconds: float = 12.0, walkers: int = 3) -> Path:
    """A clip that shows each camera's view for so many seconds, ten pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(int(seconds * 10) * len(cameras)):
            camera = cameras[number // int(seconds * 10)]
            picture = seen(camera, number / 10, walkers)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path
