"""The contract of ``Gallery``."""

import numpy as np
import pytest

from doorward.adapters.galleries.face.exhaustive import ExhaustiveGallery
from doorward.identify.ports import Gallery
from doorward.kernel.ids import PersonId
from fakes.gallery import FakeGallery
from known_people import face, resembling

ADA, BO, CY = map(PersonId, ("ada", "bo", "cy"))
ALL = frozenset((ADA, BO, CY))


@pytest.fixture(params=[ExhaustiveGallery, FakeGallery])
def gallery(request: pytest.FixtureRequest) -> Gallery:
    held: Gallery = request.param()
    held.put(ADA, [face(1), face(2)])
    held.put(BO, [resembling(face(1), 0.6)])
    held.put(CY, [face(3)])
    return held


def test_best_first_each_once_and_only_among_those_asked_for(gallery: Gallery) -> None:
    found = gallery.search(face(1), ALL, limit=2)
    assert [candidate.person for candidate in found] == [ADA, BO]
    assert found[0].score == pytest.approx(1, abs=1e-5)
    assert found[1].score == pytest.approx(0.6, abs=1e-5)
    assert [candidate.person for candidate in gallery.search(face(1), frozenset({BO, CY}), limit=9)] == [BO, CY]


def test_nobody_is_found_in_an_empty_gallery_or_group(gallery: Gallery) -> None:
    assert not gallery.search(face(1), frozenset(), limit=2)
    assert not type(gallery)().search(face(1), ALL, limit=2)


def test_putting_replaces_and_nothing_removes(gallery: Gallery) -> None:
    gallery.search(face(1), ALL, limit=1)
    gallery.put(ADA, [face(9)])
    assert gallery.search(face(9), ALL, limit=1)[0].person == ADA
    assert gallery.search(face(2), ALL, limit=1)[0].score < 0.5
    gallery.put(BO, [])
    gallery.remove(CY)
    gallery.remove(PersonId("stranger"))
    assert [candidate.person for candidate in gallery.search(face(1), ALL, limit=9)] == [ADA]


def test_counts_references_of_a_group(gallery: Gallery) -> None:
    assert gallery.templates_of(ALL) == 4
    assert gallery.templates_of(frozenset({ADA})) == 2


def test_filling_replaces_everybody_and_goes_on_from_there(gallery: Gallery) -> None:
    vectors = np.stack([face(4).vector, face(5).vector, face(6).vector])
    gallery.fill([CY, BO, ADA], np.array([0, 0, 2], np.int32), vectors)
    assert gallery.templates_of(ALL) == 3
    assert gallery.templates_of(frozenset({BO, ADA})) == 1
    assert gallery.search(face(5), ALL, limit=1)[0].person == CY
    assert gallery.search(face(1), ALL, limit=1)[0].score < 0.5
    gallery.put(BO, [face(7)])
    gallery.put(ADA, [face(8)])
    gallery.remove(CY)
    assert [gallery.search(face(n), ALL, limit=1)[0].person for n in (7, 8)] == [BO, ADA]
    assert {candidate.person for candidate in gallery.search(face(5), ALL, limit=9)} == {ADA, BO}
    assert gallery.templates_of(ALL) == 2


def test_best_first_among_many(gallery: Gallery) -> None:
    many = [PersonId(f"p{n}") for n in range(600)]
    vectors = np.stack([resembling(face(1), cosine).vector for cosine in np.linspace(-0.9, 0.9, 600)])
    gallery.fill(many, np.arange(600, dtype=np.int32), vectors)
    found = gallery.search(face(1), frozenset(many), limit=600)
    assert [candidate.person for candidate in found] == many[::-1]
    assert [candidate.person for candidate in gallery.search(face(1), frozenset(many[:3]), limit=2)] == many[2:0:-1]
