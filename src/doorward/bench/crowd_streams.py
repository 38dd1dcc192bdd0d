"""How many streams two cores carry: `doorward crowd run` as it is run, and the processor time that each takes."""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.errors import SourceError

CORES = 2
START_SECONDS = 3.0
"""A run as long as this is measured apart, for what starting costs."""


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """``share``: of one core that a stream takes once it runs, ``frames_a_second`` that were counted of each, and
    ``carried``: how many such streams two cores carry."""

    streams: int
    seconds: float
    frames_a_second: float
    share: float

    @property
    def carried(self) -> int:
        return int(CORES / self.share)


def run(source: str, scene: Path, streams: int, seconds: float) -> StreamFigures:
    """Count ``source`` in so many processes at once; ``SourceError`` when one of them could not."""
    started, _ = _measured(source, scene, streams, START_SECONDS)
    spent, frames = _measured(source, scene, streams, START_SECONDS + seconds)
    share = max(1e-6, (spent - started) / streams / seconds)
    return StreamFigures(streams, seconds, frames / streams / (START_SECONDS + seconds), share)


def _measured(source: str, scene: Path, streams: int, seconds: float) -> tuple[float, int]:
    """Processor seconds of all, and the pictures that they counted."""
    before = _spent()
    with TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "site.toml").touch()
        with open_interval_store(site):
            pass  # made once, before several processes would
        command = [sys.executable, "-m", "doorward", "crowd", "run"]
        options = [
            "--source",
            source,
            "--scene",
            str(scene),
            "--site",
            folder,
            "--limit-seconds",
            str(seconds),
            "--json",
        ]
        running = [
            subprocess.Popen(  # noqa: S603 - our own command
                [*command, f"stream-{number}", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            for number in range(streams)
        ]
        answers = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise SourceError("A stream could not be counted to its end; see that the source serves so many at once.")
    return _spent() - before, sum(json.loads(answer)["frames"] for answer in answers)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
