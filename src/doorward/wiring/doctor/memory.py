"""What the system may write of the memory of Doorward's processes to a disk: core dumps and swap."""

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

from doorward.adapters.processes import PROC, limits, may_lock_any_memory, own_processes
from doorward.adapters.swap import SYS, readable_swaps
from doorward.wiring.doctor.finding import Finding, Severity

KEYS_NEED = 64 * 1024
"""Bytes of locked memory that the site's keys fit into: a page of 4 KiB each, for the provider's, the one that is to
take its place, and each version of the site key that still wraps something. A renewal leaves one such version at most.
"""

_PR_GET_DUMPABLE = 3
_UNLIMITED = "unlimited"


def check_memory(proc: Path = PROC, system: Path = SYS) -> Iterator[Finding]:
    """Core dumps, swap that can be read afterwards, and memory that cannot be kept out of it."""
    processes = [process.id for process in own_processes(proc)]
    dumping = [number for number in processes if limits(number, proc).get("Max core file size", "0") != "0"]
    if dumping or _is_dumpable():
        yield Finding(
            "core-dumps",
            Severity.WARNING,
            f"Core dumps are possible of {_named(dumping) or 'this process'}.",
            "A dump holds the keys and every template in the clear.",
            "Start it with `ulimit -c 0`; with systemd: LimitCORE=0",
        )
    if swaps := [str(swap) for swap in readable_swaps(proc, system)]:
        yield Finding(
            "swap-in-use",
            Severity.WARNING,
            f"Memory may be written to {', '.join(swaps)}, which is not known to be encrypted.",
            "Keys and templates that were swapped out stay on that disk after the machine is switched off.",
            "Encrypt the swap with a key made at each start (dm-crypt), use zram, or switch it off: swapoff -a",
        )
    yield from _check_locking(processes, bool(swaps), proc)


def _check_locking(processes: list[int], may_be_read: bool, proc: Path) -> Iterator[Finding]:
    allowed = {number: _lockable(number, proc) for number in processes}
    limited = {number: octets for number, octets in allowed.items() if octets is not None}
    if not limited:
        return
    least = min(limited.values())
    fits = least >= KEYS_NEED
    means = "the keys fit, the rest as far as there is room" if fits else f"the keys need {KEYS_NEED // 1024} KiB"
    yield Finding(
        "memory-not-locked",
        Severity.NOTE if fits and not may_be_read else Severity.WARNING,
        f"The system lets {_named(limited)} lock no more than {least // 1024} KiB of memory: {means}.",
        "What is not locked may be swapped out to a disk, or written there when the machine hibernates.",
        "Start it with `ulimit -l unlimited`; with systemd: LimitMEMLOCK=infinity",
    )


def _lockable(process: int, proc: Path) -> int | None:
    """Bytes that ``process`` may lock; ``None`` for any number, or where the system does not tell."""
    told = limits(process, proc).get("Max locked memory", _UNLIMITED)
    return int(told) if told.isdecimal() and not may_lock_any_memory(process, proc) else None


def _is_dumpable() -> bool:
    return sys.platform == "linux" and int(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)) == 1


def _named(processes: list[int] | dict[int, int]) -> str:
    return ", ".join(f"process {number}" for number in processes)
