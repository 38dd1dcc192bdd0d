"""Zones are read back as they were composed, and an error in them is never believed."""

import re
import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from doorward.documents.check_digits import ALPHABET, FILLER, check_digit
from doorward.documents.layouts import LAYOUTS, Format, Layout, digit_of
from doorward.documents.zone import MachineReadableZone, find_zone, looks_like_part
from zones import Fields, zone_of

TODAY = date(2026, 11, 23)
LAYOUT_OF = {layout.format: layout for layout in LAYOUTS}
CODES = {Format.TD1: "ID", Format.TD2: "I", Format.TD3: "P", Format.MRVA: "V", Format.MRVB: "VC"}


def read(lines: list[str]) -> MachineReadableZone | None:
    judgement = find_zone(lines, TODAY)
    return judgement.zone if judgement else None


words = st.text(string.ascii_uppercase, min_size=1, max_size=8)
long_numbers = {Format.TD1: 20, Format.TD2: 13}


@st.composite
def documents(draw: st.DrawFn) -> Fields:
    kind = draw(st.sampled_from(Format))
    born = draw(st.dates(date(1927, 1, 1), TODAY))
    expires = draw(st.dates(date(1980, 1, 1), date(2076, 1, 1)))
    return Fields(
        format=kind,
        code=CODES[kind],
        state=draw(st.sampled_from(["UTO", "D", "CHE"])),
        number=draw(st.text(ALPHABET, min_size=1, max_size=long_numbers.get(kind, 9))),
        primary=draw(words),
        secondary=" ".join(draw(st.lists(words, min_size=1, max_size=2))),
        birth=f"{born:%y%m%d}",
        sex=draw(st.sampled_from("FM<X")),
        nationality=draw(st.sampled_from(["UTO", "D", "CHE"])),
        expiry=f"{expires:%y%m%d}",
        optional=draw(st.text(ALPHABET, max_size=4)) if kind not in long_numbers else "",
        second_optional=draw(st.text(ALPHABET, max_size=11)),
    )


@given(documents())
@example(Fields(Format.TD1, "I", number="D23145890734"))
@example(Fields(Format.MRVA, "V", optional="6IFLND00AMS80308"))
def test_a_zone_is_read_back_as_it_was_composed(fields: Fields) -> None:
    zone = read(zone_of(fields))
    assert zone is not None
    assert (zone.format, zone.number, zone.document_code, zone.issuing_state) == (
        fields.format,
        fields.number,
        fields.code,
        fields.state,
    )
    assert (zone.name.primary, zone.name.secondary) == (fields.primary, fields.secondary)
    assert zone.birth_date is not None
    assert f"{zone.birth_date:%y%m%d} {zone.expiry_date:%y%m%d}" == f"{fields.birth} {fields.expiry}"
    assert not zone.repaired


@pytest.mark.parametrize("fields", [Fields(), Fields(Format.TD1, "I", number="D23145890734")])
def test_sex_and_nationality_are_not_read(fields: Fields) -> None:
    told = [read(zone_of(replace(fields, sex=sex, nationality="ZZZ" if sex == "M" else "UTO"))) for sex in "MF"]
    assert told[0] == told[1]
    assert not {"sex", "nationality"} & {*MachineReadableZone.__dataclass_fields__}


def test_what_is_personal_is_not_in_the_representation() -> None:
    shown = repr(find_zone(zone_of(Fields()), TODAY)) + repr(read(zone_of(Fields())))
    assert not [secret for secret in ("L898902C3", "ERIKSSON", "ANNA", "740812", "1974") if secret in shown]


def seen_by_digits(layout: Layout) -> list[tuple[int, int]]:
    """The positions that a check digit of their own field covers, and those digits."""
    fields = (layout.number, layout.birth, layout.expiry)
    return [(span.line, place) for field in fields for span in (field, digit_of(field)) for place in span.places]


@given(documents(), st.data())
def test_one_wrong_character_that_a_digit_sees_is_refused_or_put_right(fields: Fields, data: st.DataObject) -> None:
    layout = LAYOUT_OF[fields.format]
    lines = zone_of(fields)
    right = read(lines)
    line, place = data.draw(st.sampled_from(seen_by_digits(layout)))
    wrong = data.draw(st.sampled_from(ALPHABET + FILLER))
    assume(check_digit(wrong) != check_digit(lines[line][place]))
    lines[line] = lines[line][:place] + wrong + lines[line][place + 1 :]
    found = read(lines)
    assert found is None or (found.repaired and replace(found, repaired=False) == right)


# The specimens of ICAO Doc 9303, parts 5, 6, 4 and 7.
SPECIMENS = {
    Format.TD1: """I<UTOD231458907<<<<<<<<<<<<<<<
7408122F1204159UTO<<<<<<<<<<<6
ERIKSSON<<ANNA<MARIA<<<<<<<<<<""",
    Format.TD2: """I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
D231458907UTO7408122F1204159<<<<<<<6""",
    Format.TD3: """P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO7408122F1204159ZE184226B<<<<<10""",
    Format.MRVA: """V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L8988901C4XXX4009078F96121096ZE184226B<<<<<<""",
    Format.MRVB: """V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
L8988901C4XXX4009078F9612109<<<<<<<<""",
}


@pytest.mark.parametrize("kind", SPECIMENS)
def test_the_specimens_of_the_standard_are_confirmed(kind: Format) -> None:
    zone = read(SPECIMENS[kind].splitlines())
    assert zone is not None
    assert (zone.format, zone.issuing_state, zone.name.primary, zone.name.secondary) == (
        kind,
        "UTO",
        "ERIKSSON",
        "ANNA MARIA",
    )


