"""Photo to decision as a user's program asks for it: Doorward's site beside its peers, photo by photo, in one run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from doorward.bench.stopwatch import Stopwatch, last_cores, race
from doorward.bench.verify_contenders import Lap, OurSite, Setting, peers
from doorward.errors import NotFound

WAYS = (
    "two_threads",
    "with_pad",
    "two_threads_with_pad",
    "with_document",
    "two_threads_with_document",
)
"""How Doorward decides beside the plain way, on one thread: names in the answer."""

_WARM_UP = 4

Task = tuple[str, bytes]
"""Who is claimed, and the photo."""


@dataclass(frozen=True, slots=True)
class Result:
    """``laps`` by contender, over the photos that every one of them decided on."""

    laps: Mapping[str, Sequence[Lap]]
    photos: int
    skipped: int
    peers: frozenset[str]

    def to_json(self) -> dict[str, object]:
        told = {name: _told(laps) for name, laps in self.laps.items()}
        ours: dict[str, object] = dict(told["ours"])
        ours |= {name: told.get(name) for name in WAYS}
        return {
            "ours": ours,
            "peers": {name: told[name] for name in told if name in self.peers},
            "photos": self.photos,
            "skipped": self.skipped,
        }


def run(
    references: Mapping[str, bytes],
    tasks: Sequence[Task],
    pad_models: Path | None,
    document: bytes | None,
    on_progress: Callable[[int], None],
) -> Result:
    """Every contender on every photo, in turns that rotate, each in a process of its own; ours also on two threads.

    ``references``: the photo that each person is enrolled with. All tasks claim the person whom the photo shows.
    """
    others = peers()
    settings = {"ours": Setting()}
    if pad_models is not None:
        settings["with_pad"] = Setting(pad_models=pad_models)
    if document is not None:
        settings["with_document"] = Setting(document=document)
    settings |= {
        "two_threads" if name == "ours" else f"two_threads_{name}": replace(setting, threads=2)
        for name, setting in settings.items()
    }
    with ExitStack() as stack:
        watches = {
            name: stack.enter_context(Stopwatch(OurSite, last_cores(setting.threads), (references, setting)))
            for name, setting in settings.items()
        }
        for name, made in others.items():
            watches[name] = stack.enter_context(Stopwatch(made, last_cores(1), (references, Setting())))
        laps = race(watches, tasks, _WARM_UP, on_progress)
    measured = len(laps["ours"])
    if not measured:
        raise NotFound("No photo was decided on by every contender; name other photos with --images.")
    return Result(laps, measured, len(tasks) - measured, frozenset(others))


def _told(laps: Sequence[Lap]) -> dict[str, float]:
    milliseconds = [lap.ms for lap in laps]
    return {
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 2),
        "p99_ms": round(float(np.percentile(milliseconds, 99)), 2),
        "accepted": round(sum(lap.accepted for lap in laps) / len(laps), 4),
    }
