"""What the system shows of our own processes, and what it writes of their memory to a disk: proc(5)."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PROC = Path("/proc")
MOST_LEADING = 8
"""Words of a command line among which an interpreter, with its options or a debugger before them, names Doorward."""

_CAP_IPC_LOCK = 14
_PARENT, _USER_TIME = 1, 11
_LIMIT = re.compile(r"^(\S.*?) {2,}(\S+) +\S+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShownProcess:
    """One process: the bytes of its command line and environment, ``None`` where the system hides them from us."""

    id: int
    command_line: bytes | None
    environment: bytes | None


def own_processes(proc: Path = PROC) -> Iterator[ShownProcess]:
    """This process, those it started, and every other that runs Doorward, whoever owns it.

    Nothing where the system has no /proc.
    """
    for folder in sorted(proc.glob("[0-9]*"), key=lambda folder: int(folder.name)):
        command_line = _octets(folder / "cmdline")
        if folder.name == str(os.getpid()) or _parent(folder) == os.getpid() or _is_doorward(command_line or b""):
            yield ShownProcess(int(folder.name), command_line, _octets(folder / "environ"))


def limits(process: int, proc: Path = PROC) -> dict[str, str]:
    """The soft limits of ``process`` by their name in proc(5), each a number or ``unlimited``."""
    return dict(_LIMIT.findall((_octets(proc / str(process) / "limits") or b"").decode(errors="replace")))


def may_lock_any_memory(process: int, proc: Path = PROC) -> bool:
    """Whether ``process`` is free of the limit on locked memory: CAP_IPC_LOCK, capabilities(7)."""
    found = re.search(rb"^CapEff:\s*([0-9a-f]{1,16})$", _octets(proc / str(process) / "status") or b"", re.MULTILINE)
    return found is not None and bool(int(found[1], 16) >> _CAP_IPC_LOCK & 1)


def swaps(proc: Path = PROC) -> tuple[Path, ...] | None:
    """The files and devices that memory is swapped out to; ``None`` where the system does not tell."""
    told = _octets(proc / "swaps")
    if told is None:
        return None
    names = (line.split()[0] for line in told.decode(errors="replace").splitlines()[1:] if line.strip())
    return tuple(Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), name)) for name in names)


def core_pattern(proc: Path = PROC) -> str | None:
    """Where the kernel writes core dumps: core(5)."""
    told = _octets(proc / "sys/kernel/core_pattern")
    return None if told is None else told.decode(errors="replace").strip()


def crash(process: subprocess.Popen[str], number: signal.Signals) -> bool:
    """Kill ``process`` by ``number`` and wait for its end: whether the kernel wrote a core dump of it."""
    process.send_signal(number)
    ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    process.wait()
    return ended is not None and ended.si_code == os.CLD_DUMPED


def _is_doorward(command_line: bytes) -> bool:
    arguments = [os.path.basename(argument) for argument in command_line.split(b"\0")]
    leading = arguments[: MOST_LEADING if arguments[0].startswith(b"python") else 2]
    named_module = any(flag == b"-m" and name.split(b".")[0] == b"doorward" for flag, name in pairwise(leading))
    return b"doorward" in leading or named_module


def _parent(folder: Path) -> int | None:
    fields = stat_fields(folder)
    return int(fields[_PARENT]) if fields else None


def stat_fields(folder: Path) -> list[bytes]:
    """What follows the name in the file ``stat`` of /proc/PID: field 3 of proc(5) first; none without such a file."""
    status = _octets(folder / "stat") or b""
    return status.rpartition(b")")[2].split()  # the name in brackets may hold spaces and brackets itself


def processor_seconds(process: int) -> float:
    """What a process has used of the processor so far; 0 where the system does not say."""
    fields = stat_fields(PROC / str(process))
    return (int(fields[_USER_TIME]) + int(fields[_USER_TIME + 1])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _octets(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # another user's process, or one that has just ended
        return None
