"""Which processes hold keys of a site: each has a locked file that bears its number, and the lock ends with it.

The lock is flock(2)'s, which opening and closing the file elsewhere does not let go of, as it does with fcntl(2)'s.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from doorward.adapters.processes import PROC, stat_fields
from doorward.errors import StorageError

FOLDER = "holders"
UNSEEN = 0
"""Stands for a process that this one cannot see: it lives in another container."""

_LONGEST = 200
_PAUSE_S = 0.02
_START_TIME = 19
"""Its place in what ``stat_fields`` gives: proc(5), field 22."""


class KeyHolder:
    """States that this process holds keys of the site whose keys lie in ``folder``, until ``let_go``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / FOLDER
        self._has_let_go = False
        with _one_at_a_time:
            _times[self._place] = _times.get(self._place, 0) + 1
            if self._place not in _handles:
                try:
                    _handles[self._place] = _entered(self._place)
                except OSError as error:
                    del _times[self._place]
                    raise StorageError(
                        f"The site's folder cannot be written ({error.strerror}); check its rights."
                    ) from None

    def let_go(self) -> None:
        """Nothing happens the second time."""
        with _one_at_a_time:
            if self._has_let_go:
                return
            self._has_let_go = True
            _times[self._place] -= 1
            if _times[self._place] == 0:
                del _times[self._place]
                with suppress(OSError):
                    (self._place / str(os.getpid())).unlink()
                if self._place in _handles:
                    os.close(_handles.pop(self._place))


_times: dict[Path, int] = {}
_handles: dict[Path, int] = {}
_one_at_a_time = threading.RLock()


def holders(folder: Path) -> Sequence[int]:
    """The numbers of the other processes that hold keys, in order; ``UNSEEN`` for one in another container."""
    found = (_holder(file) for file in (folder / FOLDER).glob("[0-9]*") if file.name != str(os.getpid()))
    return sorted(number for number in found if number is not None)


def end_holders(folder: Path, patience: float) -> tuple[Sequence[int], Sequence[int]]:
    """Ask every holder to end, and after ``patience`` seconds make it. Who has ended, and who is left."""
    asked = left = holders(folder)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            _signal(folder, process, number)
        ends = time.monotonic() + patience
        while (left := holders(folder)) and time.monotonic() < ends:
            time.sleep(_PAUSE_S)
        if not left:
            break
    return [process for process in asked if process not in left], left


def _signal(folder: Path, process: int, number: signal.Signals) -> None:
    """Only while it still holds keys: its number may be another process's by now."""
    with suppress(OSError):
        if process == UNSEEN:
            return
        if not hasattr(os, "pidfd_open"):
            os.kill(process, number)
            return
        handle = os.pidfd_open(process)
        try:
            if _holder(folder / FOLDER / str(process)) == process:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _holder(file: Path) -> int | None:
    """The process that has the file locked; ``None`` when none has, and then the file goes."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        process = int(file.name)
        return process if os.read(handle, _LONGEST) == _mark(process) else UNSEEN
    else:
        if _is(handle, file):
            file.unlink(missing_ok=True)
        return None
    finally:
        os.close(handle)


def _entered(place: Path) -> int:
    """A handle of this process's own file, locked and still the one that others see."""
    place.mkdir(mode=0o700, exist_ok=True)
    file = place / str(os.getpid())
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(handle, 0)
        os.pwrite(handle, _mark(os.getpid()), 0)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _is(handle, file):
            return handle
        os.close(handle)  # somebody took it for one that a kill left behind


def _is(handle: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except OSError:
        return False


def _mark(process: int) -> bytes:
    """Tells one process of that number from another, before, after and elsewhere; empty where there is no /proc."""
    try:
        started = stat_fields(PROC / str(process))[_START_TIME]
        return os.readlink(PROC / "self/ns/pid").encode() + b" " + started
    except (OSError, IndexError):
        return b""


def _again_in_child() -> None:
    """A forked process holds what its parent held, and says so in a file of its own."""
    _one_at_a_time._at_fork_reinit()  # type: ignore[attr-defined] # as the standard library's own modules do
    for place, handle in list(_handles.items()):
        os.close(handle)
        del _handles[place]
        with suppress(OSError):
            _handles[place] = _entered(place)


os.register_at_fork(after_in_child=_again_in_child)
