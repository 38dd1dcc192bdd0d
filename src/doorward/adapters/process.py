"""What a process that sees people does to itself before it sees any."""

import ctypes
import os
import resource
import sys

import numpy as np
from numpy.typing import NDArray

PR_SET_DUMPABLE = 4
_ROOT = 0
_CURRENT, _FUTURE, _WHEN_TOUCHED = 1, 2, 4
_LARGE_PAGES, _LARGE_PAGES_NOW = 14, 25
_LARGE_PAGE = 1 << 21


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def harden_process() -> None:
    """No core dumps, and on Linux no reading of this process's memory by others of the same user.

    ``PR_SET_DUMPABLE`` 0: prctl(2). It also hides /proc/self from other users' processes. Where the system has no
    such call, core dumps are off all the same.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock_memory() -> bool:
    """Keep all of this process's memory out of the swap space: mlockall(2). False where the system refuses it.

    For processes of Doorward's own. Asked for only where no limit applies: under one, a later allocation would fail.
    """
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY and os.geteuid() != _ROOT:
        return False
    return bool(ctypes.CDLL(None).mlockall(_CURRENT | _FUTURE | _WHEN_TOUCHED) == 0)


def lock_array(array: NDArray[np.generic]) -> bool:
    """Keep ``array`` out of the swap space: mlock(2). False where the system, or its limit, refuses it."""
    if not array.size or not array.flags.c_contiguous:
        return not array.size
    start, length = ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
    return bool(ctypes.CDLL(None).mlock(start, length) == 0)


def ask_for_large_pages(array: NDArray[np.generic]) -> bool:
    """Let ``array`` lie in pages of 2 MiB, which are scanned quicker: madvise(2). False where the system refuses it."""
    start = -(-array.ctypes.data // _LARGE_PAGE) * _LARGE_PAGE
    end = (array.ctypes.data + array.nbytes) // _LARGE_PAGE * _LARGE_PAGE
    if sys.platform != "linux" or end <= start:
        return False
    library, place = ctypes.CDLL(None), (ctypes.c_void_p(start), ctypes.c_size_t(end - start))
    return bool(library.madvise(*place, _LARGE_PAGES) == 0 and library.madvise(*place, _LARGE_PAGES_NOW) == 0)
