"""Photo to template and to decision: Doorward beside its peers, photo by photo, on one core."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from doorward.bench.contenders import CONTENDERS, THREADS, Lap
from doorward.bench.stopwatch import Stopwatch, last_cores
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
    laps: dict[str, list[Lap]] = {name: [] for name in CONTENDERS}
    with ExitStack() as stack:
        watches = {name: stack.enter_context(Stopwatch(made, cores)) for name, made in CONTENDERS.items()}
        for watch in watches.values():
            for octets in photos[:_WARM_UP]:
                watch.lap(octets)
        names = list(watches)
        for place, octets in enumerate(photos):
            turn = place % len(names)
            round_laps = {name: watches[name].lap(octets) for name in names[turn:] + names[:turn]}
            whole = {name: lap for name, lap in round_laps.items() if lap is not None}
            if len(whole) == len(names):
                for name, lap in whole.items():
                    laps[name].append(lap)
            on_progress(place + 1)
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
