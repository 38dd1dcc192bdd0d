"""Two sites, and people at the old one."""

from pathlib import Path

import pytest

from two_sites import MovingHouse, two_sites


@pytest.fixture
def sites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[MovingHouse, MovingHouse]:
    return two_sites(tmp_path, capsys)


@pytest.fixture
def old(sites: tuple[MovingHouse, MovingHouse]) -> MovingHouse:
    return sites[0]


@pytest.fixture
def new(sites: tuple[MovingHouse, MovingHouse]) -> MovingHouse:
    return sites[1]
