"""Photo to template and to decision: Doorward beside its peers, photo by photo, on one core."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from doorward.bench.contenders import CONTENDERS, THREADS, Lap
from doorward.bench.stopwatch import Stopwatch, last_cores, race
from doorward.errors import NotFound

_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Result:
    """``laps`` by contender, over the photos of which every contender made a template."""

    laps: dict[str, list[Lap]]
    photos: int
    skipped: int

    def to_json(self) -> dict[str, object]:
        told = {name: _told(laps) for name, laps in self.laps.items()}
        ours = told.pop("ours")
        return {"ours": ours, "peers": told, "photos": self.photos, "threads": THREADS}


def run(photos: Sequence[bytes], on_progress: Callable[[int], None]) -> Result:
    """Measure every contender on every photo, in turns that rotate, after a warm-up; takes minutes for hundreds."""
    cores = last_cores(THREADS)
    with ExitStack() as stack:
        watches = {name: stack.enter_context(Stopwatch(made, cores)) for name, made in CONTENDERS.items()}
        laps = race(watches, photos, _WARM_UP, on_progress)
    measured = len(laps["ours"])
    if not measured:
        raise NotFound("No photo gave a template in every contender; name other photos with --images.")
    return Result(laps, measured, len(photos) - measured)


def _told(laps: Sequence[Lap]) -> dict[str, float]:
    templates = [lap.template_ms for lap in laps]
    decisions = [lap.decision_ms for lap in laps]
    return {
        "template_p50_ms": round(float(np.percentile(templates, 50)), 2),
        "template_p99_ms": round(float(np.percentile(templates, 99)), 2),
        "decision_p50_ms": round(float(np.percentile(decisions, 50)), 2),
    }
