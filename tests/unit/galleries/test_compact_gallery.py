"""The gallery in codes, over what its contract does not see: making codes anew, and what stays in memory."""

from collections.abc import Callable
from threading import Event, Thread
from time import perf_counter

import numpy as np
import pytest

from doorward.adapters.galleries.face import coded as coded_module
from doorward.adapters.galleries.face import gallery_file, short_codes
from doorward.adapters.galleries.face.coded import CodedRows, Effort
from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.gallery_file import (
    AuditHead,
    WrittenGallery,
    decode_gallery,
    encode_gallery,
)
from doorward.adapters.galleries.face.rounded import RoundedReferences
from doorward.adapters.galleries.face.short_codes import ShortCodes
from doorward.face.template import Template
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import Roll
from doorward.identify.references import ListedReferences
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE
from known_people import ORIGIN, face

PEOPLE = [PersonId(f"p{n}") for n in range(400)]
ALL = frozenset({EVERYONE})
CODES_ALONE = Effort(second_look=20, scanned_to=0)


def listed(count: int, first: int = 0) -> ListedReferences:
    vectors = np.stack([face(n).vector for n in range(first, first + count)])
    return ListedReferences(PEOPLE[:count], [ALL] * count, vectors)


def gallery_of(count: int) -> CompactGallery:
    held = CompactGallery(coded_from=64, effort=CODES_ALONE)
    held.fill(listed(count))
    return held


def found_by(gallery: CompactGallery, probe: Template) -> tuple[PersonId, float]:
    (best,) = gallery.search(probe, EVERYONE, limit=1)
    return best.person, best.score


