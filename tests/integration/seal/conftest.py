"""An open site."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward.wiring.face.opening import Stores
from throwaway_sites import opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()