def test_a_composite_digit_covers_the_optional_fields() -> None:
    """TD1 with data in both, and a passport's personal number, one sign of which changes."""
    card = zone_of(Fields(Format.TD1, "I", optional="ABC", second_optional="12345678901"))
    assert read(card) is not None
    for line, place in ((0, 16), (1, 18), (1, 28)):
        assert read(swapped(card, line, place, "X" if card[line][place] != "X" else "Y")) is None
    assert read(swapped(zone_of(Fields(optional="ZE184226B")), 1, 30, "2")) is None


def swapped(lines: list[str], line: int, place: int, character: str) -> list[str]:
    text = lines[line]
    return [*lines[:line], text[:place] + character + text[place + 1 :], *lines[line + 1 :]]


def test_a_letter_in_a_date_is_put_right_and_marked() -> None:
    found = read(swapped(zone_of(Fields()), 1, 14, "A"))
    assert found is not None
    assert found.repaired
    assert found.birth_date == date(1974, 8, 12)


def test_two_letters_in_dates_are_refused() -> None:
    once = swapped(zone_of(Fields()), 1, 14, "A")
    assert read(swapped(once, 1, 19, "Z")) is None


@pytest.mark.parametrize(("place", "character"), [(0, "1"), (1, "B"), (8, "8")])
def test_look_alikes_in_a_number_are_refused(place: int, character: str) -> None:
    assert read(swapped(zone_of(Fields(number="I89890253")), 1, place, character)) is None


def test_the_composite_digit_repairs_nothing() -> None:
    lines = zone_of(Fields())
    digits = find_zone(swapped(lines, 1, 43, "1" if lines[1][43] != "1" else "2"), TODAY)
    assert digits is not None
    assert digits.zone is None
    assert [name for name, holds in digits.check_digits.items() if not holds] == ["composite"]


def test_characters_equal_modulo_ten_pass_unseen() -> None:
    """A limit of check digits that docs/documents.md tells."""
    found = read(swapped(zone_of(Fields(Format.MRVA, "V", number="A6")), 1, 1, "G"))
    assert found is not None
    assert found.number == "AG"


@pytest.mark.parametrize("expiry", ["321341", "320230", "<<<<<<", "32<<<<"])
def test_an_expiry_that_is_no_day_is_refused(expiry: str) -> None:
    assert read(zone_of(Fields(expiry=expiry))) is None


def test_a_birth_that_is_partly_unknown_is_left_open() -> None:
    found = read(zone_of(Fields(birth="74<<<<")))
    assert found is not None
    assert found.birth_date is None
    assert read(zone_of(Fields(birth="7408<2"))) is None


def test_fillers_that_were_overlooked_behind_the_name_do_no_harm() -> None:
    lines = zone_of(Fields())
    found = read([lines[0][:-2], lines[1]])
    assert found is not None
    assert found.name.primary == "ERIKSSON"
    assert find_zone([lines[0][:-3], lines[1]], TODAY) is None


@given(documents(), st.integers(-2, 2), st.data())
def test_fillers_overlooked_or_seen_twice_in_an_optional_field_change_nothing(
    fields: Fields, change: int, data: st.DataObject
) -> None:
    """Anywhere else a missing sign is never believed."""
    layout = LAYOUT_OF[fields.format]
    lines = zone_of(fields)
    right = read(lines)
    line = data.draw(st.sampled_from([*layout.optional]))
    row = re.search("<{6,}", lines[line][layout.optional[line] :])
    assume(row is not None)
    assert row is not None
    place = layout.optional[line] + row.start()
    text = lines[line]
    changed = text[:place] + "<" * change + text[place - min(change, 0) :]
    assert len(changed) == len(text) + change
    assert read([*lines[:line], changed, *lines[line + 1 :]]) == right


@given(documents(), st.data())
def test_a_sign_missing_anywhere_else_is_not_believed_to_be_another_document(
    fields: Fields, data: st.DataObject
) -> None:
    lines = zone_of(fields)
    right = read(lines)
    line = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[line]) - 1))
    found = read([*lines[:line], lines[line][:place] + lines[line][place + 1 :], *lines[line + 1 :]])
    assume(found is not None)
    assert found is not None
    assert right is not None
    assert (found.number, found.birth_digits, found.expiry_date) == (
        right.number,
        right.birth_digits,
        right.expiry_date,
    )


@pytest.mark.parametrize("kind", list(Format))
def test_a_zone_is_found_among_other_lines(kind: Format) -> None:
    lines = zone_of(Fields(kind, CODES[kind]))
    found = find_zone(["REPUBLICOFUTOPIA", *lines, "SIGNATURE"], TODAY)
    assert found is not None
    assert found.zone is not None
    assert find_zone(lines[:-1], TODAY) is None
    assert find_zone(lines[::-1], TODAY) is None


def test_a_line_of_a_zone_and_half_of_one_are_told_from_other_text() -> None:
    first, second = zone_of(Fields())
    assert all(map(looks_like_part, (first, second, first[:20], first[20:])))
    assert not any(map(looks_like_part, ("PASSPORT", "DATEOFBIRTH", "", "<<<", "MINISTRYOFFOREIGN")))


def test_expiry_is_the_last_valid_day() -> None:
    zone = read(zone_of(Fields(expiry=f"{TODAY:%y%m%d}")))
    assert zone is not None
    assert not zone.is_expired(TODAY)
    assert zone.is_expired(date(2026, 11, 24))
