"""The crowd's composition root: a source, a detector, the analysis and crowd.db, and nothing of a person."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.process import harden_process
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.video.decoding import Decoding
from doorward.adapters.video.source import open_source
from doorward.crowd.analysis import CrowdAnalysis, Summary
from doorward.crowd.areas import as_stale
from doorward.crowd.intervals import MINUTE_SECONDS, AreaCount, IntervalAggregate
from doorward.crowd.live import LiveView
from doorward.crowd.ports import IntervalStore
from doorward.crowd.scene import Scene
from doorward.errors import SourceError
from doorward.kernel.image import Frame, FrameSource
from doorward.settings.crowd.alarms_file import AlarmSettings, load_alarms
from doorward.wiring.crowd.alarming import Alarms, open_receivers
from doorward.wiring.crowd.lookout import Lookout
from doorward.wiring.crowd.model_sharing import camera_detector
from doorward.wiring.crowd.stores import alarms_of, intervals_of

STEP_SECONDS = 0.095
"""At most ten pictures a second are looked at; walking people need no more."""

VIEW_SECONDS = 1.0

STALL_SECONDS = 5.0
RETRY_SECONDS = 1.0
GIVE_UP_SECONDS = 60.0
"""A camera that is out is tried again every second for a minute; its gap is stored as unknown."""

RESTART = timedelta(minutes=5)
"""A process that is back so soon goes on with the areas' counts: few have crossed meanwhile."""


@dataclass(frozen=True, slots=True)
class CrowdReport:
    """A run: pictures analysed, what was counted, and how many intervals were stored."""

    frames: int
    detector: str
    summary: Summary
    intervals: int


class Watcher(Protocol):
    """Who looks on while a crowd is counted."""

    def see(self, view: LiveView) -> None:
        """Called once a second."""
        ...

    def remark(self, sentence: str) -> None: ...


def run_crowd(
    scene: Scene,
    source: str,
    site: Path,
    places: ModelPlaces,
    watcher: Watcher,
    limit_seconds: float | None,
    alarms: AlarmSettings | None = None,
    *,
    in_hardware: bool = True,
) -> CrowdReport:
    """Count until the source ends, the limit is reached or the user stops it; every complete minute is stored at once.

    ``SourceError`` when the source cannot be read at the start, is damaged, or stays out for a minute; what was
    counted before is stored all the same. ``CameraMoved`` when the scene keeps a still and the first picture shows it
    elsewhere; what is dark, or seen after the camera was moved later, is stored as unknown. ``ModelMissing`` or
    ``ModelRefused`` when the scene asks for a model that ``places`` do not have, or not as it has to be.
    """
    harden_process()
    settings = alarms or load_alarms(None)
    decoding = Decoding(in_hardware, watcher.remark)
    with (
        camera_detector(scene, places, site, watcher.remark) as detector,
        open_source(source, stall_seconds=STALL_SECONDS, decoding=decoding) as first,
        intervals_of(site) as store,
        alarms_of(site) as alarm_store,
        Alarms(scene, settings, alarm_store, open_receivers(settings.receivers), watcher.remark) as watching,
    ):
        clock = SystemClock()
        known = _areas_before(store, scene.name, clock.now())
        analysis = CrowdAnalysis(scene, detector.name, clock, SystemRandomness(), areas=known)
        lookout = Lookout(scene, watcher.remark)
        frames = stored = 0
        shown = 0.0

        def keep(intervals: tuple[IntervalAggregate, ...]) -> None:
            nonlocal stored
            store.add(intervals)
            stored += sum(interval.seconds == MINUTE_SECONDS for interval in intervals)

        def out(seconds: float) -> None:
            keep(analysis.advance(seconds))
            watching.see(analysis.live())

        try:
            for frame in _frames(first, source, watcher, out, decoding):
                if limit_seconds is not None and frame.seconds > limit_seconds:
                    break
                if not lookout.can_count(frame):
                    out(frame.seconds)
                    continue
                keep(analysis.observe(frame.seconds, detector.detect(frame.image)))
                frames += 1
                if frame.seconds >= shown:
                    shown = frame.seconds + VIEW_SECONDS
                    view = analysis.live()
                    watcher.see(view)
                    watching.see(view)
        except KeyboardInterrupt:
            watcher.remark("Stopped; what was counted is stored.")
        finally:
            keep(analysis.finish())
    return CrowdReport(frames, detector.name, analysis.summary(), stored)


def _areas_before(store: IntervalStore, scene: str, now: datetime) -> tuple[AreaCount, ...]:
    """What areas counted last: whole after a restart, later only the ratio they had learnt."""
    latest = store.latest(scene)
    if latest is None:
        return ()
    return latest.areas if now - latest.start <= RESTART else as_stale(latest.areas)


def _frames(
    first: FrameSource, spec: str, watcher: Watcher, out: Callable[[float], None], decoding: Decoding
) -> Iterator[Frame]:
    """The source's frames, at most ten a second; a live one that dies is opened again, its time going on."""
    began = time.monotonic()
    source, offset = first, 0.0
    while True:
        try:
            due = 0.0
            for frame in source:
                if frame.seconds >= due:
                    due = frame.seconds + STEP_SECONDS
                    yield Frame(frame.image, offset + frame.seconds)
            return
        except SourceError as error:
            if not source.is_live:
                raise
            watcher.remark(f"{error.message} Trying again.")
        with source:
            out(time.monotonic() - began)
        source = _reopen(spec, lambda: out(time.monotonic() - began), decoding)
        offset = time.monotonic() - began
        watcher.remark("The source is back.")


def _reopen(spec: str, out: Callable[[], None], decoding: Decoding) -> FrameSource:
    last_try = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            return open_source(spec, stall_seconds=STALL_SECONDS, decoding=decoding)
        except SourceError:
            out()
            if time.monotonic() > last_try:
                raise
            time.sleep(RETRY_SECONDS)
