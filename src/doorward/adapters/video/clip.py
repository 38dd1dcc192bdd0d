"""A video file, read on its own clock and as fast as it is asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import av.container
import av.error

from doorward.adapters.video.decoding import CLIP_FORMATS, open_container, to_image
from doorward.errors import SourceError
from doorward.kernel.image import Frame


class ClipSource:
    """One video file. ``SourceError`` on opening when it is no video, on iterating when it is damaged."""

    is_live = False

    def __init__(self, path: Path) -> None:
        self.name = path.name
        # "file:" and the whitelists keep a crafted name or playlist from reaching other files or the network.
        options = {"protocol_whitelist": "file", "format_whitelist": CLIP_FORMATS}
        try:
            self._container = open_container(f"file:{path.resolve()}", name=self.name, options=options)
        except (av.error.FFmpegError, OSError):
            raise SourceError(
                f"{self.name} is not a video that can be read; it may be damaged or of another kind."
            ) from None
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"

    def __iter__(self) -> Iterator[Frame]:
        first: float | None = None
        seconds = 0.0
        try:
            for index, frame in enumerate(self._container.decode(self._stream)):
                time = frame.time if frame.time is not None else index / self._frames_a_second()
                first = time if first is None else first
                # Time never runs backwards, whatever a damaged file says.
                seconds = max(seconds, time - first)
                yield Frame(to_image(frame, self.name), seconds)
        except (av.error.FFmpegError, OSError):
            raise SourceError(f"{self.name} is damaged after {seconds:.1f} s and cannot be read further.") from None
        if first is None:
            raise SourceError(f"{self.name} holds no frame that can be read; it may be damaged.")

    def _frames_a_second(self) -> float:
        return float(self._stream.average_rate or 25)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._container.close()
