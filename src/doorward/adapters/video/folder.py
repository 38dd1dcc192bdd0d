"""A folder of pictures, in the order of their names, five a second."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from PIL import Image as Pictures

from doorward.adapters.video.decoding import check_size
from doorward.errors import SourceError
from doorward.kernel.image import Frame, Image

SUFFIXES = (".jpg", ".jpeg", ".png")
FRAMES_A_SECOND = 5.0


class FolderSource:
    """JPEG and PNG pictures of a folder as a video of 5 frames a second."""

    is_live = False

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._pictures = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
        if not self._pictures:
            raise SourceError(f"The folder {self.name} holds no JPEG or PNG pictures; name one that does.")

    def __iter__(self) -> Iterator[Frame]:
        for index, path in enumerate(self._pictures):
            yield Frame(_read(path), index / FRAMES_A_SECOND)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        return None


def _read(path: Path) -> Image:
    try:
        data = path.read_bytes()
        with Pictures.open(path, formats=("JPEG", "PNG")) as header:
            check_size(header.width, header.height, path.name)
        picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except (OSError, ValueError, Pictures.DecompressionBombError, cv2.error):
        picture = None
    if picture is None:
        raise SourceError(f"{path.name} is not a picture that can be read; take it out of the folder or replace it.")
    return np.ascontiguousarray(picture, dtype=np.uint8)
