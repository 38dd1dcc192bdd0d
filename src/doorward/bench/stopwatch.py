"""A contender in a process of its own, on chosen cores, with its own clock."""

import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any, Protocol, Self

from doorward.errors import DoorwardError, InternalError
from doorward.settings.environment import inherited

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_START_SECONDS = 300
_TASK_SECONDS = 60


class Contender(Protocol):
    """What a process of its own makes and keeps, and is given one task after another."""

    def lap(self, task: Any) -> Any:
        """What was measured; ``None`` when it could not do the task."""
        ...


class Stopwatch:
    """``make`` is called with ``arguments`` inside the process; use this as a context.

    ``patience``: seconds that one task may take.
    """

    def __init__(
        self,
        make: Callable[..., Contender],
        cores: Sequence[int],
        arguments: Sequence[Any] = (),
        patience: float = _TASK_SECONDS,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._name = getattr(make, "__name__", "?")
        self._threads = len(cores)
        self._patience = patience
        self._near, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(make, tuple(cores), tuple(arguments), far), daemon=True)

    def __enter__(self) -> Self:
        with inherited(dict.fromkeys(_THREAD_VARIABLES, str(self._threads))):
            self._process.start()
        self._answer(max(_START_SECONDS, self._patience))
        return self

    def __exit__(self, *exc: object) -> None:
        self._near.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.terminate()

    def lap(self, task: Any) -> Any:
        self._near.send(task)
        return self._answer(self._patience)

    def _answer(self, seconds: float) -> Any:
        try:
            answer = self._near.recv() if self._near.poll(seconds) else None
        except EOFError:
            answer = None
        if isinstance(answer, DoorwardError):
            raise answer
        if answer is not None:
            return answer[0]
        raise InternalError(f"The measured process {self._name} died or hangs; run the bench again.")


def race(
    watches: Mapping[str, Stopwatch], tasks: Sequence[Any], warm_up: int, on_progress: Callable[[int], None]
) -> dict[str, list[Any]]:
    """The laps of every contender, task by task in turns that rotate, after ``warm_up`` tasks that do not count.

    A task counts when every contender could do it.
    """
    for watch in watches.values():
        for task in tasks[:warm_up]:
            watch.lap(task)
    names = list(watches)
    laps: dict[str, list[Any]] = {name: [] for name in names}
    for place, task in enumerate(tasks):
        turn = place % len(names)
        round_laps = {name: watches[name].lap(task) for name in names[turn:] + names[:turn]}
        if all(lap is not None for lap in round_laps.values()):
            for name, lap in round_laps.items():
                laps[name].append(lap)
        on_progress(place + 1)
    return laps


def last_cores(count: int) -> tuple[int, ...]:
    """The last ``count`` cores that this process may use, or as many as there are."""
    if not hasattr(os, "sched_getaffinity"):
        return tuple(range(count))
    return tuple(sorted(os.sched_getaffinity(0))[-count:])


def _serve(make: Callable[..., Contender], cores: tuple[int, ...], arguments: tuple[Any, ...], far: Connection) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    try:
        contender = make(*arguments)
    except DoorwardError as error:
        far.send(error)
        return
    far.send(("ready",))
    while True:
        try:
            task = far.recv()
        except EOFError:
            return
        far.send((contender.lap(task),))
