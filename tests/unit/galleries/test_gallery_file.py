"""A gallery comes back from its bytes as it was, and no other bytes are taken for one."""

from collections.abc import Collection
from contextlib import nullcontext
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.adapters.galleries.face import code_shard, gallery_file
from doorward.adapters.galleries.face.coded import CodedRows
from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.gallery_file import (
    AuditHead,
    WrittenGallery,
    decode_gallery,
    encode_gallery,
)
from doorward.adapters.galleries.face.rounded import RoundedReferences
from doorward.adapters.galleries.face.short_codes import ShortCodes
from doorward.errors import Tampered
from doorward.face.template import Template
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import References, Roll
from doorward.identify.references import ListedReferences
from doorward.kernel.ids import PersonId
from known_people import NOON, ORIGIN, UNHURRIED

HEAD = AuditHead(7, bytes(range(32)))
Held = dict[PersonId, tuple[frozenset[str], list[list[float]]]]


def listed(counts: list[int], dimension: int = 8) -> ListedReferences:
    """People with so many references each; every fifth one's id is no UUID."""
    people = [
        PersonId(f"00000000-0000-4000-8000-{number:012}" if number % 5 else f"p{number}")
        for number, count in enumerate(counts)
        for _ in range(count)
    ]
    groups = [
        frozenset({"everyone", f"group {number % 3}"}) for number, count in enumerate(counts) for _ in range(count)
    ]
    vectors = np.random.default_rng(0).standard_normal((len(people), dimension), np.float32)
    return ListedReferences(people, groups, vectors)


def coded(counts: list[int], dimension: int = 64) -> CodedRows:
    return CodedRows.of(RoundedReferences.of(listed(counts, dimension)))


def written(references: References) -> WrittenGallery:
    people = dict.fromkeys(person for person, *_ in references.everybody())
    ends = {person: NOON - timedelta(days=number) for number, person in enumerate(people) if number % 3 == 0}
    return WrittenGallery("sface", None, HEAD, Roll(9, references, Deadlines.of(ends)))


def octets_of(gallery: WrittenGallery, left_out: Collection[PersonId] = ()) -> bytes:
    return b"".join(bytes(part) for part in encode_gallery(gallery, nullcontext, left_out))


def decoded(octets: bytes) -> WrittenGallery:
    return decode_gallery((octets[start : start + 100] for start in range(0, len(octets), 100)), len(octets))


def held_by(references: References) -> Held:
    return {person: (groups, vectors.tolist()) for person, groups, vectors in references.everybody()}


counts = st.lists(st.integers(0, 3), max_size=12)
many = [1, 2, 0, 3] * 12
"""More than training needs."""


@UNHURRIED
@given(counts)
def test_there_and_back(counts: list[int]) -> None:
    before = written(listed(counts))
    back = decoded(octets_of(before))
    assert (back.model, back.successor, back.audit, back.roll.revision) == ("sface", None, HEAD, 9)
    assert list(back.roll.deadlines.people) == list(before.roll.deadlines.people)
    assert np.array_equal(back.roll.deadlines.moments, before.roll.deadlines.moments)
    assert held_by(back.roll.references) == held_by(before.roll.references)


def test_there_and_back_in_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_file, "PART", 32)
    before = coded(many)
    before.remove(PersonId("p0"))
    before.put(PersonId("new"), frozenset({"night"}), np.ones((1, 64), np.float32))
    octets = octets_of(written(before))
    monkeypatch.setattr(ShortCodes, "of", None)  # nothing is trained
    back = decoded(octets).roll.references
    assert isinstance(back, CodedRows)
    assert held_by(back) == held_by(before)
    assert (back.trained_on, len(back)) == (before.trained_on, len(before))
    assert all((back.codes.code(row) == before.codes.code(row)).all() for row in range(len(before.rows)))
    gallery = CompactGallery(coded_from=16)
    gallery.fill(back)
    assert gallery.search(Template(np.ones(64, np.float32) / 8, ORIGIN), "night", limit=1)[0].person == "new"
    assert gallery.count("everyone") == sum(many) - 1


