"""How much of a folder of documents is still read when its pages are distorted, and whether anything is read wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from doorward.adapters.system import SystemClock
from doorward.bench.distortions import DISTORTIONS
from doorward.bench.documents import folder_scans
from doorward.documents.zone import MachineReadableZone
from doorward.kernel.image import Image
from doorward.wiring.face.documents import DocumentModels, Patience, load_document_models

_PATIENT = Patience(zone=60, text=60)
"""So that what else the machine does decides nothing."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Of the ``scans`` that are read undistorted, ``read``: with the same format, state, number and dates.

    ``first_look``: how many of those in the first look. ``wrong``: confirmed with another number or date, those counted
    that are not confirmed undistorted; ``other_state``: the number and dates right, and the state another.
    """

    scans: int
    read: int
    first_look: int
    wrong: int
    other_state: int


def run(folder: Path, seed: int, on_progress: Callable[[int, int], None]) -> Mapping[str, Tried]:
    """Each scan in ``folder`` as it is, which is taken for right, and under every distortion; by the distortion."""
    pages = folder_scans(folder)
    models, today = load_document_models(None, patience=_PATIENT), SystemClock().now().date()
    total = len(pages) * (1 + len(DISTORTIONS))
    right = []
    for place, page in enumerate(pages):
        right.append(_read(page, models, today)[0])
        on_progress(place + 1, total)
    tried = {}
    for number, (name, distort) in enumerate(DISTORTIONS.items()):
        found = []
        for place, page in enumerate(pages):
            rng = np.random.default_rng([seed, number, place])
            found.append(_read(np.ascontiguousarray(distort(page, rng)), models, today))
            on_progress(len(pages) * (1 + number) + place + 1, total)
        tried[name] = _counted(right, found)
    return tried


def _read(page: Image, models: DocumentModels, today: date) -> tuple[MachineReadableZone | None, int]:
    finding = models.zones.read(page, today)
    return (finding.judgement.zone if finding.judgement else None), finding.looks


def _counted(right: list[MachineReadableZone | None], found: list[tuple[MachineReadableZone | None, int]]) -> Tried:
    outcomes = [(_told(wanted), _told(zone), looks) for wanted, (zone, looks) in zip(right, found, strict=True)]
    read = [looks for wanted, told, looks in outcomes if wanted and told == wanted]
    others = [(wanted, told) for wanted, told, _ in outcomes if told and told != wanted]
    other_state = sum(wanted is not None and told[1:] == wanted[1:] for wanted, told in others)
    return Tried(
        sum(one is not None for one in right), len(read), read.count(1), len(others) - other_state, other_state
    )


def _told(zone: MachineReadableZone | None) -> tuple[object, ...] | None:
    """The state first; the name is left out, for no check digit covers it."""
    if zone is None:
        return None
    return zone.issuing_state, zone.format, zone.number, zone.birth_digits, zone.expiry_date
