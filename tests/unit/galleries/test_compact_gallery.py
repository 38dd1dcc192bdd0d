"""The gallery in codes, over what its contract does not see: making codes anew, and what stays in memory."""

from threading import Event

import numpy as np
import pytest

from doorward.adapters.galleries.face import compact
from doorward.adapters.galleries.face.coded import CodedBlock
from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.short_codes import ShortCodes
from doorward.face.template import Template
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE
from known_people import ORIGIN, face

PEOPLE = [PersonId(f"p{n}") for n in range(200)]
ALL = frozenset({EVERYONE})


def gallery_of(count: int) -> CompactGallery:
    held = CompactGallery(coded_from=64, merged_from=32, scanned_to=0)
    held.fill(
        PEOPLE[:count],
        [ALL] * count,
        np.arange(count, dtype=np.int32),
        np.stack([face(n).vector for n in range(count)]),
    )
    return held


def found_by(gallery: CompactGallery, probe: Template) -> tuple[PersonId, float]:
    (best,) = gallery.search(probe, EVERYONE, limit=1)
    return best.person, best.score


def assert_all_found(gallery: CompactGallery, numbers: range) -> None:
    for number in numbers:
        person, score = found_by(gallery, face(number))
        assert person == PEOPLE[number]
        assert score == pytest.approx(1, abs=0.01)


def test_what_is_filled_in_is_held_in_codes_alone() -> None:
    vectors = np.stack([face(n).vector for n in range(100)])
    CompactGallery(coded_from=64).fill(PEOPLE[:100], [ALL] * 100, np.arange(100, dtype=np.int32), vectors)
    assert not vectors.any()


@pytest.mark.parametrize("filled", [0, 20, 100])
def test_codes_are_made_anew_once_enough_were_put_in(filled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    trained = ShortCodes.__init__
    monkeypatch.setattr(ShortCodes, "__init__", lambda self, rows: (made.append(len(rows)), trained(self, rows))[1])
    gallery = gallery_of(filled) if filled else CompactGallery(coded_from=64, merged_from=32, scanned_to=0)
    made.clear()
    for number in range(filled, 200):
        gallery.put(PEOPLE[number], [face(number)], ALL)
        gallery.settle()
    assert made
    assert_all_found(gallery, range(0, 200, 7))
    assert gallery.count(EVERYONE) == 200


def test_whoever_changes_while_codes_are_made_is_as_they_were_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = gallery_of(100)
    begun, go_on = Event(), Event()
    of = EightBitRows.of

    def held_up(vectors: np.ndarray) -> EightBitRows:
        begun.set()
        assert go_on.wait(30)
        return of(vectors)

    monkeypatch.setattr(compact.EightBitRows, "of", held_up)
    for number in range(100, 132):
        gallery.put(PEOPLE[number], [face(number)], ALL)
    assert begun.wait(30)
    gallery.remove(PEOPLE[3])
    gallery.remove(PEOPLE[110])
    gallery.put(PEOPLE[4], [face(1_004)], ALL)
    gallery.put(PEOPLE[111], [face(1_111)], ALL)
    gallery.put(PEOPLE[150], [face(150)], ALL)
    assert_all_found(gallery, range(120, 125))
    go_on.set()
    gallery.settle()
    assert gallery.count(EVERYONE) == 131
    for number in (3, 110, 4, 111):
        assert found_by(gallery, face(number))[1] < 0.6
    assert found_by(gallery, face(1_004))[0] == PEOPLE[4]
    assert found_by(gallery, face(1_111))[0] == PEOPLE[111]
    assert_all_found(gallery, range(150, 151))
    assert_all_found(gallery, range(5, 110, 9))


def test_codes_made_for_people_since_replaced_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = gallery_of(100)
    begun, go_on = Event(), Event()
    of = EightBitRows.of

    def held_up(vectors: np.ndarray) -> EightBitRows:
        if len(vectors) == 32:
            begun.set()
            assert go_on.wait(30)
        return of(vectors)

    monkeypatch.setattr(compact.EightBitRows, "of", held_up)
    for number in range(100, 132):
        gallery.put(PEOPLE[number], [face(number)], ALL)
    assert begun.wait(30)
    gallery.fill(PEOPLE[:70], [ALL] * 70, np.arange(70, dtype=np.int32), np.stack([face(n).vector for n in range(70)]))
    go_on.set()
    gallery.settle()
    assert gallery.count(EVERYONE) == 70
    assert found_by(gallery, face(90))[1] < 0.6
    assert_all_found(gallery, range(0, 70, 9))


def test_who_is_removed_is_overwritten_in_both_codes_and_their_neighbours_are_not() -> None:
    rows = EightBitRows.of(np.stack([face(n).vector for n in range(100)]))
    codes = ShortCodes(rows)
    before = [codes.code(row).copy() for row in range(100)]
    codes.wipe(37)
    for row in range(100):
        assert (codes.code(row) == (0 if row == 37 else before[row])).all()
    block = CodedBlock(
        PersonIds.of(PEOPLE[:50]), GroupSets.of([ALL] * 50), np.repeat(np.arange(50, dtype=np.int32), 2), rows
    )
    kept = rows.codes.copy()
    block.wipe(PEOPLE[10])
    assert not rows.codes[20:22].any()
    assert not block.codes.code(20).any()
    assert not block.codes.code(21).any()
    kept[20:22] = 0
    assert (rows.codes == kept).all()


def test_a_batch_finds_what_each_probe_finds() -> None:
    gallery = gallery_of(150)
    probes = [face(number) for number in range(0, 150, 10)]
    found = gallery.search_many(probes, EVERYONE, limit=2)
    for probe, one in zip(probes, found, strict=True):
        assert one[0].person == gallery.search(probe, EVERYONE, limit=2)[0].person


def test_no_vector_is_rounded_by_more_than_half_a_step() -> None:
    vectors = np.stack([face(n).vector for n in range(50)])
    rounded = EightBitRows.of(vectors).vectors(slice(None))
    assert (np.abs(rounded - vectors) <= np.abs(vectors).max(axis=1, keepdims=True) / 127 / 2 + 1e-7).all()
    assert Template(rounded[0], ORIGIN).vector @ vectors[0] == pytest.approx(1, abs=0.01)
