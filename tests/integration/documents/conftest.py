"""The text and face models, loaded once, and what they read on a page."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from doorward.documents.reading import DocumentReading
from doorward.wiring.face.documents import DocumentModels, Patience, load_document_models, read_page
from doorward.wiring.face.models import load_face_models

PATIENT = Patience(zone=120, text=120)
"""So that a busy machine reads what a quiet one does."""
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def models() -> DocumentModels:
    return load_document_models(None, patience=PATIENT)


@pytest.fixture(scope="session")
def read(models: DocumentModels) -> Callable[[np.ndarray], DocumentReading]:
    return reader(models)


@pytest.fixture(scope="session")
def read_hurriedly() -> Callable[[np.ndarray], DocumentReading]:
    """As at a door: for pages that no look confirms, of which a patient reader takes them all."""
    return reader(load_document_models(None))


def reader(models: DocumentModels) -> Callable[[np.ndarray], DocumentReading]:
    faces = load_face_models(None)
    return lambda page: read_page(np.ascontiguousarray(page), models, faces, TODAY)
