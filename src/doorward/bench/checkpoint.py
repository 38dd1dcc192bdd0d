"""How many cameras one core carries: decoded, looked at five times a second, and decided upon.

The cameras are real RTSP connections to a server on another core. Each is read by a process of its own, as at a
checkpoint; all of these and the process that looks share the measured core.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import cv2
import numpy as np

from doorward.adapters.images import decode_photo
from doorward.adapters.processes import processor_seconds
from doorward.adapters.video.watched import Limits, WatchedCamera, open_watched
from doorward.bench.photos import portrait_photos
from doorward.bench.rtsp_server import RtspServer, encoded
from doorward.errors import InternalError, PhotoError
from doorward.face.capture import ONE_CLOSE_FRONTAL, find_subject
from doorward.face.quality import measure_quality
from doorward.kernel.image import Frame, Image
from doorward.wiring.face.models import FaceModels, load_face_models

LOOKS_A_SECOND = 5.0
LOOKS_A_DECISION = 20
"""A presentation takes some four seconds: every twentieth frame is made into a template and searched for."""

KEPT = 0.95
"""Of the looks that are due, what has to be done for a number of cameras to count as carried."""

LOOP_SECONDS = 4
_LIMITS = Limits(open=20.0, stall=20.0, frozen=3600.0)
_STAGES = ("detect", "quality", "template", "search")


@dataclass(frozen=True, slots=True)
class Load:
    """``size``: of the pictures; ``sent``: pictures a second that a camera sends; ``seconds``: of each measurement;
    ``people``: how many templates are searched; ``most``: cameras that are tried.
    """

    size: tuple[int, int] = (1280, 720)
    sent: float = 25.0
    seconds: float = 10.0
    people: int = 10_000
    most: int = 100


def run(load: Load, tell: Callable[[str], None]) -> dict[str, Any]:
    """What ``doorward bench checkpoint --json`` prints; ``tell`` hears what goes on."""
    cores = sorted(os.sched_getaffinity(0))
    tell("pictures")
    with cameras(load, cores[-1]) as address:
        os.sched_setaffinity(0, {cores[0]})
        try:
            return _measured(load, address, tell, shared=len(cores) < 2)
        finally:
            os.sched_setaffinity(0, set(cores))


def _measured(load: Load, address: str, tell: Callable[[str], None], *, shared: bool) -> dict[str, Any]:
    looking = Looking(load_face_models(None), load.people)
    tell("one camera")
    decode, looks = _one_camera(load, address, looking)
    stages, faces = looking.stages_ms(looks), looking.faces
    cost = (
        decode / LOOKS_A_SECOND
        + sum(stages[name] / (1 if name in ("detect", "quality") else LOOKS_A_DECISION) for name in _STAGES) / 1000
    )
    cameras = min(load.most, max(1, int(1 / (LOOKS_A_SECOND * cost)) + 1))
    while True:
        tell(f"{cameras} cameras")
        due, done = _many(load, address, looking, cameras)
        if done >= KEPT * due or cameras == 1:
            break
        cameras -= 1
    return {
        "size": list(load.size),
        "sent_per_second": load.sent,
        "looks_per_second": LOOKS_A_SECOND,
        "looks_per_decision": LOOKS_A_DECISION,
        "people": load.people,
        "looks": looks,
        "faces": faces,
        "decode_ms": round(1000 * decode / load.sent, 2),
        **{f"{name}_ms": round(stages[name], 2) for name in _STAGES},
        "streams": cameras if done >= KEPT * due else 0,
        "looks_due": due,
        "looks_done": done,
        "server_on_same_core": shared,
    }


class Looking:
    """What is done with a picture, each stage by the processor's clock."""

    def __init__(self, models: FaceModels, people: int) -> None:
        self._models = models
        self._gallery = np.random.default_rng(11).standard_normal((people, 128)).astype(np.float32)
        self._gallery /= np.linalg.norm(self._gallery, axis=1, keepdims=True)
        self._spent = dict.fromkeys(_STAGES, 0.0)
        self._times = dict.fromkeys(_STAGES, 0)
        self.faces = 0

    def look(self, picture: Image, number: int) -> None:
        try:
            with self._timed("detect"):
                face = find_subject(picture, self._models.detector, ONE_CLOSE_FRONTAL)
        except PhotoError:
            return
        self.faces += 1
        with self._timed("quality"):
            measure_quality(picture, face, ONE_CLOSE_FRONTAL.limits)
        if number % LOOKS_A_DECISION:
            return
        with self._timed("template"):
            (template,) = self._models.embedder.embed([(picture, face)])
        with self._timed("search"):
            float((self._gallery @ template.vector).max())

    def stages_ms(self, looks: int) -> dict[str, float]:
        """Milliseconds each time; ``InternalError`` when no look was done."""
        if not looks:
            raise InternalError("The cameras of the measurement sent nothing.")
        return {name: 1000 * self._spent[name] / max(1, self._times[name]) for name in _STAGES}

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            self._spent[stage] += time.thread_time() - began
            self._times[stage] += 1


