"""Processes cut short at random moments, again and again, and their site examined after each."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from doorward.adapters.backup.encryption import make_identity
from doorward.bench.faults_check import Faults, check
from doorward.bench.faults_injection import Failing
from doorward.bench.faults_supervision import Point
from doorward.bench.faults_told import Told
from doorward.errors import InternalError
from doorward.wiring.face.opening import create_site

ROUNDS = 20
"""Unless more or fewer are asked for."""

ROUNDS_A_SITE = 25
"""Then a new one, so that its log stays short."""

_NUMBERS_A_ROUND = 1_000
_MOST_LINES = 14
_LONGEST_PAUSE_S = 0.06
_FAULTS = (None, None, *Failing)
"""Half of the rounds kill; the others let the disk fail."""


@dataclass(frozen=True, slots=True)
class Result:
    """``acknowledged``: acts, of which ``lost`` did not hold. ``log_ok``: the audit log verified after each round."""

    rounds: int
    acknowledged: int
    lost: int
    half_done: int
    log_ok: bool

    @property
    def ok(self) -> bool:
        return self.log_ok and not self.lost and not self.half_done

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Ground:
    """A throw-away site, unlocked by a key file, with a folder for its backups and the identity that opens them."""

    site: Path
    backups: Path
    identity: Path
    recipient: str

    @classmethod
    def laid_out(cls, folder: Path) -> "Ground":
        """In ``folder``, which exists and is empty."""
        create_site(folder / "site", key_file=folder / "site.key")
        (folder / "backups").mkdir()
        return cls(folder / "site", folder / "backups", folder / "identity", make_identity(folder / "identity"))


class Nursery:
    """A process that has everything imported (``process``: its id), and children of it that are cut short."""

    def __init__(self, process: int, tasks: IO[str], told: IO[str]) -> None:
        self.process = process
        self._tasks = tasks
        self._told = told

    def cut_short(self, ground: Ground, number: int, chance: random.Random) -> Iterator[Sequence[object]]:
        """The lines of one child, which ``chance`` cuts short so many lines and milliseconds from its start."""
        failing = chance.choice(_FAULTS)
        self._tell(
            site=str(ground.site),
            backups=str(ground.backups),
            recipient=ground.recipient,
            first=number * _NUMBERS_A_ROUND,
            seed=chance.getrandbits(32),
            failing=failing,
        )
        _, child = self._line()
        for _ in range(chance.randint(1, _MOST_LINES)):
            yield self._line()
        time.sleep(chance.uniform(0, _LONGEST_PAUSE_S))
        os.kill(int(str(child)), signal.SIGUSR1 if failing else signal.SIGKILL)
        while (line := self._line())[0] != "ended":
            yield line
        if line[1] not in (0, signal.SIGKILL):
            raise InternalError("The process under test ended by itself; what it said is above. Report this.")

    def act_cut_short(self, act: Mapping[str, object], point: Point) -> Iterator[Sequence[Any]]:
        """The lines of one child that does one act; the last is ``ended``, its status, and its calls by kind."""
        self._tell(act=act, point=asdict(point))
        while (line := self._line())[0] != "ended":
            yield line
        yield line

    def _tell(self, **task: object) -> None:
        print(json.dumps(task), file=self._tasks, flush=True)

    def _line(self) -> Sequence[Any]:
        line = self._told.readline()
        if not line:
            raise InternalError("The process that raises those under test has ended; report this.")
        words: Sequence[Any] = json.loads(line)
        return words


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Ends when its input does, and so with the block."""
    command = [sys.executable, "-m", "doorward.bench.faults_worker"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    with process:
        if process.stdin is None or process.stdout is None:
            raise InternalError("The process under test has no pipes; report this.")
        yield Nursery(process.pid, process.stdin, process.stdout)


def run(
    rounds: int | None, seed: int, on_progress: Callable[[int, int], None], on_fault: Callable[[str], None]
) -> Result:
    """So many processes cut short on throw-away sites; ``on_fault`` is given each sentence of what does not hold.

    ``on_progress`` is given how many are done, of how many.
    """
    rounds = rounds or ROUNDS
    chance = random.Random(seed)  # noqa: S311 - it chooses moments and keeps no secret
    acknowledged, lost, half_done, log_ok = 0, 0, 0, True
    with nursery() as children:
        for begin in range(0, rounds, ROUNDS_A_SITE):
            told, faults = Told(), Faults()
            with TemporaryDirectory(prefix="doorward-bench-") as name:
                ground = Ground.laid_out(Path(name))
                for number in range(begin, min(begin + ROUNDS_A_SITE, rounds)):
                    for line in children.cut_short(ground, number, chance):
                        told.hear(line)
                    check(ground.site, told, ground.identity, faults)
                    on_progress(number + 1, rounds)
            for sentence in sorted(faults.lost | faults.half_done):
                on_fault(sentence)
            acknowledged, log_ok = acknowledged + told.acknowledged, log_ok and faults.log_ok
            lost, half_done = lost + len(faults.lost), half_done + len(faults.half_done)
    return Result(rounds, acknowledged, lost, half_done, log_ok)
