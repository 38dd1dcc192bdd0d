"""How many streams two cores carry: `doorward crowd run` as it is run, and the processor time that each takes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.crowd.model_process.client import SharedSession
from doorward.adapters.crowd.model_process.tensors import can_share
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.people_cards import PEOPLE_CARDS
from doorward.adapters.processes import PROC, processor_seconds
from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.bench.crowd_people import drawn, wide_scene
from doorward.bench.rtsp_server import RtspServer, encoded
from doorward.crowd.detector_choice import MOTION, DetectorChoice
from doorward.errors import ModelMissing, SourceError
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.scene_text import SceneDraft, scene_text
from doorward.wiring.crowd.model_sharing import shared_model

CORES = 2
RATE = 5.0
"""Pictures a second of the bench's own server."""

PEOPLE, LENGTH = 20, 10.0
"""Who walks there, and the seconds after which its pictures begin again."""

START_SECONDS, A_STREAM_SECONDS = 3.0, 1.0
"""Before what is measured, and as much more for each stream, until all of them run."""

SAMPLED_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """``frames_a_second``: counted of each stream. ``share``: of one core that a stream takes once it runs, its part of
    the model's process included; ``model_share``: that part, 0 without such a process."""

    streams: int
    seconds: float
    frames_a_second: float
    share: float
    model_share: float

    @property
    def carried(self) -> int:
        """How many such streams two cores carry."""
        return int(CORES / self.share)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Processor seconds of the cameras' processes and of the model's, at a ``time.monotonic``."""

    time: float
    cameras: float
    model: float


def run_own(
    choices: Mapping[str, DetectorChoice], places: ModelPlaces, streams: int, seconds: float
) -> Iterator[tuple[str, StreamFigures]]:
    """Each of the detectors on streams of a server of the bench's own: H.264 over RTSP, 960 x 640, people walking.

    Nothing where the system does not tell what a process spends.
    """
    if not PROC.is_dir():
        return
    scene = wide_scene()
    pictures = drawn(PEOPLE, LENGTH)
    units = list(islice(encoded(iter(pictures), scene.size), len(pictures)))
    draft = SceneDraft(
        scene.size,
        scene.correspondences,
        {line.id: (line.start, line.end) for line in scene.lines},
        {zone.id: zone.corners for zone in scene.zones},
    )
    with TemporaryDirectory() as folder, RtspServer(size=scene.size, units=units, frames_a_second=RATE) as server:
        path = Path(folder) / "scene.toml"
        for name, choice in choices.items():
            path.write_text(scene_text(draft) + _detector_text(choice), encoding="utf-8")
            yield name, run(server.url, path, streams, seconds, places)


def run(source: str, scene: Path, streams: int, seconds: float, places: ModelPlaces) -> StreamFigures:
    """Count ``source`` in so many processes at once; ``SourceError`` when one of them could not.

    For systems with a /proc.
    """
    limit = START_SECONDS + A_STREAM_SECONDS * streams + seconds
    with TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "site.toml").write_text(_models_text(places), encoding="utf-8")
        with open_interval_store(site):
            pass  # made once, before several processes would
        with _model_process(load_scene(scene, "stream").detector, places, site) as model:
            running = _begun(source, scene, site, streams, limit)
            samples = list(_sampled(running, model.process if model else None))
            frames = sum(_frames(process) for process in running)
    window = [sample for sample in samples if samples[-1].time - sample.time <= seconds]
    lasted = max(SAMPLED_EVERY_S, window[-1].time - window[0].time)
    model_share = (window[-1].model - window[0].model) / lasted / streams
    share = (window[-1].cameras - window[0].cameras) / lasted / streams + model_share
    return StreamFigures(streams, seconds, frames / streams / limit, max(1e-6, share), model_share)


def _begun(source: str, scene: Path, site: Path, streams: int, seconds: float) -> list[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "doorward", "crowd", "run"]
    options = ["--source", source, "--scene", str(scene), "--site", str(site), "--limit-seconds", str(seconds)]
    return [
        subprocess.Popen(  # noqa: S603 - our own command
            [*command, f"stream-{number}", *options, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in range(streams)
    ]


def _sampled(running: Sequence[subprocess.Popen[str]], model: int | None) -> Iterator[_Sample]:
    """What was spent so far, again and again until the first of the processes ends."""
    while True:
        cameras = sum(processor_seconds(process.pid) for process in running)
        sample = _Sample(time.monotonic(), cameras, 0.0 if model is None else processor_seconds(model))
        if any(process.poll() is not None for process in running):
            return
        yield sample
        time.sleep(SAMPLED_EVERY_S)


def _frames(process: subprocess.Popen[str]) -> int:
    answer = process.communicate()[0]
    if process.returncode:
        raise SourceError("A stream could not be counted to its end; see that the source serves so many at once.")
    frames: int = json.loads(answer)["frames"]
    return frames


@contextmanager
def _model_process(choice: DetectorChoice, places: ModelPlaces, site: Path) -> Iterator[SharedSession | None]:
    """The process that the streams will share, held from outside so that what it spends can be asked."""
    with ExitStack() as held:
        yield (
            held.enter_context(shared_model(choice, places, site, lambda _: None))
            if choice.name != MOTION and can_share()
            else None
        )


def _models_text(places: ModelPlaces) -> str:
    """Settings of a site that has the models which ``places`` have."""
    lines = ["[models]"]
    for card in PEOPLE_CARDS:
        with suppress(ModelMissing):
            lines.append(f"{card.name} = {json.dumps(str(places.find(card).absolute()))}")
    return "\n".join(lines) + "\n" if len(lines) > 1 else ""


def _detector_text(choice: DetectorChoice) -> str:
    entries = {"name": choice.name}
    if choice.weights is not None:
        entries |= {"weights": str(Path(choice.weights.path).absolute()), "sha256": choice.weights.sha256}
    return "\n[detector]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entries.items())
