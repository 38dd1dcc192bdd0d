"""How long a document takes to read: a folder of scans, page by page, in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.system import SystemClock
from doorward.bench.photos import folder_photos
from doorward.documents.reading import DocumentReading
from doorward.errors import NotFound, PhotoError
from doorward.kernel.image import Image
from doorward.wiring.face.documents import THREADS, decoded, load_document_models, read_page
from doorward.wiring.face.models import load_face_models

_MOST_SCANS = 10_000


@dataclass(frozen=True, slots=True)
class DocumentFigures:
    """Of ``scans``, ``confirmed`` had a zone whose check digits hold; for ``first_look`` of those one look was enough.

    Seconds are medians over all scans, of each scan's best round: the first look; the whole reading with the printed
    name and the portrait; and the processor time of the whole, which other work on the machine does not lengthen.
    """

    scans: int
    confirmed: int
    first_look: int
    names_confirmed: int
    portraits: int
    threads: int
    first_look_seconds: float
    first_look_seconds_longest: float
    seconds: float
    processor_seconds: float


def run(folder: Path, rounds: int, on_progress: Callable[[int], None]) -> DocumentFigures:
    """Read every picture in ``folder`` ``rounds`` times, after one scan to warm up.

    ``NotFound`` when there is none that can be decoded; others are left out.
    """
    pages = folder_scans(folder)
    models, faces, today = load_document_models(None), load_face_models(None), SystemClock().now().date()
    read_page(pages[0], models, faces, today)
    readings: list[DocumentReading] = []
    times = np.empty((rounds, len(pages), 3))
    for place in range(rounds * len(pages)):
        round_, scan = divmod(place, len(pages))
        began = process_time()
        reading = read_page(pages[scan], models, faces, today)
        times[round_, scan] = reading.first_look_seconds, reading.seconds, process_time() - began
        if round_ == 0:
            readings.append(reading)
        on_progress(place + 1)
    return _figures(readings, times.min(axis=0))


def folder_scans(folder: Path) -> list[Image]:
    """Every picture in ``folder`` that can be decoded; ``NotFound`` when there is none."""
    pages = []
    for octets in folder_photos(folder, _MOST_SCANS):
        try:
            pages.append(decoded(octets))
        except PhotoError:
            continue
    if not pages:
        raise NotFound(f"No picture in {folder} can be read; name a folder of scans.")
    return pages


def _figures(readings: list[DocumentReading], best: NDArray[np.float64]) -> DocumentFigures:
    first, whole, processor = (float(value) for value in np.median(best, axis=0))
    confirmed = [reading for reading in readings if reading.zone is not None]
    return DocumentFigures(
        scans=len(readings),
        confirmed=len(confirmed),
        first_look=sum(reading.looks == 1 for reading in confirmed),
        names_confirmed=sum(reading.name_confirmed for reading in confirmed),
        portraits=sum(reading.has_portrait for reading in confirmed),
        threads=THREADS,
        first_look_seconds=round(first, 4),
        first_look_seconds_longest=round(float(best[:, 0].max()), 4),
        seconds=round(whole, 4),
        processor_seconds=round(processor, 4),
    )
