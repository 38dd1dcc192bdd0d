"""A short overhead clip, its scene file, and walks over the same scene."""

from pathlib import Path

import av
import cv2
import numpy as np

SCENE = """
image = { width = 320, height = 180 }

[detector]
person_radius = 0.2

[[points]]
image = [0, 0]
ground = [0.0, 4.5]
[[points]]
image = [320, 0]
ground = [8.0, 4.5]
[[points]]
image = [320, 180]
ground = [8.0, 0.0]
[[points]]
image = [0, 180]
ground = [0.0, 0.0]

[[lines]]
id = "door"
from = [4.0, 0.0]
to = [4.0, 4.5]

[[zones]]
id = "hall"
corners = [[0, 0], [8, 0], [8, 4.5], [0, 4.5]]
"""


def write_overhead_clip(folder: Path, *, seconds: float = 8.0) -> tuple[Path, Path]:
    """Two people walk to the left and one to the right over a grey floor, 10 pictures a second, after one second."""
    rng = np.random.default_rng(0)
    clip, scene = folder / "crowd.mp4", folder / "scene.toml"
    scene.write_text(SCENE, encoding="utf-8")
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height = 320, 180
        stream.pix_fmt = "yuv420p"
        for index in range(int(seconds * 10)):
            image = np.full((180, 320, 3), 140, np.uint8)
            gone = (index / 10 - 1.0) * 1.3 * 40
            if gone >= 0:
                for x, y in ((310 - gone, 40), (330 - gone, 90), (10 + gone, 140)):
                    cv2.ellipse(image, (int(x), y), (6, 10), 0, 0, 360, (40, 40, 50), -1, cv2.LINE_AA)
            noisy = np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="bgr24")))
        container.mux(stream.encode())
    return clip, scene


def write_walks(folder: Path) -> Path:
    """Two who cross the clip scene's door inwards (to the left) and one outwards, at 25 frames a second."""
    rows = []
    for person, (start, towards, y) in enumerate([(7.5, -1, 1.0), (7.8, -1, 2.0), (0.5, 1, 3.0)], start=1):
        rows += [f"{frame} {person} {start + towards * frame * 0.05:.3f} {y}" for frame in range(0, 130, 10)]
    path = folder / "walks.txt"
    path.write_text("\n".join(rows))
    return path
