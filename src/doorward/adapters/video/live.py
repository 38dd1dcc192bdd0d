"""Cameras and network streams: a reader thread keeps only the newest frame, so that nothing is ever queued."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import av
import av.container
import av.error

from doorward.adapters.video.decoding import in_words, to_image
from doorward.errors import SourceError
from doorward.kernel.image import Frame

OPEN_SECONDS = 5.0
STALL_SECONDS = 10.0

Opener = Callable[[], av.container.InputContainer]
Arrival = tuple[av.VideoFrame, float]


class LiveSource:
    """The newest frame of a camera or stream; ``seconds`` count from the first frame's arrival.

    ``SourceError`` on opening when no frame comes within ``open_seconds``, on iterating when the stream ends or
    is silent for ``stall_seconds``.
    """

    is_live = True

    def __init__(
        self, opener: Opener, *, name: str, open_seconds: float = OPEN_SECONDS, stall_seconds: float = STALL_SECONDS
    ) -> None:
        self.name = name
        self._open_seconds = open_seconds
        self._stall_seconds = stall_seconds
        self._news = threading.Condition()
        self._latest: Arrival | None = None
        self._failure: SourceError | None = None
        self._stopped = False
        self._reader = threading.Thread(target=self._read, args=(opener,), name="video reader", daemon=True)
        self._reader.start()
        latest, failure = self._wait(open_seconds)
        if latest is None:
            self._stopped = True
            raise failure or self._no_picture()
        self.began = latest[1]
        """When the first frame came, by ``time.monotonic``."""
        with self._news:
            self._latest = self._latest or latest

    def __iter__(self) -> Iterator[Frame]:
        while True:
            latest, failure = self._wait(self._stall_seconds)
            if latest is None:
                raise failure or SourceError(
                    f"{self.name} has sent nothing for {self._stall_seconds:g} s; check its network and power."
                )
            frame, arrival = latest
            yield Frame(to_image(frame, self.name), arrival - self.began)

    def _wait(self, seconds: float) -> tuple[Arrival | None, SourceError | None]:
        """Take the newest frame, waiting for it up to ``seconds``; a frame that came before a failure goes first."""
        with self._news:
            self._news.wait_for(self._has_news, timeout=seconds)
            latest, self._latest = self._latest, None
            return latest, self._failure

    def _has_news(self) -> bool:
        return self._latest is not None or self._failure is not None

    def _read(self, opener: Opener) -> None:
        failure = SourceError(f"{self.name} ended its stream; start it again or check the camera.")
        began, is_open = time.monotonic(), False
        try:
            with opener() as container:
                is_open = True
                self._keep_newest(container)
        except SourceError as error:
            failure = error
        except (av.error.FFmpegError, OSError) as error:
            # FFmpeg's own limit is the same, and an RTSP answer that it gives up waiting for is "invalid data" to it.
            is_late = not is_open and time.monotonic() - began >= self._open_seconds
            failure = self._no_picture() if is_late else self._in_a_sentence(error)
        with self._news:
            self._failure = failure
            self._news.notify_all()

    def _keep_newest(self, container: av.container.InputContainer) -> None:
        for packet in container.demux(container.streams.video[0]):
            if self._stopped:
                return
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                # A packet lost on the way spoils pictures until the next whole one: that is no end of the stream.
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    with self._news:
                        self._latest = (frame, time.monotonic())
                        self._news.notify_all()

    def _no_picture(self) -> SourceError:
        return SourceError(
            f"{self.name} sent no picture within {self._open_seconds:g} s; check its address, network and power."
        )

    def _in_a_sentence(self, error: av.error.FFmpegError | OSError) -> SourceError:
        if isinstance(error, (av.error.ExitError, av.error.TimeoutError)):
            return SourceError(f"{self.name} has sent nothing for too long; check its address, network and power.")
        if isinstance(error, av.error.HTTPUnauthorizedError):
            return SourceError(f"{self.name} refuses the user or password; check both in the address.")
        reason = in_words(error) if isinstance(error, av.error.FFmpegError) else "no connection"
        return SourceError(f"{self.name} cannot be read ({reason}); check its address, network and power.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped = True
        self._reader.join(timeout=1.0)
