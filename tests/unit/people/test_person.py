"""What may be kept on a person."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from doorward.adapters.stores.face.records import person_from, person_record
from doorward.errors import WrongUse
from doorward.people.membership import lasting
from doorward.people.person import EVERYONE, LONGEST_TEXT, Details, Document, Person, checked
from doorward.vault.envelope import pad
from known_people import NOON, UNHURRIED, people, person

TODAY = NOON.date()


@UNHURRIED
@given(somebody=people)
def test_whatever_is_legal_is_kept_and_survives_its_record(somebody: Person) -> None:
    kept = checked(somebody, TODAY)
    assert kept == replace(somebody, display_name=somebody.display_name.strip())
    assert person_from(kept.id, person_record(kept)) == kept


@pytest.mark.parametrize(
    "name",
    ["Ada", "Нина", "山田　太郎", "علی‌رضا", "श्री", "ශ්‍රී", "O’Brien-Ñandú", "Nguyễn Thị", "李\u00a0明", "👩‍🚀"],
)
def test_names_in_any_script(name: str) -> None:
    assert checked(person(name), TODAY).display_name == name


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "a\u202eb", "a\u2028b", "a\ud800b", "a" * (LONGEST_TEXT + 1)])
@pytest.mark.parametrize("field", ["name", "full_name", "address", "employer", "badge_number", "document", "group"])
def test_no_field_takes_control_characters_or_too_much(text: str, field: str) -> None:
    if field == "name":
        wrong = person(text)
    elif field == "group":
        wrong = replace(person(), memberships=lasting({text}))
    else:
        wrong = person(**{field: Document(text) if field == "document" else text})
    with pytest.raises(WrongUse):
        checked(wrong, TODAY)


@pytest.mark.parametrize(
    "wrong",
    [
        person("  "),
        person(birth_date=TODAY + timedelta(days=1)),
        person(document=Document(" - ")),
        person(document=Document("X1", date(2026, 1, 2), date(2026, 1, 1))),
        person(badge_number="--"),
    ],
)
def test_what_cannot_be_is_refused(wrong: Person) -> None:
    with pytest.raises(WrongUse):
        checked(wrong, TODAY)


def test_everybody_belongs_to_everyone() -> None:
    lonely = replace(person(), memberships=frozenset(), details=Details())
    assert checked(lonely, TODAY).memberships == lasting({EVERYONE})


def test_short_and_long_details_seal_to_one_size() -> None:
    short = person("Li")
    long = person(
        "Maximiliane Wolfeschlegelstein",
        full_name="Maximiliane Theodora Wolfeschlegelstein",
        document=Document("L01X00T47", date(2020, 1, 1), date(2030, 1, 1)),
        birth_date=date(1990, 1, 1),
        address="Lange Strasse 123, 12345 Musterstadt",
        employer="Wasserwerke Musterstadt",
        badge_number="4711-0815",
    )
    assert len(pad(person_record(short))) == len(pad(person_record(long))) == 512
