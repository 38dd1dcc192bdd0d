"""A clip of people presenting themselves at a checkpoint, made from their portraits.

Each walks up (small, dim and blurred at first), tilts the head, holds it upright, and leaves. It shows the
pipeline at work; it says nothing about error rates, and nobody need be present to make it.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import pi, sin
from pathlib import Path

import av
import cv2
import numpy as np

from doorward.adapters.images import read_photo
from doorward.demo.portraits import Portrait
from doorward.kernel.image import Image

WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND = 10
WALK, TILT, HOLD, AWAY = 1.2, 1.4, 1.6, 1.4
"""Seconds of each part."""

MOST_TILT = 26.0
"""Degrees."""


def make_checkpoint_clip(path: Path, portraits: Sequence[Portrait], seed: int = 11) -> Path:
    """Write the clip: MPEG-4, 640 x 480, 10 frames a second."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FRAMES_A_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FRAMES_A_SECOND)
        stream.bit_rate = 4_000_000
        for picture in _pictures(portraits, rng):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def make_changed_photo(portrait: Portrait) -> bytes:
    """The portrait turned by 12 degrees, dimmed to 55%, blurred and saved as a JPEG of middling quality."""
    photo = read_photo(portrait.path)
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 12.0, 0.9)
    changed = cv2.warpAffine(photo, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    changed = cv2.convertScaleAbs(cv2.GaussianBlur(changed, (0, 0), 1.2), alpha=0.55)
    return cv2.imencode(".jpg", changed, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()


def _pictures(portraits: Sequence[Portrait], rng: np.random.Generator) -> Iterator[Image]:
    for portrait in portraits:
        photo = read_photo(portrait.path)
        for second in np.arange(0, WALK + TILT + HOLD, 1 / FRAMES_A_SECOND):
            yield _presented(photo, float(second), rng)
        for _ in range(round(AWAY * FRAMES_A_SECOND)):
            yield _noised(_doorway(), 4.0, rng)


def _presented(photo: Image, second: float, rng: np.random.Generator) -> Image:
    nearness = min(second / WALK, 1.0)
    tilt = MOST_TILT * sin(pi * (second - WALK) / TILT) if WALK < second < WALK + TILT else 0.0
    sway = 6.0 * sin(2.3 * second)
    height, width = photo.shape[:2]
    scale = HEIGHT / height * (0.55 + 0.75 * nearness)
    turn = cv2.getRotationMatrix2D((width / 2, height * 0.42), tilt + float(rng.normal(0, 0.4)), scale)
    turn[:, 2] += (WIDTH / 2 - width / 2 + sway, HEIGHT * 0.45 - height * 0.42)
    picture = _doorway()
    cv2.warpAffine(photo, turn, (WIDTH, HEIGHT), dst=picture, borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_LINEAR)
    if nearness < 1:
        cv2.GaussianBlur(picture, (0, 0), 0.3 + 4.0 * (1 - nearness), dst=picture)
    light = 0.25 + 0.65 * nearness
    return _noised((picture * light).astype(np.uint8), 3.0, rng)


def _doorway() -> Image:
    shade = np.linspace(60, 25, HEIGHT, dtype=np.float32)[:, None, None]
    return np.broadcast_to(shade, (HEIGHT, WIDTH, 3)).astype(np.uint8).copy()


def _noised(picture: Image, sigma: float, rng: np.random.Generator) -> Image:
    noise = rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(sigma)
    noisy: Image = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return noisy
