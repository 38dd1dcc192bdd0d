"""The contract of ``Searches``: in this process's gallery, and in another's over its socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.lender import GalleryLender
from doorward.adapters.galleries.face.remote import RemoteSearches
from doorward.adapters.galleries.face.search_calls import GALLERY
from doorward.adapters.unix_socket.door import listening
from doorward.errors import InternalError, StorageError, TimeLimitExceeded, TooFast
from doorward.face.template import Template
from doorward.identify.ports import Asker, Gallery, Searches
from doorward.identify.searches import GatheredSearches
from doorward.kernel.ids import PersonId, SiteId
from fakes.gallery import FakeGallery
from fakes.searches import FakeSearches
from known_people import ORIGIN, face, resembling

NAME = f"{GALLERY}.sock"

SITE = SiteId(str(uuid4()))
MODEL = ORIGIN.model
EVERYONE, STAFF = "everyone", "staff"
ADA, BO, CY = (PersonId(str(uuid4())) for _ in range(3))
DOOR = Asker("north")


@dataclass
class Store:
    """What a gallery follows: people who are there already, and those of the next look."""

    gallery: Gallery
    coming: list[tuple[PersonId, list[Template], frozenset[str]]] = field(default_factory=list)
    failure: Exception | None = None

    def follow(self) -> None:
        if self.failure is not None:
            raise self.failure
        while self.coming:
            self.gallery.put(*self.coming.pop())


@contextmanager
def lent(folder: Path, searches: Searches, model: str = MODEL) -> Iterator[GalleryLender]:
    lender = GalleryLender(SITE, model, searches)
    with listening(folder / NAME) as listener:
        serving = threading.Thread(target=lender.serve, args=(listener,))
        serving.start()
        yield lender
        listener.shutdown(socket.SHUT_RDWR)
        lender.end()
        serving.join()


@pytest.fixture
def store() -> Store:
    return Store(
        CompactGallery(),
        [
            (ADA, [face(1), face(2)], frozenset({EVERYONE, STAFF})),
            (BO, [resembling(face(1), 0.6)], frozenset({EVERYONE})),
            (CY, [face(3)], frozenset({EVERYONE, STAFF})),
        ],
    )


@pytest.fixture(params=["here", "in another process", "fake"])
def searches(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Searches]:
    if request.param == "fake":
        store.gallery = FakeGallery()
        yield FakeSearches(store.gallery, store.follow)
        return
    here = GatheredSearches(store.gallery, store.follow)
    if request.param == "here":
        yield here
        return
    with lent(tmp_path, here):
        remote = RemoteSearches.of(tmp_path, SITE, MODEL)
        assert remote is not None
        yield remote
        remote.close()


def test_best_first_among_those_of_the_group(searches: Searches) -> None:
    found = searches.search(DOOR, face(1), EVERYONE, 2)
    assert [candidate.person for candidate in found] == [ADA, BO]
    assert [candidate.score for candidate in found] == pytest.approx([1, 0.6], abs=1e-5)
    assert [candidate.person for candidate in searches.search(DOOR, face(1), STAFF, 9)] == [ADA, CY]
    assert not searches.search(DOOR, face(1), "nobody's", 9)
    assert [searches.count(group) for group in (EVERYONE, STAFF, "nobody's")] == [4, 3, 0]


def test_what_the_store_has_now_is_searched(searches: Searches, store: Store) -> None:
    searches.search(DOOR, face(1), EVERYONE, 1)
    store.coming.append((BO, [face(9)], frozenset({STAFF})))
    assert searches.count(STAFF) == 4
    store.coming.append((CY, [], frozenset()))
    found = searches.search(DOOR, face(9), STAFF, 9)
    assert [candidate.person for candidate in found] == [BO, ADA]


@pytest.mark.parametrize("wrong", [np.ones(64) / 8, np.full(128, np.nan), np.zeros(128)])
def test_a_probe_that_does_not_compare_is_refused(searches: Searches, wrong: np.ndarray) -> None:
    searches.count(EVERYONE)
    with pytest.raises(InternalError):
        searches.search(DOOR, Template(wrong.astype(np.float32), ORIGIN), EVERYONE, 1)
    assert searches.search(DOOR, face(1), EVERYONE, 1)[0].person == ADA


def test_an_error_of_the_store_is_told(searches: Searches, store: Store) -> None:
    store.failure = StorageError("The disk is gone.")
    with pytest.raises(StorageError, match="The disk is gone"):
        searches.search(DOOR, face(1), EVERYONE, 1)
    store.failure = TooFast("Not so fast.", 7)
    with pytest.raises(TooFast) as refused:
        searches.count(EVERYONE)
    assert refused.value.retry_after == 7
    store.failure = None
    assert searches.count(EVERYONE) == 4


def test_nobody_is_searched_for_an_asker_who_went(searches: Searches) -> None:
    with pytest.raises(TimeLimitExceeded):
        searches.search(Asker("north", lambda: False), face(1), EVERYONE, 1)