def assert_all_found(gallery: CompactGallery, numbers: range) -> None:
    for number in numbers:
        person, score = found_by(gallery, face(number))
        assert person == PEOPLE[number]
        assert score == pytest.approx(1, abs=0.01)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows there were each time that codes were made."""
    told: list[int] = []
    of = ShortCodes.of

    def told_of(rows: EightBitRows) -> ShortCodes:
        told.append(len(rows))
        return of(rows)

    monkeypatch.setattr(ShortCodes, "of", told_of)
    return told


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Event, Event]]:
    """Codes that are made from now on wait: has it begun, and may it go on?"""

    def hold() -> tuple[Event, Event]:
        begun, go_on = Event(), Event()
        of = ShortCodes.of

        def waiting(rows: EightBitRows) -> ShortCodes:
            begun.set()
            assert go_on.wait(30)
            return of(rows)

        monkeypatch.setattr(ShortCodes, "of", waiting)
        return begun, go_on

    return hold


def test_what_is_filled_in_is_held_in_codes_alone() -> None:
    references = listed(100)
    CompactGallery(coded_from=64).fill(references)
    assert not references.vectors.any()


def test_codes_are_made_once_there_are_enough_and_again_for_many_more(made: list[int]) -> None:
    gallery = CompactGallery(coded_from=16, effort=CODES_ALONE)
    for number in range(100):
        gallery.put(PEOPLE[number], [face(number)], ALL)
        gallery.settle()
    assert made == [32, 64]  # whole blocks
    assert_all_found(gallery, range(0, 100, 3))
    assert gallery.count(EVERYONE) == 100


def test_codes_are_made_anew_once_many_were_removed(made: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded_module, "_ROOM", 32)
    gallery = gallery_of(400)
    for number in range(300):
        gallery.remove(PEOPLE[number])
        gallery.settle()
    assert made[0] == 416  # whole blocks
    assert len(made) > 1
    assert made[-1] < 200
    assert_all_found(gallery, range(300, 400, 7))
    assert gallery.count(EVERYONE) == 100


def test_whoever_is_put_in_takes_the_place_of_the_removed(made: list[int]) -> None:
    gallery = gallery_of(128)
    for number in range(0, 64, 4):
        gallery.remove(PEOPLE[number])
        gallery.put(PEOPLE[number], [face(1_000 + number)], ALL)
    assert made == [128]
    assert_all_found(gallery, range(65, 128, 5))
    for number in range(0, 64, 4):
        assert found_by(gallery, face(1_000 + number)) == (PEOPLE[number], pytest.approx(1, abs=0.01))
        assert found_by(gallery, face(number))[1] < 0.6


def change(gallery: CompactGallery) -> None:
    gallery.remove(PEOPLE[3])
    gallery.remove(PEOPLE[12])
    gallery.put(PEOPLE[4], [face(1_004)], ALL)
    gallery.put(PEOPLE[13], [face(1_013), face(1_014)], ALL)
    gallery.put(PEOPLE[350], [face(350)], ALL)


def assert_changed(gallery: CompactGallery, count: int) -> None:
    assert gallery.count(EVERYONE) == count
    for number in (3, 12, 4, 13):
        assert found_by(gallery, face(number))[1] < 0.6
    assert found_by(gallery, face(1_004))[0] == PEOPLE[4]
    assert [found_by(gallery, face(number))[0] for number in (1_013, 1_014)] == [PEOPLE[13]] * 2
    assert_all_found(gallery, range(350, 351))
    assert_all_found(gallery, range(5, 12))


@pytest.mark.parametrize("filled", [15, 63])
def test_whoever_changes_while_codes_are_made_is_as_they_were_changed(
    filled: int, held_up: Callable[[], tuple[Event, Event]]
) -> None:
    gallery = CompactGallery(coded_from=16, effort=CODES_ALONE)
    for number in range(filled):
        gallery.put(PEOPLE[number], [face(number)], ALL)
        gallery.settle()
    begun, go_on = held_up()
    gallery.put(PEOPLE[filled], [face(filled)], ALL)
    assert begun.wait(30)
    change(gallery)
    assert_changed(gallery, filled + 1)
    go_on.set()
    gallery.settle()
    assert_changed(gallery, filled + 1)


def test_codes_made_for_people_since_replaced_are_not_used(held_up: Callable[[], tuple[Event, Event]]) -> None:
    gallery = CompactGallery(coded_from=64, effort=CODES_ALONE)
    gallery.fill(listed(63))
    begun, go_on = held_up()
    gallery.put(PEOPLE[63], [face(63)], ALL)
    assert begun.wait(30)
    gallery.fill(listed(50, first=100))
    go_on.set()
    gallery.settle()
    assert gallery.count(EVERYONE) == 50
    assert found_by(gallery, face(40))[1] < 0.6
    assert found_by(gallery, face(110)) == (PEOPLE[10], pytest.approx(1, abs=0.01))


def test_who_comes_after_everybody_went_may_be_of_another_dimension() -> None:
    gallery = gallery_of(100)
    for person in PEOPLE[:100]:
        gallery.remove(person)
    other = Template(np.ones(64, np.float32) / 8, ORIGIN)
    gallery.put(PEOPLE[0], [other], ALL)
    assert found_by(gallery, other) == (PEOPLE[0], pytest.approx(1))


def test_who_is_removed_is_overwritten_in_both_codes_and_their_neighbours_are_not() -> None:
    vectors = np.stack([face(n).vector for n in range(128)])
    people = [PEOPLE[number // 2] for number in range(128)]
    held = CodedRows.of(RoundedReferences.of(ListedReferences(people, [ALL] * 128, vectors)))
    rows, before = held.rows.codes.copy(), [held.codes.code(row).copy() for row in range(128)]
    held.remove(PEOPLE[10])
    rows[20:22] = 0
    assert (held.rows.codes == rows).all()
    changed = [row for row in range(128) if (held.codes.code(row) != before[row]).any()]
    assert changed == [20, 21]
    assert held.persons.rows_of(PEOPLE[10]) == []
    held.wipe_all()
    assert not held.rows.codes.any()
    assert not any(held.codes.code(row).any() for row in range(128))


def test_rows_of_nobody_crowd_out_no_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, and whatever the probe is like."""
    monkeypatch.setattr(coded_module, "_ROOM", 20_000)
    gallery = gallery_of(200)
    gallery.put(PEOPLE[300], [face(300)], ALL)
    assert_all_found(gallery, range(200))
    assert_all_found(gallery, range(300, 301))


