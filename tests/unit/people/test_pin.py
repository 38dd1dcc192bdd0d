"""PINs: what may be one, and who sets them."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import NotFound, PersonUnknown, WrongUse
from doorward.kernel.ids import PersonId
from doorward.people.person import Document
from doorward.people.pin import SHORTEST_PIN, PinDesk, checked_pin, drawn_pin, entered_digits
from fakes.clock import FakeRandomness
from houses import House
from known_people import OFFICER, UNHURRIED, person

ADA = person(
    badge_number="B-4711 82", document=Document("X730264Y"), birth_date=date(1815, 12, 10), reference="staff 5519"
)


@pytest.mark.parametrize(
    "text",
    [
        *("000000", "111111", "123456", "987654", "890123", "135791", "246802"),
        *("121212", "112112", "123123", "12341234", "112233", "111222", "123321", "122333"),
        *("147258", "159753", "0147258", "789456"),
        *("471182", "471182913", "730264", "7302", "101215", "121015", "151210", "10121815", "18151210", "555191"),
    ],
)
def test_what_is_easily_guessed_is_no_pin(text: str) -> None:
    with pytest.raises(WrongUse):
        checked_pin(text, ADA)


@pytest.mark.parametrize(
    "text", ["", "48291", "4829130482913", "48 29 13", "48291a", "-482913", "4829.3", "四八二九一三"]
)
def test_what_is_no_pin_at_all(text: str) -> None:
    assert entered_digits(text) is None
    with pytest.raises(WrongUse, match="6 to 12 digits"):
        checked_pin(text, ADA)


@pytest.mark.parametrize("text", ["482913", " 482913\n", "４８２９１３", "٤٨٢٩١٣"])
def test_a_pin_is_the_same_on_every_keyboard(text: str) -> None:
    assert checked_pin(text, ADA) == "482913"


@UNHURRIED
@given(seed=st.integers(0, 2**32))
def test_a_drawn_pin_may_be_one(seed: int) -> None:
    drawn = drawn_pin(FakeRandomness(seed), ADA)
    assert len(drawn) == SHORTEST_PIN
    assert checked_pin(drawn, ADA) == drawn


def test_few_are_ruled_out() -> None:
    """Else whoever guesses would have less to try."""
    taken = 0
    for number in range(0, 1_000_000, 97):
        try:
            checked_pin(f"{number:06}", person(badge_number="4711"))
        except WrongUse:
            continue
        taken += 1
    assert taken > 0.98 * len(range(0, 1_000_000, 97))


def desk(house: House) -> PinDesk:
    return PinDesk(house.people, house.pins, house.trail, house.clock, house.randomness)


def test_each_act_is_recorded_and_no_pin_is(house: House) -> None:
    ada = house.known("Ada")
    desk(house).choose(OFFICER, ada.id, "482913")
    drawn = desk(house).draw(OFFICER, ada.id)
    assert house.pins.holders([ada.id], "482913") == frozenset()
    assert house.pins.holders([ada.id], drawn) == {ada.id}
    desk(house).remove(OFFICER, ada.id)
    assert not house.pins.has(ada.id)
    assert [entry.action for entry in house.trail.about(ada.id)][-3:] == ["PIN set", "PIN set", "PIN removed"]
    with pytest.raises(NotFound):
        desk(house).remove(OFFICER, ada.id)


def test_nobody_and_a_guessed_one_leave_nothing(house: House) -> None:
    ada = house.known("Ada")
    with pytest.raises(WrongUse):
        desk(house).choose(OFFICER, ada.id, "123456")
    assert not house.pins.has(ada.id)
    nobody = PersonId(str(uuid4()))
    for act in (lambda: desk(house).draw(OFFICER, nobody), lambda: desk(house).remove(OFFICER, nobody)):
        with pytest.raises(PersonUnknown):
            act()
