"""A camera that goes away, falls silent, sends noise or freezes, and comes back with pictures of another size."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from random import Random
from threading import Thread

import numpy as np

from doorward.adapters.video.watched import Gaps, Limits, open_watched
from doorward.bench.rtsp_server import RtspServer
from doorward.errors import InternalError
from doorward.kernel.image import Image

LATEST_S = 10.0
"""After its return a camera has to be back within so many seconds."""

_LIMITS = Limits(frozen=2.0)
"""The 20 seconds of a real camera would make a frozen one long."""

_SIZES = ((160, 96), (320, 192))
_BAD_SIZE = (128, 64)
_PICTURES = 10
_LONGEST_AWAY_S = 4.0
_PATIENCE_S = 60.0
_PAUSE_S = 0.005


class CameraTrouble(StrEnum):
    GONE = "gone"
    SILENT = "silent"
    GARBAGE = "garbage"
    FROZEN = "frozen"


@dataclass(slots=True)
class CameraTally:
    """``back_s``: the longest from a camera's return to its next picture, of ``rounds``; ``late``: longer than
    ``LATEST_S``. ``gaps``: told as over. ``untold``: rounds without one.
    """

    rounds: int = 0
    back_s: float = 0.0
    late: int = 0
    gaps: int = 0
    untold: int = 0

    @property
    def ok(self) -> bool:
        return not (self.late or self.untold)


class _Watcher:
    """Reads a camera as a checkpoint does, and keeps what it saw last."""

    def __init__(self, url: str) -> None:
        self.gaps = self.ended = 0
        self.size: tuple[int, int] | None = None
        self._is_over = False
        self._source = open_watched(url, Gaps(self._began, self._back), _LIMITS)
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def until(self, is_so: Callable[[], bool]) -> None:
        ends = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > ends:
                raise InternalError("A camera that is back was not read any more; report this.")
            time.sleep(_PAUSE_S)

    def end(self) -> None:
        self._is_over = True
        self._thread.join(_PATIENCE_S)

    def _watch(self) -> None:
        with self._source as frames:
            for frame in frames:
                height, width = frame.image.shape[:2]
                self.size = (width, height)
                if self._is_over:
                    return

    def _began(self, _: str) -> None:
        self.gaps += 1
        self.size = None

    def _back(self, _: float) -> None:
        self.ended += 1


def run(rounds: int, seed: int, on_progress: Callable[[int], None]) -> CameraTally:
    """So many times away and back; ``on_progress`` is given how many are done."""
    tally, chance = CameraTally(), Random(seed)  # noqa: S311 - it chooses moments and keeps no secret
    camera = RtspServer(size=_SIZES[0])
    watcher = _Watcher(camera.url)
    try:
        for number, trouble in zip(range(rounds), cycle(CameraTrouble), strict=False):
            watcher.until(lambda: watcher.size is not None)
            before = watcher.gaps
            camera.__exit__()
            with _troubled(trouble, camera.port):
                time.sleep(chance.uniform(_PAUSE_S, _LONGEST_AWAY_S))
            size = _SIZES[(number + 1) % len(_SIZES)]
            camera, returned = RtspServer(size=size, port=camera.port), time.monotonic()
            watcher.until(lambda size=size: watcher.size == size)  # type: ignore[misc] # mypy infers no type of size
            took = time.monotonic() - returned
            tally.back_s = max(tally.back_s, round(took, 1))
            tally.late += took > LATEST_S
            tally.untold += watcher.gaps == before
            tally.rounds += 1
            on_progress(tally.rounds)
        tally.gaps = watcher.ended
    finally:
        watcher.end()
        camera.__exit__()
    return tally


def _troubled(trouble: CameraTrouble, port: int) -> AbstractContextManager[object]:
    if trouble is CameraTrouble.GONE:
        return nullcontext()
    if trouble is CameraTrouble.SILENT:
        return RtspServer(size=_BAD_SIZE, port=port, stall_after=_PICTURES)
    if trouble is CameraTrouble.GARBAGE:
        return RtspServer(size=_BAD_SIZE, port=port, garbage_after=_PICTURES)
    return RtspServer(size=_BAD_SIZE, port=port, pictures=_frozen)


def _frozen() -> Iterator[Image]:
    width, height = _BAD_SIZE
    return cycle([np.full((height, width, 3), 90, np.uint8)])
