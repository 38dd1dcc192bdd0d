"""Images in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, blue, green, red, 0..255, C-contiguous."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a video: ``seconds`` since the source began, on the source's own clock."""

    image: Image
    seconds: float


class FrameSource(Protocol):
    """A camera, stream, clip or folder of pictures.

    Iterating raises ``SourceError`` when the source cannot be read or dies; a clip's end is a normal end.
    """

    @property
    def name(self) -> str:
        """The source without any credential in it."""
        ...

    @property
    def is_live(self) -> bool:
        """True for cameras and streams, where frames are dropped rather than queued."""
        ...

    def __iter__(self) -> Iterator[Frame]: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
