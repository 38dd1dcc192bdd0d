"""A process whose writes, syncs and changes of names are answered by another one: each runs, fails, or is its last.

A seccomp filter that notifies (seccomp_unotify(2), Linux 5.5) sees the calls of every library of the process, SQLite's
own among them, however it was linked. Standard input, output and error are let through.
"""

import ctypes
import errno
import os
import platform
import select
import signal
import socket
import struct
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from fcntl import ioctl

from doorward.bench.faults_injection import Instruction, Program
from doorward.errors import InternalError

_SET_MODE_FILTER, _NEW_LISTENER = 1, 8
_RET_ALLOW, _RET_NOTIFY = 0x7FFF0000, 0x7FC00000
_CONTINUE = 1
# linux/seccomp.h: _IOWR('!', 0, struct seccomp_notif), _IOWR('!', 1, struct seccomp_notif_resp).
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")
# linux/bpf_common.h: load a word of the data, jump if equal, jump if greater, return a constant.
_LOAD, _EQUAL, _GREATER, _RETURN = 0x20, 0x15, 0x25, 0x06
_FIRST_ARGUMENT = 16
_PR_SET_NO_NEW_PRIVS = 38


class Call(StrEnum):
    """What a process asks of its disk. ``NAME``: to make, rename, link, remove or cut a file, or to make a folder."""

    WRITE = "write"
    SYNC = "sync"
    NAME = "name"


class Fault(StrEnum):
    """What happens at a call: it fails and later ones work again, it and all later ones fail, or the process ends."""

    ONCE = "once"
    FOR_GOOD = "for good"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Point:
    """The ``number``-th call, from 1, of those kinds."""

    fault: Fault
    calls: tuple[Call, ...]
    number: int


# Numbers from the kernel's tables of system calls: write, pwrite64, writev, pwritev, fallocate; fsync, fdatasync;
# ftruncate, rename, mkdir, link, unlink, and those that end in "at".
_CALLS = {
    "x86_64": {
        **dict.fromkeys((1, 18, 20, 296, 285), Call.WRITE),
        **dict.fromkeys((74, 75), Call.SYNC),
        **dict.fromkeys((77, 82, 83, 84, 86, 87, 258, 263, 264, 265, 316), Call.NAME),
    },
    "aarch64": {
        **dict.fromkeys((64, 68, 66, 70, 47), Call.WRITE),
        **dict.fromkeys((82, 83), Call.SYNC),
        **dict.fromkeys((46, 34, 35, 37, 38, 276), Call.NAME),
    },
}
_PLAIN_WRITE = {"x86_64": (1, 20), "aarch64": (64, 66)}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_ERRORS = {
    (Fault.ONCE, Call.WRITE): errno.EIO,
    (Fault.ONCE, Call.SYNC): errno.EIO,
    (Fault.FOR_GOOD, Call.WRITE): errno.ENOSPC,
    (Fault.FOR_GOOD, Call.SYNC): errno.EIO,
}


def submit(to: socket.socket) -> None:
    """Let whoever holds the other end of ``to`` answer this process's calls from here on.

    ``InternalError`` where the system offers no such filter.
    """
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in _CALLS:
        raise InternalError("This system offers no filter of system calls; leave out --sweep.")
    program = _filter(machine)
    held = (Instruction * len(program))(*program)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    told = Program(len(program), held)
    listener = libc.syscall(_SECCOMP[machine], _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(told))
    if listener < 0:
        raise InternalError(f"This system refused a filter of system calls ({os.strerror(ctypes.get_errno())}).")
    socket.send_fds(to, [b"."], [listener])
    os.close(listener)


def supervise(of: socket.socket, process: int, point: Point) -> Counter[Call]:
    """Answer the calls of the child ``process`` until it has ended; how many there were, by kind.

    Nothing is counted before it has submitted. The child is left for the caller to wait for.
    """
    ended = os.pidfd_open(process)
    waiting = select.poll()
    waiting.register(ended, select.POLLIN)
    waiting.register(of, select.POLLIN)
    listener, seen = -1, Counter[Call]()
    try:
        while True:
            ready = {file for file, _ in waiting.poll()}
            if of.fileno() in ready:
                waiting.unregister(of)
                _, files, _, _ = socket.recv_fds(of, 1, 1)
                if files:
                    listener = files[0]
                    waiting.register(listener, select.POLLIN)
            elif ended in ready:
                return seen
            elif listener in ready and not _answer(listener, process, point, seen):
                waiting.unregister(listener)
    finally:
        for file in (ended, listener):
            if file >= 0:
                os.close(file)


def _answer(listener: int, process: int, point: Point, seen: Counter[Call]) -> bool:
    """False when no further call will come: the process is gone or going."""
    octets = bytearray(_NOTIFICATION.size)
    try:
        ioctl(listener, _RECEIVE, octets)
    except OSError:  # it ended between the call and here
        return False
    asked, _, _, number, *_ = _NOTIFICATION.unpack(octets)
    call = _CALLS[platform.machine()][number]
    seen[call] += 1
    count = sum(seen[one] for one in point.calls)
    answer = _ANSWER.pack(asked, 0, 0, _CONTINUE)
    if call in point.calls and count >= point.number:
        if point.fault is Fault.KILL:
            os.kill(process, signal.SIGKILL)
            return False
        if count == point.number or point.fault is Fault.FOR_GOOD:
            answer = _ANSWER.pack(asked, 0, -_ERRORS[point.fault, call], 0)
    try:
        ioctl(listener, _SEND, answer)
    except OSError:
        return False
    return True


def _filter(machine: str) -> list[Instruction]:
    program = [Instruction(_LOAD, 0, 0, 0)]
    for number in _CALLS[machine]:
        if number in _PLAIN_WRITE[machine]:
            program += [
                Instruction(_EQUAL, 0, 4, number),
                Instruction(_LOAD, 0, 0, _FIRST_ARGUMENT),
                Instruction(_GREATER, 0, 1, 2),
                Instruction(_RETURN, 0, 0, _RET_NOTIFY),
                Instruction(_RETURN, 0, 0, _RET_ALLOW),
            ]
        else:
            program += [Instruction(_EQUAL, 0, 1, number), Instruction(_RETURN, 0, 0, _RET_NOTIFY)]
    program.append(Instruction(_RETURN, 0, 0, _RET_ALLOW))
    return program
