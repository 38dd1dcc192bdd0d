"""Envelopes: what is sealed opens at its place and nowhere else."""

from dataclasses import fields, replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.adapters.stores.face.records import enrolment_record
from doorward.errors import Tampered
from doorward.kernel.ids import PersonId
from doorward.vault.envelope import SMALLEST_CLASS, Place, open_sealed, pad, padded_length, seal, unpad
from fakes.clock import FakeRandomness
from known_people import UNHURRIED, enrolment, face

KEY, KEY_ID = b"k" * 32, str(uuid4())
fields_of_a_place = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
places = st.builds(
    Place,
    *[fields_of_a_place] * (len(fields(Place)) - 1),
    generation=st.integers(1, 2**31),
)
HERE = Place("site", "persons", "record", "row", "person", 1)


@UNHURRIED
@given(place=places, plaintext=st.binary(max_size=5_000), seed=st.integers(0, 2**32))
def test_round_trip(place: Place, plaintext: bytes, seed: int) -> None:
    sealed = seal(KEY, KEY_ID, place, plaintext, FakeRandomness(seed))
    assert open_sealed(KEY, KEY_ID, place, sealed) == plaintext


@pytest.mark.parametrize("length", [0, 1, 251, 252, 253, 70_000])
def test_every_changed_byte_is_noticed(length: int) -> None:
    sealed = seal(KEY, KEY_ID, HERE, b"x" * length, FakeRandomness())
    step = max(1, len(sealed) // 400)
    for position in {*range(0, len(sealed), step), *range(60), len(sealed) - 1}:
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(Tampered):
            open_sealed(KEY, KEY_ID, HERE, bytes(altered))


@UNHURRIED
@given(cut=st.integers(0, 300), added=st.binary(max_size=5))
def test_every_cut_or_lengthened_record_is_noticed(cut: int, added: bytes) -> None:
    sealed = seal(KEY, KEY_ID, HERE, b"secret", FakeRandomness())
    altered = sealed[:cut] + added
    if altered != sealed:
        with pytest.raises(Tampered):
            open_sealed(KEY, KEY_ID, HERE, altered)


@pytest.mark.parametrize("forged", ["text", 7, 1.5, None, b""])
def test_a_cell_of_another_kind_is_noticed(forged: object) -> None:
    with pytest.raises(Tampered):
        open_sealed(KEY, KEY_ID, HERE, forged)


@pytest.mark.parametrize("field", [field.name for field in fields(Place)])
@given(place=places, other=st.text("abc", max_size=3), number=st.integers(1, 99))
@settings(max_examples=20, deadline=None)
def test_every_field_of_the_place_is_bound(field: str, place: Place, other: str, number: int) -> None:
    moved = replace(place, **{field: number if field == "generation" else other})
    if moved == place:
        return
    sealed = seal(KEY, KEY_ID, place, b"secret", FakeRandomness())
    with pytest.raises(Tampered):
        open_sealed(KEY, KEY_ID, moved, sealed)


def test_a_boundary_between_fields_cannot_be_shifted() -> None:
    one = replace(HERE, table="ab", column="c")
    other = replace(HERE, table="a", column="bc")
    assert one.associated_data(KEY_ID) != other.associated_data(KEY_ID)


@pytest.mark.parametrize(
    ("key", "key_id"), [(b"j" * 32, KEY_ID), (KEY, str(uuid4()))], ids=["another key", "another key id"]
)
def test_another_key_or_key_id_opens_nothing(key: bytes, key_id: str) -> None:
    sealed = seal(KEY, KEY_ID, HERE, b"secret", FakeRandomness())
    with pytest.raises(Tampered):
        open_sealed(key, key_id, HERE, sealed)


def test_the_same_plaintext_never_looks_the_same() -> None:
    randomness = FakeRandomness()
    assert len({seal(KEY, KEY_ID, HERE, b"secret", randomness) for _ in range(100)}) == 100


@UNHURRIED
@given(length=st.integers(0, 10**9))
def test_padding_costs_at_most_twelve_percent_above_the_smallest_class(length: int) -> None:
    padded = padded_length(length)
    assert length <= padded <= max(SMALLEST_CLASS, length * 1.12)
    assert padded_length(padded) == padded


@UNHURRIED
@given(plaintext=st.binary(max_size=2_000))
def test_padding_is_taken_off_again(plaintext: bytes) -> None:
    assert unpad(pad(plaintext)) == plaintext


def test_there_are_few_size_classes() -> None:
    assert len({padded_length(length) for length in range(100_000)}) < 200


def test_all_templates_are_of_one_size() -> None:
    ada = PersonId(str(uuid4()))
    records = [enrolment_record(enrolment(ada, face(seed), confirmed=seed % 2 == 0)) for seed in range(50)]
    assert len({len(seal(KEY, KEY_ID, HERE, record, FakeRandomness())) for record in records}) == 1
