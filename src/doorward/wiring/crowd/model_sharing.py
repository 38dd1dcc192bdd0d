"""The detector of one camera among several of a site, which share a model's process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward.adapters.crowd.model_detector import ModelDetector
from doorward.adapters.crowd.model_process.client import ModelProcess, SharedSession
from doorward.adapters.crowd.model_process.tensors import can_share
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.stores.crowd.place import crowd_database
from doorward.crowd.detector_choice import MOTION, DetectorChoice
from doorward.crowd.ports import PersonDetector
from doorward.crowd.scene import Scene
from doorward.wiring.crowd.detectors import SERVED_BY, chosen_model, clip_detector
from doorward.wiring.crowd.model_process import PROGRAM, question

PLACE_DIGITS = 16
"""Digits of its SHA-256 that tell the sockets of models apart."""


@contextmanager
def camera_detector(
    scene: Scene, places: ModelPlaces, site: Path, remark: Callable[[str], None]
) -> Iterator[PersonDetector]:
    """As ``clip_detector``; a model runs in a process that all cameras of ``site`` and of this user share.

    Where that cannot be, because the system has no memory without a name or the crowd's folder cannot be written to,
    it runs in this process. ``remark`` is told when the model's process ends and when it runs again.
    """
    folder = crowd_database(site).parent
    if scene.detector.name == MOTION or not can_share() or not os.access(folder, os.W_OK):
        yield clip_detector(scene, places)
        return
    with shared_model(scene.detector, places, folder, remark) as session:
        chosen = chosen_model(scene.detector, places)
        yield ModelDetector(chosen.card.name, session, session.input_shape, chosen.format_name, scene.size)


def shared_model(
    choice: DetectorChoice, places: ModelPlaces, folder: Path, remark: Callable[[str], None]
) -> SharedSession:
    """A connection to the process of ``folder`` that runs the model; the first one begins it."""
    card = chosen_model(choice, places).card
    place = folder / f"model-{card.sha256[:PLACE_DIGITS]}.socket"
    return SharedSession(card.name, ModelProcess(place, PROGRAM, question(choice, places, place)), SERVED_BY, remark)
