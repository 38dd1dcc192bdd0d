"""Templates of a folder of photos, on every core."""

import multiprocessing
import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.images import read_photo
from doorward.errors import NotFound, PhotoError
from doorward.evaluation.pairs import PhotoName
from doorward.face.ports import FaceDetector
from doorward.face.sample import Face
from doorward.face.template import TemplateOrigin
from doorward.kernel.image import Image
from doorward.wiring.face.models import load_face_models

_CHUNK = 32
_BATCH = 8
_PHOTO = re.compile(r"(.+)_(\d{4})\.(?:jpg|jpeg|png|webp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPhotos:
    """``vectors``: n x d in the order of ``names``; ``failures``: photos in which no face was found."""

    names: tuple[PhotoName, ...]
    vectors: NDArray[np.float32]
    failures: tuple[PhotoName, ...]
    origin: TemplateOrigin


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


def embed_photos(
    photos: dict[PhotoName, Path], model_folder: Path | None, on_progress: Callable[[int], None]
) -> EmbeddedPhotos:
    """Detect and embed the face nearest the middle of each photo, where LFW's subjects stand."""
    names = tuple(photos)
    chunks = [[photos[name] for name in names[start : start + _CHUNK]] for start in range(0, len(names), _CHUNK)]
    processes = min(len(chunks), os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 1)
    vectors: list[NDArray[np.float32] | None] = []
    work = partial(_embed_chunk, model_folder)
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in pool.map(work, chunks):
            vectors += done
            on_progress(len(vectors))
    embedded = [(name, vector) for name, vector in zip(names, vectors, strict=True) if vector is not None]
    return EmbeddedPhotos(
        names=tuple(name for name, _ in embedded),
        vectors=np.stack([vector for _, vector in embedded]),
        failures=tuple(name for name, vector in zip(names, vectors, strict=True) if vector is None),
        origin=load_face_models(model_folder).embedder.origin,
    )


def _embed_chunk(model_folder: Path | None, paths: Sequence[Path]) -> list[NDArray[np.float32] | None]:
    models = load_face_models(model_folder)
    vectors: list[NDArray[np.float32] | None] = [None] * len(paths)
    waiting: list[tuple[int, Image, Face]] = []
    for place, path in enumerate(paths):
        sample = _middle_face(path, models.detector)
        if sample is not None:
            waiting.append((place, *sample))
        if len(waiting) == _BATCH or place == len(paths) - 1:
            templates = models.embedder.embed([(image, face) for _, image, face in waiting])
            for (position, _, _), template in zip(waiting, templates, strict=True):
                vectors[position] = template.vector
            waiting.clear()
    return vectors


def _middle_face(path: Path, detector: FaceDetector) -> tuple[Image, Face] | None:
    try:
        image = read_photo(path)
    except PhotoError:
        return None
    middle = np.array([image.shape[1], image.shape[0]]) / 2
    faces = detector.detect(image)
    if not faces:
        return None
    return image, min(faces, key=lambda face: float(np.abs(face.landmarks.mean(axis=0) - middle).sum()))
