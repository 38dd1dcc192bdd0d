"""Templates of a folder of photos by one embedder or several, on every core."""

import multiprocessing
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.images import read_photo
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import fastest_choice
from doorward.adapters.process import usable_cores
from doorward.errors import NotFound, PhotoError
from doorward.evaluation.pairs import PhotoName
from doorward.evaluation.report import Acquisition
from doorward.evaluation.share import share
from doorward.face.capture import find_subject
from doorward.face.ports import FaceDetector, FaceEmbedder
from doorward.face.quality import measure_quality
from doorward.face.sample import Face
from doorward.face.template import TemplateOrigin
from doorward.kernel.image import Image
from doorward.wiring.face.models import build_embedder, load_face_models

_CHUNK = 32
_BATCH = 8
_FEW_CHUNKS = 2
"""So few take less time than other processes take to start."""
_PHOTO = re.compile(r"(.+)_(\d{4})\.(?:jpg|jpeg|png|webp)", re.IGNORECASE)
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPhotos:
    """``vectors``: by each embedder (in the order asked for) n x d in the order of ``names``; ``origins`` likewise.

    ``failures``: photos in which no face was found. ``refused``: photos that a capture at a door would refuse,
    those included.
    """

    names: tuple[PhotoName, ...]
    vectors: tuple[NDArray[np.float32], ...]
    failures: tuple[PhotoName, ...]
    refused: int
    origins: tuple[TemplateOrigin, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody of whom there is a template, in order."""
        return tuple(sorted({name for name, _ in self.names}))

    @property
    def subjects(self) -> NDArray[np.intp]:
        """For each photo the place of its person in ``people``."""
        place = {name: number for number, name in enumerate(self.people)}
        return np.array([place[name] for name, _ in self.names], dtype=np.intp)

    @property
    def acquisition(self) -> Acquisition:
        """How many photos and people gave no template."""
        photos = len(self.names) + len(self.failures)
        everybody = {name for name, _ in (*self.names, *self.failures)}
        return Acquisition(
            fta=share(len(self.failures), photos),
            fte=share(len(everybody) - len(self.people), len(everybody)),
            refused=share(self.refused, photos),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What one photo gave: a template by each embedder, or None without a face."""

    vectors: tuple[NDArray[np.float32], ...] | None
    is_refused: bool


def photos_in(folder: Path) -> dict[PhotoName, Path]:
    """The photos ``name/name_0001.jpg`` in ``folder``; ``NotFound`` when there is none."""
    found: dict[PhotoName, Path] = {}
    for path in sorted(folder.glob("*/*")):
        match = _PHOTO.fullmatch(path.name)
        if match and match[1] == path.parent.name:
            found[(match[1], int(match[2]))] = path
    if not found:
        raise NotFound(f"No photo named name/name_0001.jpg lies in {folder}; name the folder of images.")
    return found


def people_in(folder: Path) -> dict[PhotoName, Path]:
    """The photos ``person/anything.jpg`` in ``folder``, numbered from 1 in the order of their names.

    ``NotFound`` when there is none.
    """
    found: dict[PhotoName, Path] = {}
    for person in sorted(path for path in folder.glob("*") if path.is_dir()):
        photos = sorted(path for path in person.iterdir() if path.suffix.lower() in _SUFFIXES)
        found |= {(person.name, number): path for number, path in enumerate(photos, 1)}
    if not found:
        raise NotFound(f"No photo lies in {folder}; name a folder that holds a folder of photos for each person.")
    return found


def embed_photos(
    photos: dict[PhotoName, Path],
    places: ModelPlaces,
    embedders: Sequence[EmbedderCard],
    on_progress: Callable[[int], None],
) -> EmbeddedPhotos:
    """Detect and embed the face nearest the middle of each photo, where LFW's subjects stand.

    ``NotFound`` when no photo shows a face, ``ModelMissing`` or ``ModelRefused``.
    """
    origins = tuple(embedder.origin for embedder in _embedders(places.folder, _paths(places), tuple(embedders)))
    names = tuple(photos)
    chunks = [[photos[name] for name in names[start : start + _CHUNK]] for start in range(0, len(names), _CHUNK)]
    processes = min(len(chunks), usable_cores())
    seen: list[_Seen] = []
    work = partial(_embed_chunk, places.folder, _paths(places), tuple(embedders))
    with ExitStack() as stack:
        run: Callable[..., Iterator[list[_Seen]]] = map
        if len(chunks) > _FEW_CHUNKS:
            pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
            run = stack.enter_context(pool).map
        for done in run(work, chunks):
            seen += done
            on_progress(len(seen))
    embedded = [(name, one.vectors) for name, one in zip(names, seen, strict=True) if one.vectors is not None]
    if not embedded:
        raise NotFound("None of the photos shows a face; name a folder of portraits.")
    return EmbeddedPhotos(
        names=tuple(name for name, _ in embedded),
        vectors=tuple(np.stack([vectors[place] for _, vectors in embedded]) for place in range(len(embedders))),
        failures=tuple(name for name, one in zip(names, seen, strict=True) if one.vectors is None),
        refused=sum(one.is_refused for one in seen),
        origins=origins,
    )


_Paths = tuple[tuple[str, Path], ...]


def _paths(places: ModelPlaces) -> _Paths:
    return tuple(sorted(places.paths.items()))


@cache
def _embedders(folder: Path | None, paths: _Paths, cards: tuple[EmbedderCard, ...]) -> tuple[FaceEmbedder, ...]:
    places = ModelPlaces(folder, dict(paths))
    return tuple(build_embedder(card, places, fastest_choice(card.card.name), 1) for card in cards)


def _embed_chunk(
    folder: Path | None, paths: _Paths, cards: tuple[EmbedderCard, ...], photos: Sequence[Path]
) -> list[_Seen]:
    detector = load_face_models(folder, dict(paths)).detector
    embedders = _embedders(folder, paths, cards)
    seen = [_Seen(None, is_refused=True)] * len(photos)
    found = [(place, *sample) for place, path in enumerate(photos) if (sample := _middle_face(path, detector))]
    for batch in _batches(found):
        samples = [(image, face) for _, image, face, _ in batch]
        by_embedder = [embedder.embed(samples) for embedder in embedders]
        for number, (place, _, _, is_refused) in enumerate(batch):
            seen[place] = _Seen(tuple(templates[number].vector for templates in by_embedder), is_refused)
    return seen


_Found = tuple[int, Image, Face, bool]


def _batches(found: Sequence[_Found]) -> Iterator[Sequence[_Found]]:
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]


def _middle_face(path: Path, detector: FaceDetector) -> tuple[Image, Face, bool] | None:
    """Picture and face, and whether a capture of it would be refused."""
    try:
        image = read_photo(path)
    except PhotoError:
        return None
    middle = np.array([image.shape[1], image.shape[0]]) / 2
    faces = detector.detect(image)
    if not faces:
        return None
    nearest = min(faces, key=lambda face: float(np.abs(face.landmarks.mean(axis=0) - middle).sum()))
    try:
        subject = find_subject(image, _Already(faces))
    except PhotoError:
        return image, nearest, True
    return image, nearest, not measure_quality(image, subject).is_good


@dataclass(frozen=True, slots=True, eq=False)
class _Already:
    """``FaceDetector`` that gives what was found already."""

    faces: tuple[Face, ...]

    def detect(self, image: Image) -> tuple[Face, ...]:
        return self.faces