def _one_camera(load: Load, address: str, looking: Looking) -> tuple[float, int]:
    """Seconds of the processor a second for decoding, and how many looks were done."""
    with ExitStack() as stack:
        camera = _opened(stack, address)
        frames = iter(camera)
        next(frames)
        spent, began, looks = processor_seconds(camera.process), time.monotonic(), 0
        for _ in _beats(load.seconds):
            looking.look(next(frames).image, looks)
            looks += 1
        return (processor_seconds(camera.process) - spent) / (time.monotonic() - began), looks


def _many(load: Load, address: str, looking: Looking, cameras: int) -> tuple[int, int]:
    """How many looks were due, and how many were done."""
    with ExitStack() as stack:
        opened: Sequence[Iterator[Frame]] = [iter(_opened(stack, address)) for _ in range(cameras)]
        for frames in opened:
            next(frames)
        done = 0
        until = time.monotonic() + load.seconds
        for beat in _beats(load.seconds):
            for place, frames in enumerate(opened):
                if time.monotonic() >= until:
                    break
                looking.look(next(frames).image, beat + place)
                done += 1
    return round(load.seconds * LOOKS_A_SECOND) * cameras, done


def _beats(seconds: float) -> Iterator[int]:
    """One number for each look that is due, at its time; late ones at once, as many as fit into ``seconds``."""
    began = time.monotonic()
    for number in range(round(seconds * LOOKS_A_SECOND)):
        wait = began + number / LOOKS_A_SECOND - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if time.monotonic() - began >= seconds:
            return
        yield number


def _opened(stack: ExitStack, address: str) -> WatchedCamera:
    camera = stack.enter_context(open_watched(address, limits=_LIMITS))
    if not isinstance(camera, WatchedCamera):
        raise InternalError("The camera of the measurement is none.")
    return camera


@contextmanager
def cameras(load: Load, core: int) -> Iterator[str]:
    """The address of a server in a process of its own on ``core``, of which every connection is a camera."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=_serve, args=(load, core, far), daemon=True)
    process.start()
    try:
        yield near.recv()
    finally:
        process.terminate()
        process.join()


def _serve(load: Load, core: int, told: Connection) -> None:
    os.sched_setaffinity(0, {core})
    units = list(encoded(iter(_pictures(load)), load.size))
    with RtspServer(size=load.size, units=units, frames_a_second=load.sent) as server:
        told.send(server.url)
        while True:
            time.sleep(60)


def _pictures(load: Load) -> list[Image]:
    """Somebody who sways before a wall, for ``LOOP_SECONDS``, the face about a third of the picture's height."""
    width, height = load.size
    photo = decode_photo(portrait_photos(1)[0])
    scale = 0.9 * height / photo.shape[0]
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(5)
    made = []
    for number in range(round(LOOP_SECONDS * load.sent)):
        picture = np.full((height, width, 3), 110, np.uint8)
        sway = round(0.02 * width * np.sin(2 * np.pi * number / (LOOP_SECONDS * load.sent)))
        left = (width - small.shape[1]) // 2 + sway
        picture[height - small.shape[0] :, left : left + small.shape[1]] = small
        noise = rng.integers(-3, 4, picture.shape, np.int16)
        made.append(np.clip(picture + noise, 0, 255).astype(np.uint8))
    return made
