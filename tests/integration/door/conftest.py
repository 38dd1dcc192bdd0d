"""A site with a key file, portraits of two real people, and a camera that shows one of them."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from doorward.adapters.images import read_photo
from doorward.bench.rtsp_server import RtspServer
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper
from doorward.wiring.face.site import Site, open_site
from throwaway_sites import site_with_key_file


@pytest.fixture
def hopper() -> Portrait:
    return grace_hopper()


@pytest.fixture
def collins() -> Portrait:
    return eileen_collins()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(site_with_key_file(tmp_path), str) as opened:
        yield opened


@pytest.fixture
def identifying(site: Site) -> Site:
    site.profiles.identify(b"assessment", "Assessment", "Notice 1", site.stores.vault.clock.now())
    return site


@pytest.fixture
def camera(hopper: Portrait) -> Iterator[str]:
    """An RTSP camera before which Grace Hopper stands."""
    photo = read_photo(hopper.path)
    with RtspServer(size=(photo.shape[1], photo.shape[0]), pictures=lambda: cycle([photo])) as server:
        yield server.url
