"""Cameras that are watched: one process each, ended and begun anew when no picture comes, or always the same one."""

import json
import mmap
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from zlib import crc32

import numpy as np

from doorward.adapters.video.camera_process import FRAME, HEADER, OPENED, SHARED
from doorward.adapters.video.decoding import DECODING, Decoding
from doorward.adapters.video.live import OPEN_SECONDS
from doorward.adapters.video.names import source_name
from doorward.adapters.video.source import is_live, open_source
from doorward.errors import SourceError
from doorward.kernel.image import Frame, FrameSource, Image

WAITS = (0.25, 0.5, 1.0, 2.0, 3.0)
"""Seconds between the tries to reach a camera again; the last goes on for ever, so that it is back within 10 s of its
return: a try that began just before takes ``OPEN_SECONDS``."""

BEGIN_SECONDS = 3.0
"""For the process to start, before the camera's own limit begins."""

PROGRAM = ("-m", "doorward.adapters.video.camera_process")
_EVERY = 8
_LARGEST_SENTENCE = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to open a camera, without a picture, and with the same picture over and over, pixel for pixel."""

    open: float = OPEN_SECONDS
    stall: float = 3.0
    frozen: float = 20.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Who is told that a camera gives no pictures, with the reason, and when it does again, the seconds between."""

    began: Callable[[str], None] = lambda _: None
    ended: Callable[[float], None] = lambda _: None


NO_GAPS = Gaps()
LIMITS = Limits()


def open_watched(
    spec: str, gaps: Gaps = NO_GAPS, limits: Limits = LIMITS, decoding: Decoding = DECODING
) -> FrameSource:
    """``open_source``, where a camera or stream that was there once is waited for as long as it takes.

    ``SourceError`` as there while it opens for the first time.
    """
    return WatchedCamera(spec, gaps, limits, decoding) if is_live(spec) else open_source(spec)


class WatchedCamera:
    """The newest frame of a camera or stream, read by a process of its own. ``seconds`` count from the opening, and go
    on while it is away.
    """

    is_live = True

    def __init__(self, spec: str, gaps: Gaps, limits: Limits, decoding: Decoding = DECODING) -> None:
        self.name = source_name(spec)
        self._spec = spec
        self._gaps = gaps
        self._limits = limits
        self._decoding = decoding
        self._began = time.monotonic()
        self._reader: CameraReader | None = CameraReader(spec, self.name, limits, decoding)
        if self._reader.remark:
            decoding.remark(self._reader.remark)

    @property
    def process(self) -> int:
        """The process that reads the camera now; 0 while it is away."""
        return self._reader.process if self._reader is not None else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.end()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            try:
                if self._reader is not None:
                    image, arrival = self._reader.next()
                    yield Frame(image, max(0.0, arrival - self._began))
                    continue
            except SourceError as error:
                self._gaps.began(error.message)
            self._reach_again()

    def _reach_again(self) -> None:
        since = time.monotonic()
        if self._reader is not None:
            self._reader.end()
            self._reader = None
        for number in range(sys.maxsize):
            time.sleep(WAITS[min(number, len(WAITS) - 1)])
            with suppress(SourceError):
                self._reader = CameraReader(self._spec, self.name, self._limits, self._decoding)
                break
        self._gaps.ended(time.monotonic() - since)


class CameraReader:
    """The process that reads a camera, seen from outside. ``SourceError`` when it gives no picture in time."""

    def __init__(self, spec: str, name: str, limits: Limits, decoding: Decoding = DECODING) -> None:
        self._name = name
        self._limits = limits
        self._same: tuple[int, float] | None = None
        descriptor = os.memfd_create("doorward camera")
        os.ftruncate(descriptor, SHARED)
        self._memory = mmap.mmap(descriptor, SHARED)
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by its name
            [sys.executable, *PROGRAM, str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(descriptor,),
        )
        os.close(descriptor)
        asked = {"source": spec, "open": limits.open, "stall": limits.stall, "hardware": decoding.in_hardware}
        self.remark = ""
        """On how it is decoded, if there is anything to say."""
        try:
            # Not among the arguments, where other users would read the address's password.
            self._say(json.dumps(asked).encode() + b"\n")
            until = time.monotonic() + BEGIN_SECONDS + limits.open
            length, _, _ = self._header(until, OPENED)
            self.remark = self._read(min(length, _LARGEST_SENTENCE), until).decode(errors="replace")
        except BaseException:
            self.end()
            raise

    @property
    def process(self) -> int:
        return self._process.pid

    def next(self) -> tuple[Image, float]:
        """The newest picture and its arrival, by ``time.monotonic``."""
        self._say(b"n")
        height, width, arrival = self._header(time.monotonic() + self._limits.stall + 1.0, FRAME)
        image = np.frombuffer(self._memory, np.uint8, height * width * 3).reshape(height, width, 3).copy()
        self._refuse_frozen(image, arrival)
        return image, arrival

    def end(self) -> None:
        """Kill the process, if it is there still, and let go of its memory."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if not self._memory.closed:
            self._memory.close()

    def _say(self, octets: bytes) -> None:
        with suppress(BrokenPipeError):  # what it has said before it ended is read below
            if self._process.stdin is not None:
                self._process.stdin.write(octets)
                self._process.stdin.flush()

    def _header(self, until: float, expected: int) -> tuple[int, int, float]:
        kind, height, width, arrival = HEADER.unpack(self._read(HEADER.size, until))
        if kind != expected:
            sentence = self._read(min(height, _LARGEST_SENTENCE), until).decode(errors="replace")
            raise SourceError(sentence)
        if kind == FRAME and not 0 < height * width * 3 <= SHARED:
            raise SourceError(f"{self._name} sends pictures of no size; restart the camera.")
        return height, width, arrival

    def _read(self, length: int, until: float) -> bytes:
        octets = b""
        pipe = self._process.stdout
        while pipe is not None and len(octets) < length:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise SourceError(f"{self._name} gives no picture; check its network and power.")
            more = os.read(pipe.fileno(), length - len(octets))
            if not more:
                raise SourceError(f"The process that reads {self._name} ended; what the camera sends may be damaged.")
            octets += more
        return octets

    def _refuse_frozen(self, image: Image, arrival: float) -> None:
        mark = crc32(image[::_EVERY, ::_EVERY].tobytes())
        if self._same is None or self._same[0] != mark:
            self._same = (mark, arrival)
        elif arrival - self._same[1] >= self._limits.frozen:
            raise SourceError(
                f"{self._name} shows the same picture since {self._limits.frozen:g} s; restart the camera."
            )
