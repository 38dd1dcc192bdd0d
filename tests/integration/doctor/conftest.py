"""A throw-away site, open, for every test of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward.wiring.face.site import Site, open_site
from throwaway_sites import PASSPHRASE, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    with open_site(folder, lambda: PASSPHRASE) as opened:
        yield opened


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text(PASSPHRASE + "\n")
    return path
