"""A contender in a process of its own, on one core, with its own clock."""

import multiprocessing
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any, Self

from doorward.bench.contenders import CONTENDERS, THREADS
from doorward.errors import InternalError
from doorward.settings.environment import inherited

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_START_SECONDS = 120
_PHOTO_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Lap:
    """Milliseconds from a photo's bytes to its template, and to a decision against the photo before it."""

    template_ms: float
    decision_ms: float


class Stopwatch:
    """Use it as a context; ``lap`` answers None when the contender made no template of the photo."""

    def __init__(self, name: str, core: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._name = name
        self._near, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, core, far), daemon=True)

    def __enter__(self) -> Self:
        with inherited(dict.fromkeys(_THREAD_VARIABLES, str(THREADS))):
            self._process.start()
        self._answer(_START_SECONDS)
        return self

    def __exit__(self, *exc: object) -> None:
        self._near.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.terminate()

    def lap(self, octets: bytes) -> Lap | None:
        self._near.send(octets)
        answer: Lap | None = self._answer(_PHOTO_SECONDS)
        return answer

    def _answer(self, seconds: float) -> Any:
        try:
            if self._near.poll(seconds):
                return self._near.recv()
        except EOFError:
            pass
        raise InternalError(f"The measured process {self._name} died or hangs; run the bench again.")


def _serve(name: str, core: int, far: Connection) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    contender = CONTENDERS[name]()
    far.send("ready")
    reference = None
    while True:
        try:
            octets = far.recv()
        except EOFError:
            return
        started = perf_counter()
        try:
            template = contender.template(octets)
        except Exception:  # noqa: BLE001 - a peer's errors are its own; the photo then counts for nobody
            far.send(None)
            continue
        made = perf_counter()
        contender.decide(template, template if reference is None else reference)
        decided = perf_counter()
        reference = template
        far.send(Lap((made - started) * 1e3, (decided - started) * 1e3))
