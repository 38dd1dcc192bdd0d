"""What the reader nearly read casts doubt on what the check digits let pass, and the page settles it."""

from dataclasses import replace
from datetime import date

import pytest

from doorward.documents.check_digits import check_digit
from doorward.documents.doubts import RARE, UNLIKELY, combined, other_fields, printed_among
from doorward.documents.states import STATES, stated
from doorward.documents.zone import Judgement, find_zone
from zones import Fields, zone_of

TODAY = date(2026, 11, 23)
FIELDS = Fields(state="POL", number="ZS0000177")
OUTWEIGHED = replace(FIELDS, number="250000177")


Places = dict[tuple[int, int], dict[str, float]]


def judged(fields: Fields, rivals: Places, lines: list[str] | None = None) -> Judgement:
    """``rivals`` by line and place."""
    read = lines or zone_of(fields)
    doubts = [[rivals.get((line, place), {}) for place in range(len(text))] for line, text in enumerate(read)]
    judgement = find_zone(read, TODAY, doubts)
    assert judgement is not None
    return judgement


def numbers(judgement: Judgement) -> str | None:
    return judgement.zone.number if judgement.zone else None


def test_both_numbers_of_the_example_have_one_check_digit() -> None:
    assert check_digit(FIELDS.number) == check_digit(OUTWEIGHED.number)


@pytest.mark.parametrize(
    ("fields", "likely", "doubted"),
    [
        (OUTWEIGHED, 0.05, ("ZS0000177",)),
        (OUTWEIGHED, UNLIKELY**0.5 / 2, ()),
        (FIELDS, 0.05, ()),
        (FIELDS, RARE**0.5 * 1.01, ("250000177",)),
    ],
    ids=["letters for digits", "hardly likely", "digits for letters", "digits, nearly as likely"],
)
def test_signs_that_outweigh_each_other_cast_doubt(fields: Fields, likely: float, doubted: tuple[str, ...]) -> None:
    other = FIELDS if fields is OUTWEIGHED else OUTWEIGHED
    rivals = {(1, place): {other.number[place]: likely} for place in (0, 1)}
    judgement = judged(fields, rivals)
    assert judgement.other_numbers == doubted
    assert judgement.is_in_doubt == bool(doubted)


def test_what_no_check_digit_allows_casts_none() -> None:
    assert not judged(FIELDS, {(1, 1): {"5": 0.9}, (1, 8): {"1": 0.9}}).is_in_doubt
    assert other_fields("100000000", check_digit("100000000"), [{"2": 0.9}, *[{}] * 9]) == ()


def test_a_wrong_check_digit_beside_a_wrong_sign_is_seen() -> None:
    """The digit's own rivals count as well."""
    right, digit = "4", check_digit("A40000000")
    others = other_fields("A10000000", check_digit("A10000000"), [{}, {right: 0.5}, *[{}] * 7, {digit: 0.5}])
    assert others == ("A40000000",)


def test_the_page_settles_a_doubt() -> None:
    judgement = judged(OUTWEIGHED, {(1, 0): {"Z": 0.1}, (1, 1): {"S": 0.1}})
    assert judgement.is_in_doubt
    assert numbers(judgement.settled_by(["NR. 25 000 0177"])) == "250000177"
    assert numbers(judgement.settled_by(["Nr zs0000177"])) is None
    assert numbers(judgement.settled_by(["250000177", "ZS0000177"])) is None
    assert numbers(judgement.settled_by([])) is None


def test_a_doubted_date_or_state_is_settled_by_nothing() -> None:
    born = replace(FIELDS, birth="740812")
    other = "740822"
    assert check_digit(born.birth) != check_digit(other)
    judgement = judged(born, {(1, 17): {"2": 0.5}, (1, 19): {check_digit(other): 0.5}})
    assert judgement.in_doubt == {"birth_date"}
    assert numbers(judgement.settled_by(["ZS0000177"])) is None
    state = judged(replace(FIELDS, state="AUS"), {(0, 4): {"T": 0.5}})
    assert state.in_doubt == {"issuing_state"}


def test_a_number_one_sign_off_is_mended_from_the_page_alone() -> None:
    lines = zone_of(FIELDS)
    lines[1] = "ZX" + lines[1][2:]
    judgement = judged(FIELDS, {(1, 1): {"S": 0.01, "I": 0.02}}, lines)
    assert numbers(judgement) is None
    assert not judgement.settled_by(["ZX0000177"]).zone
    mended = judgement.settled_by(["No. ZS 0000177"]).zone
    assert mended is not None
    assert (mended.number, mended.repaired) == ("ZS0000177", True)
    assert not judgement.settled_by(["ZS0000177", "ZI0000177"]).zone, "both hold the check digit"


def test_two_signs_off_are_not_mended() -> None:
    lines = zone_of(FIELDS)
    lines[1] = "XX" + lines[1][2:]
    judgement = judged(FIELDS, {(1, 0): {"Z": 0.5}, (1, 1): {"S": 0.5}}, lines)
    assert numbers(judgement.settled_by(["ZS0000177"])) is None


def test_numbers_too_short_to_tell_are_not_printed() -> None:
    assert printed_among(["12345", "123456"], ["12345", "1 2 3-456"]) == ["123456"]


def test_a_state_that_there_is_not_gives_way_to_the_one_it_may_be() -> None:
    none: list[dict[str, float]] = [{}, {}, {}]
    assert stated("NLD", none) == ["NLD"]
    assert stated("NL0", none) == ["NLO"]
    assert stated("NLO", [{}, {}, {"D": 0.01, "0": 0.1}]) == ["NLD"]
    assert stated("BDR", [{"8": 0.1}, {"O": 0.1}, {}]) == ["BDR"]
    assert stated("AUS", [{}, {}, {"T": 0.01}]) == ["AUS"]
    assert stated("0<<", [{"D": 0.1}, {}, {}]) == ["D"]
    zone = judged(replace(FIELDS, state="NLO"), {(0, 4): {"D": 0.3}}).zone
    assert zone is not None
    assert (zone.issuing_state, zone.repaired) == ("NLD", True)


def test_the_list_of_states_is_whole() -> None:
    """249 countries of ISO 3166-1, and 28 more."""
    assert {"UTO", "D", "CHE", "TWN", "XXA", "UNO"} <= STATES
    assert {len(code) for code in STATES - {"D"}} == {3}
    assert len(STATES) == 249 + 28


def test_very_many_rivals_take_no_time_and_are_no_certainty() -> None:
    signs = dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0.9)
    assert len(combined("0000000000", [signs] * 10)) == 500
    assert other_fields("000000000", "0", [signs] * 10)