def test_codes_of_another_version_of_their_library_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = coded(many)
    monkeypatch.setattr(gallery_file, "LAYOUT", "faiss 0")
    octets = octets_of(written(before))
    monkeypatch.setattr(gallery_file, "LAYOUT", code_shard.LAYOUT)
    back = decoded(octets).roll.references
    assert isinstance(back, CodedRows)
    assert held_by(back) == held_by(before)
    vector = held_by(before)[PersonId("p5")][1][0]
    (rows,) = back.codes.nearest(np.array([vector], np.float32), 20)
    assert set(rows) & set(back.persons.rows_of(PersonId("p5")))


@UNHURRIED
@given(counts, st.sets(st.integers(0, 11)))
def test_who_is_left_out_is_gone_and_the_others_keep_their_references(counts: list[int], gone: set[int]) -> None:
    check_left_out(listed(counts), gone)


@settings(UNHURRIED, max_examples=5)
@given(st.sets(st.integers(0, 47)))
def test_who_is_left_out_is_gone_from_codes_too(gone: set[int]) -> None:
    check_left_out(coded(many), gone)


def check_left_out(references: References, gone: set[int]) -> None:
    before = held_by(references)
    left_out = [person for number, person in enumerate(before) if number in gone]
    back = decoded(octets_of(written(references), left_out)).roll
    assert held_by(back.references) == {person: own for person, own in before.items() if person not in left_out}
    assert not set(left_out) & set(back.deadlines.people)
    if isinstance(references, CodedRows) and isinstance(back.references, CodedRows):
        for person in left_out:
            for row in references.persons.rows_of(person):
                assert not back.references.rows.codes[row].any()
                assert (back.references.codes.code(row) != references.codes.code(row)).any()


@UNHURRIED
@given(st.binary(max_size=200))
def test_no_other_bytes_are_a_gallery(octets: bytes) -> None:
    with pytest.raises(Tampered):
        decoded(octets)


EXACT, CODED = octets_of(written(listed([1, 2, 0]))), octets_of(written(coded(many)))


@UNHURRIED
@given(st.sampled_from([EXACT, CODED]), st.integers(0, 20_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_gallery_is_refused_or_read_and_nothing_else(whole: bytes, place: int, damage: bytes) -> None:
    place %= len(whole)
    try:
        decoded(whole[:place] + damage + whole[place + len(damage) :])
    except Tampered:
        return


@pytest.mark.parametrize("whole", [EXACT, CODED])
@pytest.mark.parametrize("cut", [1, 4, 100])
def test_a_shortened_or_lengthened_gallery_is_refused(whole: bytes, cut: int) -> None:
    for octets in (whole[:-cut], whole + bytes(cut)):
        with pytest.raises(Tampered):
            decoded(octets)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 0.0])
def test_references_without_length_or_of_no_number_are_refused(wrong: float) -> None:
    exact = listed([1, 2, 0])
    exact.vectors[1] = wrong
    in_codes = coded(many)
    in_codes.rows.scales[3] = wrong
    for references in (exact, in_codes):
        with pytest.raises(Tampered):
            decoded(octets_of(written(references)))
    in_codes.rows.scales[3] = 1
    in_codes.rows.codes[3] = 0
    with pytest.raises(Tampered):
        decoded(octets_of(written(in_codes)))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b'"dimension": 64', b'"dimension": 65'),
        (b'"rows": 96', b'"rows": 64'),
        (b'"rows": 96', b'"rows": -1'),
        (b'"rows": 96', b'"rows": 9' + b"0" * 20),
        (b'"code": ', b'"code": 1'),
        (b'"centroids": ', b'"centroids": 1'),
        (b'"kind": "coded"', b'"kind": "other"'),
        (b'"everyone", ', b""),
    ],
)
def test_a_head_that_does_not_fit_is_refused(said: bytes, instead: bytes) -> None:
    assert said in CODED
    length, head = int.from_bytes(CODED[:4], "big"), CODED[4:].replace(said, instead, 1)
    length += len(instead) - len(said)
    if said == b'"everyone", ':
        length, head = length, head.replace(b'["everyone", "group 2"]', b"", 1)
    with pytest.raises(Tampered):
        decoded(length.to_bytes(4, "big") + head)
