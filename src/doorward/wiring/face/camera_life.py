"""A checkpoint's camera in the live view: signs of life while frames come, away and back, and away at the end."""

from collections.abc import Generator, Iterator

from doorward.adapters.video.watched import Gaps
from doorward.kernel.image import Frame
from doorward.passages.live import AWAY, HERE, LiveKind
from doorward.wiring.face.live import LiveView


class CameraLife:
    """Of the camera at the checkpoint ``name``."""

    def __init__(self, live: LiveView, name: str) -> None:
        self._live = live
        self._name = name

    def gaps_told_too(self, gaps: Gaps) -> Gaps:
        """``gaps``, of which the live view is told as well."""

        def began(reason: str) -> None:
            self._live.state(LiveKind.CAMERA, self._name, AWAY)
            gaps.began(reason)

        def ended(seconds: float) -> None:
            self._live.state(LiveKind.CAMERA, self._name, HERE)
            gaps.ended(seconds)

        return Gaps(began, ended)

    def frames(self, frames: Iterator[Frame]) -> Generator[Frame]:
        """``frames``, each a sign of life; away at their end, however that comes."""
        try:
            for frame in frames:
                self._live.is_here(LiveKind.CAMERA, self._name)
                yield frame
        finally:
            self._live.state(LiveKind.CAMERA, self._name, AWAY)
