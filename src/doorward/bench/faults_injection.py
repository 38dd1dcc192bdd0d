"""Writes and syncs that fail from a moment on, for every library of the process, SQLite's own calls among them.

A seccomp filter (seccomp(2)) answers the named system calls with an error. It needs no privilege, and it cannot be
taken off again, so the process that installs it ends soon after.
"""

import ctypes
import errno
import platform
from enum import StrEnum

_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_RET_ALLOW = 0x7FFF0000
_RET_ERRNO = 0x00050000
# linux/bpf_common.h: load a word of the data, jump if equal, return a constant.
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06


class Failing(StrEnum):
    """``SYNC``: fsync and fdatasync answer EIO. ``WRITE``: pwrite, which databases write with, answers ENOSPC."""

    SYNC = "sync"
    WRITE = "write"


_ERRORS = {Failing.SYNC: errno.EIO, Failing.WRITE: errno.ENOSPC}
_CALLS = {
    "x86_64": {Failing.SYNC: (74, 75), Failing.WRITE: (18,)},
    "aarch64": {Failing.SYNC: (82, 83), Failing.WRITE: (68,)},
}
"""Numbers from the kernel's tables of system calls, by machine."""


class Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("constant", ctypes.c_uint),
    )


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Instruction)))


def fail_from_now(what: Failing) -> bool:
    """Let those calls of this process fail until it ends. False where the system offers no such filter."""
    calls = _CALLS.get(platform.machine(), {}).get(what)
    if platform.system() != "Linux" or calls is None:
        return False
    program = [Instruction(_LOAD, 0, 0, 0)]
    for number in calls:
        program += [Instruction(_EQUAL, 0, 1, number), Instruction(_RETURN, 0, 0, _RET_ERRNO | _ERRORS[what])]
    program.append(Instruction(_RETURN, 0, 0, _RET_ALLOW))
    held = (Instruction * len(program))(*program)
    prctl = ctypes.CDLL(None).prctl
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(Program(len(program), held)), 0, 0) == 0)
