"""What counting costs: each detector and stage on one core, a crowd of 200, a day of 20 cameras on disk."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import av
import cv2
import numpy as np

from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.people_cards import PEOPLE_CARDS
from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.video.decoding import to_image
from doorward.bench.crowd_people import drawn, walkers, wide_scene
from doorward.bench.rtsp_server import encoded
from doorward.bench.stopwatch import last_cores
from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.contributions import BoundedCount, Metric, Tallied
from doorward.crowd.detector_choice import MOTION, DetectorChoice, OwnWeights
from doorward.crowd.dwell import EDGES, DwellTable
from doorward.crowd.heat_map import Grid, HeatMap
from doorward.crowd.intervals import (
    QUARTER_SECONDS,
    Density,
    IntervalAggregate,
    LineCount,
    PressurePeak,
    Speed,
    ZoneOccupancy,
)
from doorward.crowd.lines import LineCounter
from doorward.crowd.noisy_sight import NoisySight, SightNoise
from doorward.crowd.presence import Moment
from doorward.crowd.tracks import Tracker
from doorward.errors import ModelMissing
from doorward.wiring.crowd.detectors import clip_detector

CROWD = 200
CAMERAS = 20
NOISE = SightNoise(0.05, 0.03)
LINES, ZONES = ("door", "gate"), ("hall", "stairs")

START_CODE = bytes((0, 0, 0, 1))
"""Before each unit of H.264."""

WARM_UP = 25
"""Moments that do not count: tracks are believed and windows full by then."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of processor time a picture or moment, on one core."""

    mean_ms: float
    p95_ms: float

    @property
    def a_second(self) -> float:
        return 1000 / self.mean_ms

    def to_json(self) -> dict[str, float]:
        return {
            "mean_ms": round(self.mean_ms, 3),
            "p95_ms": round(self.p95_ms, 3),
            "per_second": round(self.a_second, 1),
        }


@contextmanager
def one_core() -> Iterator[None]:
    """This thread on one core, OpenCV on one thread; what the system refuses stays as it is."""
    threads = cv2.getNumThreads()
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    cv2.setNumThreads(1)
    if before is not None:
        os.sched_setaffinity(0, last_cores(1))
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
        if before is not None:
            os.sched_setaffinity(0, before)


def detectors(places: ModelPlaces, weights: Sequence[tuple[str, Path]] = ()) -> dict[str, DetectorChoice]:
    """``motion``, the models that ``places`` have by their names, and ``weights``, files by their format, by the names
    of their files; ``ModelMissing`` for a file that cannot be read."""
    choices = {MOTION: DetectorChoice(MOTION)}
    for card in PEOPLE_CARDS:
        with suppress(ModelMissing):
            places.find(card)
            choices[card.name] = DetectorChoice(card.name)
    for format_name, path in weights:
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise ModelMissing(f"The file {path} cannot be read ({error.strerror}); name a model's file.") from None
        choices[path.stem] = DetectorChoice(format_name, OwnWeights(str(path), digest))
    return choices


def detector_timings(
    choices: Mapping[str, DetectorChoice], places: ModelPlaces, people: int = 20, seconds: float = 20.0
) -> dict[str, Timing]:
    """Detectors over pictures of 960 x 640 with ``people``, seen from above, on one thread each."""
    scene, pictures = wide_scene(), drawn(people, seconds)
    return {
        name: timed(clip_detector(replace(scene, detector=choice), places).detect, pictures)
        for name, choice in choices.items()
    }


def stage_timings(people: int = CROWD, seconds: float = 40.0) -> dict[str, Timing]:
    """Stages of a moment with ``people``; ``whole``: all that follows detection. ``decode``: of a picture before it."""
    scene = wide_scene()
    truth = list(walkers(people, seconds, seed=2))
    sight = NoisySight(scene.homography, truth, NOISE)
    seen = [(moment.seconds, sight.see(moment)) for moment in truth]
    tracker = Tracker(SystemRandomness(), scene.tracker)
    tracked = []

    def track(moment: tuple[float, Any]) -> None:
        tracked.append(tracker.update(moment[0], scene.homography.to_ground(moment[1])))

    counters = [LineCounter(line, scene.hysteresis) for line in scene.lines]
    analysis = CrowdAnalysis(scene, "bench", SystemClock(), SystemRandomness())
    return {
        "decode": decode_timing(),
        "ground": timed(lambda moment: scene.homography.to_ground(moment[1]), seen),
        "tracks": timed(track, seen),
        "lines": timed(lambda tracks: [counter.update(tracks) for counter in counters], tracked),
        "whole": timed(lambda moment: analysis.observe(*moment), seen),
    }


