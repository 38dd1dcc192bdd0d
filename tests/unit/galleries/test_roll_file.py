"""A roll comes back from its bytes as it was, and no other bytes are taken for one."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.galleries.face.roll_file import AuditHead, decode_roll, encode_roll, without
from doorward.errors import Tampered
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import Roll
from doorward.kernel.ids import PersonId
from known_people import NOON, UNHURRIED

HEAD = AuditHead(7, bytes(range(32)))


def roll_of(counts: list[int], dimension: int = 8) -> Roll:
    """People with so many references each; every third one's consent ends."""
    people = [PersonId(f"00000000-0000-4000-8000-{number:012}") for number in range(len(counts))]
    groups = [frozenset({"everyone", f"group {number % 3}"}) for number in range(len(counts))]
    ends = {person: NOON + timedelta(days=number) for number, person in enumerate(people) if number % 3 == 0}
    owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    vectors = np.random.default_rng(0).standard_normal((len(owners), dimension), np.float32)
    return Roll(9, people, groups, Deadlines.of(ends), owners, vectors)


def octets_of(roll: Roll) -> bytes:
    return b"".join(bytes(part) for part in encode_roll(roll, HEAD))


def decoded(octets: bytes) -> tuple[Roll, AuditHead]:
    return decode_roll(np.frombuffer(octets, np.uint8))


counts = st.lists(st.integers(0, 3), max_size=12)


@UNHURRIED
@given(counts)
def test_there_and_back(counts: list[int]) -> None:
    roll = roll_of(counts)
    back, head = decoded(octets_of(roll))
    assert head == HEAD
    assert (back.revision, list(back.people), list(back.groups)) == (roll.revision, roll.people, roll.groups)
    assert list(back.deadlines.people) == list(roll.deadlines.people)
    assert np.array_equal(back.deadlines.moments, roll.deadlines.moments)
    assert np.array_equal(back.owners, roll.owners)
    assert np.array_equal(back.vectors, roll.vectors)


@UNHURRIED
@given(counts, st.sets(st.integers(0, 11)))
def test_who_is_left_out_is_gone_and_the_others_keep_their_references(counts: list[int], gone: set[int]) -> None:
    roll = roll_of(counts)
    left_out = frozenset(person for number, person in enumerate(roll.people) if number in gone)
    rest = without(roll, left_out)
    assert list(rest.people) == [person for person in roll.people if person not in left_out]
    assert len(rest.groups) == len(rest.people)
    assert not left_out & set(rest.deadlines.people)
    for number, person in enumerate(roll.people):
        if person not in left_out:
            own = rest.vectors[rest.owners == list(rest.people).index(person)]
            assert np.array_equal(own, roll.vectors[roll.owners == number])
    assert len(rest.vectors) == sum(count for number, count in enumerate(counts) if number not in gone)


@UNHURRIED
@given(st.binary(max_size=200))
def test_no_other_bytes_are_a_roll(octets: bytes) -> None:
    with pytest.raises(Tampered):
        decoded(octets)


@UNHURRIED
@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_roll_is_refused_or_read_and_nothing_else(place: int, damage: bytes) -> None:
    whole = octets_of(roll_of([1, 2, 0]))
    place %= len(whole)
    try:
        decoded(whole[:place] + damage + whole[place + len(damage) :])
    except Tampered:
        return


@pytest.mark.parametrize("cut", [1, 4, 100])
def test_a_shortened_or_lengthened_roll_is_refused(cut: int) -> None:
    whole = octets_of(roll_of([1, 2, 0]))
    for octets in (whole[:-cut], whole + bytes(cut)):
        with pytest.raises(Tampered):
            decoded(octets)
