"""What the log says of rows: written and read back, and replayed to what there should be."""

import json
import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.audit import generations
from doorward.audit.generations import Generations, NamedRows
from doorward.audit.rows import GONE, NAME_LENGTH, RECORD, ChangesInWriting, decoded_changes
from doorward.errors import AuditInvalid

names = st.binary(min_size=NAME_LENGTH, max_size=NAME_LENGTH)
some_names = [bytes([number]) * NAME_LENGTH for number in (0, 1, 7, 128, 255)]
numbers = st.integers(0, 2**32 - 1)
Told = Sequence[tuple[bytes, int]]


def records_of(told: Told) -> np.ndarray:
    return np.array([(np.void(name), generation) for name, generation in told], RECORD)


@given(
    st.lists(st.tuples(names, numbers)),
    st.dictionaries(st.uuids().map(str), st.lists(st.tuples(names, numbers), min_size=1), max_size=3),
    st.lists(st.tuples(st.text(), st.text(), numbers)),
)
def test_changes_are_read_as_they_were_written(
    people: Told, passages: dict[str, Told], grants: list[tuple[str, str, int]]
) -> None:
    writing = ChangesInWriting()
    for change in people:
        writing.person(*change)
    for epoch, told in passages.items():
        for change in told:
            writing.passage(epoch, *change)
    for grant in grants:
        writing.grant(*grant)
    read = decoded_changes(writing.encoded())
    assert [(bytes(name), generation) for name, generation in read.people.tolist()] == people
    found = {epoch: [(bytes(name), newest) for name, newest in told.tolist()] for epoch, told in read.passages.items()}
    assert found == passages
    assert read.grants == grants
    assert writing.count == len(people) + len(grants) + sum(map(len, passages.values()))
    assert bool(writing) == bool(writing.count)


def headed(head: object) -> bytes:
    octets = json.dumps(head).encode()
    return struct.pack(">I", len(octets)) + octets


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\1{",
        b"\xff" * 40,
        headed([]),
        headed({"people": 1, "passages": {}, "grants": []}),
        headed({"people": "1", "passages": {}, "grants": []}),
        headed({"people": 0, "passages": 1, "grants": []}),
        headed({"people": 0, "passages": {}, "grants": [["token"]]}),
        headed({"people": 0, "passages": {}, "grants": None}),
    ],
)
def test_what_is_malformed_is_refused(octets: bytes) -> None:
    with pytest.raises(AuditInvalid):
        decoded_changes(octets)


@given(
    st.lists(st.lists(st.tuples(st.sampled_from(some_names) | names, st.integers(0, 3)))),
    st.integers(1, 6),
    st.lists(names, max_size=3),
)
def test_the_newest_generation_of_a_name_counts(told: list[Told], fewest: int, others: list[bytes]) -> None:
    held: dict[bytes, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generations, "_FEWEST_WAITING", fewest)
        rows = NamedRows()
        for changes in told:
            rows.take(records_of(changes))
            held |= dict(changes)
        rows.settle()
    expected = {name: generation for name, generation in held.items() if generation != GONE}
    asked = list({*held, *others, *some_names})
    places, found = rows.find(asked)
    assert dict(zip(asked, found.tolist(), strict=True)) == {name: expected.get(name, GONE) for name in asked}
    assert [rows.name(place) for place in places.tolist() if place >= 0] == [name for name in asked if name in expected]
    assert len(rows) == len(expected)


def test_passages_of_dropped_hours_count_for_nothing() -> None:
    writing = ChangesInWriting()
    writing.passage("kept", some_names[0], 1)
    writing.passage("dropped", some_names[1], 1)
    writing.grant("token", "a", 3)
    writing.grant("token", "b", 1)
    writing.grant("token", "b", GONE)
    found = Generations()
    found.take(decoded_changes(writing.encoded()), frozenset({"kept"}))
    found.settle()
    assert {epoch: len(rows) for epoch, rows in found.passages.items()} == {"kept": 1}
    assert found.grants == {("token", "a"): 3}