def decode_timing(people: int = 20, seconds: float = 10.0) -> Timing:
    """A picture of 960 x 640 with ``people`` from H.264 to its pixels."""
    pictures = drawn(people, seconds)
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1

    def decoded(units: list[bytes]) -> None:
        for frame in decoder.decode(av.Packet(b"".join(START_CODE + unit for unit in units))):
            if isinstance(frame, av.VideoFrame):
                to_image(frame, "bench")

    return timed(decoded, list(islice(encoded(iter(pictures), wide_scene().size), len(pictures))))


def timed(work: Callable[[Any], object], tasks: Sequence[Any]) -> Timing:
    spent = []
    for task in tasks:
        began = process_time()
        work(task)
        spent.append((process_time() - began) * 1000)
    counted = spent[WARM_UP:] or spent
    return Timing(float(np.mean(counted)), float(np.percentile(counted, 95)))


def day_on_disk(cameras: int = CAMERAS, on_progress: Callable[[int], None] = lambda _: None) -> int:
    """Bytes of a day of ``cameras``, never empty: every measure, two lines and two zones, 30 x 30 metres each."""
    random = np.random.default_rng(3)
    midnight = datetime(2026, 5, 1, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        with open_interval_store(Path(folder)) as store:
            for camera in range(cameras):
                for number in range(86_400 // QUARTER_SECONDS):
                    store.add(_quarter(f"camera-{camera}", midnight + timedelta(minutes=15 * number), random))
                on_progress(camera + 1)
        return sum(path.stat().st_size for path in Path(folder).iterdir())


def _quarter(scene: str, begins: datetime, random: np.random.Generator) -> list[IntervalAggregate]:
    """Fifteen minutes and their quarter, with random values, which nothing makes smaller."""
    shown = random.random((30, 30)) < 0.7
    occupancy = np.where(shown, random.exponential(0.05, (30, 30)), np.nan)
    velocity = np.where(shown[..., None], random.normal(0, 0.7, (30, 30, 2)), np.nan)
    heat_map = HeatMap(Grid(0.0, 0.0, 1.0, 30, 30), occupancy, velocity)
    minutes = [_interval(scene, begins + timedelta(minutes=minute), random) for minute in range(15)]
    ways = [Tallied(Metric.CROSSINGS, line, way) for line in LINES for way in ("in", "out")]
    bounded = tuple(
        BoundedCount(of, int(random.integers(0, 400)))
        for of in (*ways, *(Tallied(Metric.VISITS, zone) for zone in ZONES))
    )
    return [
        *minutes,
        replace(_interval(scene, begins, random), seconds=QUARTER_SECONDS, heat_map=heat_map, bounded=bounded),
    ]


def _interval(scene: str, start: datetime, random: np.random.Generator) -> IntervalAggregate:
    lines, zones = tuple(_line(line, random) for line in LINES), tuple(_zone(zone, random) for zone in ZONES)
    return IntervalAggregate(scene, start, 1.0, "motion", lines, zones, levels="doorward-1")


def _line(name: str, random: np.random.Generator) -> LineCount:
    inward, outward = (int(number) for number in random.integers(0, 60, 2))
    return LineCount(name, inward, outward, 2, inward / 9, outward / 9, "B", 0)


def _zone(name: str, random: np.random.Generator) -> ZoneOccupancy:
    mean = float(random.uniform(0, 40))
    bins = len(EDGES) - 1
    dwell = DwellTable(random.integers(0, 9, bins).tolist(), random.uniform(0, 900, bins).tolist(), 31, 2)
    density = Density(*random.uniform(0, 3, 4).tolist())
    return ZoneOccupancy(
        name,
        mean,
        int(mean / 2),
        int(mean * 2),
        int(mean * 1.5),
        uncertainty=0.25,
        density=density,
        speed=Speed(*random.uniform(0, 1.5, 3).tolist()),
        dwell=dwell,
        pressure=PressurePeak(float(random.uniform(0, 0.02)), 0.01),
        service="B",
        safety=1,
    )


def seen_moments(people: int, loiterers: int, seconds: float) -> tuple[list[Moment], list[tuple[float, Any]]]:
    """Who was truly where, and the poor detections of it: 5% missed, 3% false, 5 cm of jitter."""
    scene = wide_scene()
    truth = list(walkers(people, seconds, seed=4, loiterers=loiterers))
    sight = NoisySight(scene.homography, truth, NOISE)
    return truth, [(moment.seconds, sight.see(moment)) for moment in truth]
