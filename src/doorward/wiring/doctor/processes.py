"""What Doorward's processes show of themselves, and what the system may write of their memory to a disk."""

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from doorward.wiring.doctor.finding import Finding, Severity

PROC = Path("/proc")

_PR_GET_DUMPABLE = 3
_SECRET_VALUE = re.compile(r"doorward_[0-9a-f]{64}|AGE-SECRET-KEY-1|://[^/\s:@]+:[^/\s@]+@")
_SECRET_NAME = re.compile(r"DOORWARD_\w*(PASSPHRASE|PASSWORD|SECRET|TOKEN|KEY)$")
_CORE_LIMIT = re.compile(r"^Max core file size +(\S+)", re.MULTILINE)
_PASSES = "Every child process, crash report and list of processes shows it to others."


@dataclass(frozen=True, slots=True)
class Process:
    """One process of Doorward's, as far as the system shows it."""

    id: int
    arguments: tuple[str, ...]
    environment: tuple[str, ...]
    core_limit: str | None


def doorward_processes(proc: Path = PROC) -> Iterator[Process]:
    """This process, and every other one that was started as ``doorward`` and may be looked at."""
    for folder in proc.glob("[0-9]*"):
        arguments = _strings(folder / "cmdline")
        if folder.name != str(os.getpid()) and not _is_doorward(arguments):
            continue
        found = _CORE_LIMIT.search(_text(folder / "limits"))
        yield Process(int(folder.name), arguments, _strings(folder / "environ"), found and found[1])


def check_exposed_secrets(proc: Path = PROC) -> Iterator[Finding]:
    """Secrets among environment variables and on command lines. Names are told, values never."""
    for process in doorward_processes(proc):
        for variable in process.environment:
            name, _, value = variable.partition("=")
            if value and (_SECRET_NAME.fullmatch(name) or _SECRET_VALUE.search(value)):
                yield Finding(
                    "secret-in-environment",
                    Severity.CRITICAL,
                    f"The environment of process {process.id} holds a secret in {name}.",
                    _PASSES,
                    f"Unset {name} and put the secret into a file of mode 600; replace a token that stood there.",
                )
        if any(_SECRET_VALUE.search(argument) for argument in process.arguments):
            yield Finding(
                "secret-on-command-line",
                Severity.CRITICAL,
                f"The command line of process {process.id} holds a token, a key or a password.",
                _PASSES,
                "Pass a file's name instead (@FILE for a camera's address), and replace what stood there.",
            )


def check_memory(proc: Path = PROC) -> Iterator[Finding]:
    """Core dumps and swap: keys and templates that the system would write to a disk."""
    dumping = [process.id for process in doorward_processes(proc) if process.core_limit not in ("0", None)]
    if dumping or _is_dumpable():
        yield Finding(
            "core-dumps",
            Severity.WARNING,
            "Core dumps are possible of " + (", ".join(f"process {number}" for number in dumping) or "this process"),
            "A dump holds the keys and every template in the clear.",
            "Start it with `ulimit -c 0`.",
        )
    swaps = [line.split()[0] for line in _text(proc / "swaps").splitlines()[1:] if line.strip()]
    if used := [swap for swap in swaps if "/zram" not in swap]:
        yield Finding(
            "swap-in-use",
            Severity.WARNING,
            f"Memory may be written to {', '.join(used)}.",
            "Keys and templates that were swapped out stay on that disk after the machine is switched off.",
            "Encrypt the swap with a key made at each start, or switch it off: swapoff -a",
        )


def _is_dumpable() -> bool:
    return sys.platform == "linux" and int(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)) == 1


def _is_doorward(arguments: tuple[str, ...]) -> bool:
    names = [Path(argument).name for argument in arguments[:3]]
    return "doorward" in names[:2] or names[1:] == ["-m", "doorward"]


def _strings(path: Path) -> tuple[str, ...]:
    return tuple(part for part in _text(path).split("\0") if part)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # another user's process, or one that has just ended
        return ""
