"""A scene's still: made from a source, kept beside the scene file, read, drawn on, and held against the source."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from doorward.adapters.crowd.scene_drawing import png_bytes, scene_png, scene_svg
from doorward.adapters.crowd.still_comparison import compare
from doorward.adapters.images import read_photo
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.process import harden_process
from doorward.adapters.video.source import open_source
from doorward.crowd.camera_shift import CameraShift
from doorward.crowd.detector_choice import MOTION
from doorward.crowd.scene import Scene
from doorward.crowd.scene_plan import scene_plan
from doorward.crowd.still import StillMaker, is_dark
from doorward.errors import PhotoError, SourceError, WrongUse
from doorward.kernel.image import Image
from doorward.wiring.crowd.detectors import still_detector

Progress = Callable[[float], None]
"""Told how many seconds were watched."""

ENOUGH_UNKNOWN = 0.5


def make_still(source: str, seconds: float, progress: Progress) -> tuple[Image, float]:
    """The place without who walks through it, from so many seconds of the source; and the share that is not known.

    ``SourceError`` when the source cannot be read; ``WrongUse`` when it is too short, too dark or never empty enough.
    """
    harden_process()
    maker, longest = StillMaker(), 0.0
    with open_source(source) as opened:
        for frame in opened:
            if frame.seconds > seconds:
                break
            maker.see(frame.image, frame.seconds)
            if frame.seconds >= longest + 1:
                longest = frame.seconds
                progress(longest)
    still, unknown = maker.still()
    if is_dark(still):
        raise WrongUse("It is too dark to see the place; make the scene by day, or with the lights on.")
    if unknown > ENOUGH_UNKNOWN:
        raise WrongUse("The place was never empty enough to see its ground; make the scene at a quieter time.")
    return still, unknown


def check_empty(still: Image, scene: Scene, places: ModelPlaces) -> bool:
    """Whether a model looked for people in the still; ``WrongUse`` when it found some, which are then kept nowhere."""
    if scene.detector.name == MOTION:
        return False
    found = len(still_detector(scene.detector, places).detect(still))
    if found:
        raise WrongUse(
            f"Somebody who did not move is still in the picture ({found} found by the model); nothing is kept. Try "
            "again when they have gone."
        )
    return True


def still_png(still: Image) -> bytes:
    return png_bytes(still)


def write_new(path: Path, octets: bytes) -> None:
    """Write a file that is not there yet, for its owner alone; ``WrongUse`` when it is there or cannot be written."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(octets)
    except FileExistsError:
        raise WrongUse(f"{path} is there already; name another file, or remove it.") from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be written ({error.strerror}); name another file.") from None


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write all of the files, as ``write_new`` does, or none."""
    written: list[Path] = []
    try:
        for path, octets in files.items():
            write_new(path, octets)
            written.append(path)
    except WrongUse:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def read_still(scene: Scene) -> Image:
    """The scene's still; ``WrongUse`` when there is none, or it is no picture of the scene's size."""
    if scene.still is None:
        raise WrongUse("The scene keeps no still; give --source, or make the scene with `doorward crowd scene make`.")
    try:
        still = read_photo(Path(scene.still), whole=True)
    except PhotoError as error:
        raise WrongUse(f"The scene's still cannot be read: {error.message}") from None
    if (still.shape[1], still.shape[0]) != scene.size:
        raise WrongUse(f"The scene's still {scene.still} is not as large as the scene's image; make it anew.")
    return still


def first_picture(source: str) -> Image:
    """What the source shows first; ``SourceError`` when that is nothing."""
    harden_process()
    with open_source(source) as opened:
        for frame in opened:
            return frame.image
    raise SourceError("The source shows no picture; give one that does.")


def shift_since(scene: Scene, still: Image, picture: Image) -> CameraShift:
    """How far the camera moved between the scene's ``still`` and a picture of now."""
    return compare(still, picture, [pixel for pixel, _ in scene.correspondences])


def draw_scene(scene: Scene, still: Image, suffix: str) -> bytes:
    """The scene's plan over the still, as ``.png`` or ``.svg``."""
    plan = scene_plan(scene)
    return scene_svg(still, plan).encode() if suffix == ".svg" else scene_png(still, plan)