def test_a_code_put_in_by_itself_is_as_one_made_among_many() -> None:
    rows = EightBitRows.of(np.stack([face(n).vector for n in range(64)]))
    codes = ShortCodes.of(rows)
    before = codes.code(37).copy()
    codes.wipe(np.array([37]))
    assert (codes.code(37) != before).any()
    codes.put(37, rows.vectors(np.array([37]))[0])
    assert (codes.code(37) == before).all()


def test_shards_hold_and_find_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_codes, "_SHARD_FROM", 64)
    monkeypatch.setattr(short_codes, "PART", 64)
    monkeypatch.setattr(short_codes, "usable_cores", lambda: 3)
    monkeypatch.setattr(gallery_file, "PART", 64)
    gallery = gallery_of(300)
    for number in (5, 299):
        gallery.remove(PEOPLE[number])
    for number in (5, 320, 321):
        gallery.put(PEOPLE[number], [face(number)], ALL)
    assert_all_found(gallery, range(0, 299, 7))
    assert_all_found(gallery, range(320, 322))
    found = gallery.search_many([face(number) for number in (0, 150, 298)], EVERYONE, limit=1)
    assert [one[0].person for one in found] == [PEOPLE[number] for number in (0, 150, 298)]
    with gallery.written_down() as held:
        written = WrittenGallery("m", None, AuditHead(0, b""), Roll(1, held, Deadlines.of({})))
        octets = b"".join(bytes(part) for part in encode_gallery(written, gallery.steady, ()))
    back = decode_gallery([octets], len(octets)).roll.references
    assert isinstance(back, CodedRows)
    assert isinstance(held, CodedRows)
    assert all((back.codes.code(row) == held.codes.code(row)).all() for row in range(len(held.rows)))


def test_changes_wait_for_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = gallery_of(200)
    gallery.put(PEOPLE[200], [face(200)], ALL)  # makes room
    searching, go_on = Event(), Event()
    nearest = ShortCodes.nearest

    def slow(self: ShortCodes, probes: np.ndarray, count: int) -> list[np.ndarray]:
        rows = nearest(self, probes, count)
        searching.set()
        assert go_on.wait(30)
        return rows

    monkeypatch.setattr(ShortCodes, "nearest", slow)
    found: list[PersonId] = []
    searcher = Thread(target=lambda: found.append(found_by(gallery, face(7))[0]))
    searcher.start()
    assert searching.wait(30)
    begun = perf_counter()
    gallery.remove(PEOPLE[7])
    gallery.put(PEOPLE[300], [face(300)], ALL)
    assert perf_counter() - begun < 5
    go_on.set()
    searcher.join()
    assert found[0] != PEOPLE[7]
    monkeypatch.undo()
    assert_all_found(gallery, range(300, 301))


def test_searches_find_everybody_while_others_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded_module, "_ROOM", 32)
    gallery = gallery_of(100)
    ended = Event()

    def come_and_go() -> None:
        while not ended.is_set():
            for number in range(100, 250):
                gallery.put(PEOPLE[number], [face(number)], ALL)
            for number in range(100, 250):
                gallery.remove(PEOPLE[number])

    changing = Thread(target=come_and_go)
    changing.start()
    try:
        for _ in range(10):
            assert_all_found(gallery, range(0, 100, 9))
    finally:
        ended.set()
        changing.join()
    gallery.settle()
    assert gallery.count(EVERYONE) == 100
    assert_all_found(gallery, range(100))


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
