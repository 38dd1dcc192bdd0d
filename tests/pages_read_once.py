"""Pages read once a process: most tests of what follows a reading show the same ones, and a reading takes a second."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256

import pytest

from doorward.documents.reading import DocumentReading
from doorward.kernel.image import Image
from doorward.wiring.face import document_verification, documents
from doorward.wiring.face.documents import DocumentModels
from doorward.wiring.face.models import FaceModels

_read_page = documents.read_page
_read: dict[tuple[object, ...], DocumentReading] = {}


@pytest.fixture
def pages_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page gives on one day, with the same models, what it gave before."""
    _put_in_place(monkeypatch, _remembered)


@pytest.fixture
def pages_read_anew(pages_read_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that asks what reading leaves behind, in a module that otherwise reads once."""
    _put_in_place(monkeypatch, _read_page)


def _put_in_place(monkeypatch: pytest.MonkeyPatch, read_page: Callable[..., DocumentReading]) -> None:
    for module in (documents, document_verification):
        monkeypatch.setattr(module, "read_page", read_page)


def _remembered(page: Image, models: DocumentModels, faces: FaceModels, today: date) -> DocumentReading:
    shown = (sha256(page.tobytes()).digest(), page.shape, models, faces.embedder, today)
    if shown not in _read:
        _read[shown] = _read_page(page, models, faces, today)
    return _read[shown]
