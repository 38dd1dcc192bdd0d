"""Twins enrolled: who resembles somebody else is refused until an officer states that they are two."""

import pytest

from doorward.errors import AlreadyEnrolled, WrongUse
from doorward.people.enrolment import CapturedFrom
from doorward.people.lookalikes import Distinction
from houses import House
from known_people import OFFICER, face, resembling

LIVE, FILE = CapturedFrom.LIVE, CapturedFrom.FILE
STATED = "stated to be distinct from a lookalike: both stood here, with their passports"
REASON = "both stood here, with their passports"


def stated(*people: str) -> Distinction:
    return Distinction(frozenset(people), REASON)


def actions(house: House, person: str) -> list[str]:
    return [entry.action for entry in house.trail.about(person)]


def test_who_is_stated_to_be_another_is_enrolled_and_both_are_recorded(house: House) -> None:
    ada, bo = house.known("Ada Lovelace", face(1)), house.known("Bo")
    enroller = house.enroller(identify_profile=True)
    with pytest.raises(AlreadyEnrolled, match=f"Ada Lovelace \\({ada.id}\\).*--distinct-from ID"):
        enroller.enrol(OFFICER, bo.id, resembling(face(1), 0.7), LIVE, may_see_duplicate=True)
    enroller.enrol(OFFICER, bo.id, resembling(face(1), 0.7), LIVE, distinct=stated(ada.id))
    assert [one.person for one in house.lookalikes.of(bo.id)] == [ada.id]
    assert [one.person for one in house.lookalikes.of(ada.id)] == [bo.id]
    assert actions(house, ada.id)[-1] == STATED
    assert actions(house, bo.id)[-2:] == [STATED, "face enrolled from live"]
    assert ada.id not in "".join(actions(house, bo.id)), "each may see their own entries, and not of whom they are"


def test_a_recorded_pair_need_not_be_stated_again(house: House) -> None:
    ada, bo = house.known("Ada", face(1)), house.known("Bo")
    enroller = house.enroller(identify_profile=True)
    enroller.enrol(OFFICER, bo.id, resembling(face(1), 0.7), FILE, distinct=stated(ada.id))
    enroller.confirm(OFFICER, bo.id, resembling(face(1), 0.7))
    enroller.update(OFFICER, bo.id, resembling(face(1), 0.7), FILE)
    enroller.update(OFFICER, ada.id, face(1), FILE, distinct=stated(bo.id))
    assert actions(house, ada.id).count(STATED) == 1


def test_each_of_several_has_to_be_stated(house: House) -> None:
    ada, bo, cy = house.known("Ada", face(1)), house.known("Bo", resembling(face(1), 0.9)), house.known("Cy")
    enroller = house.enroller(identify_profile=True)
    with pytest.raises(AlreadyEnrolled, match="Bo"):
        enroller.enrol(OFFICER, cy.id, face(1), LIVE, distinct=stated(ada.id), may_see_duplicate=True)
    assert not house.lookalikes.of(cy.id)
    enroller.enrol(OFFICER, cy.id, face(1), LIVE, distinct=stated(ada.id, bo.id))
    assert {one.person for one in house.lookalikes.of(cy.id)} == {ada.id, bo.id}


@pytest.mark.parametrize("identify_profile", [True, False])
def test_nobody_is_stated_to_be_distinct_whom_the_face_does_not_resemble(house: House, identify_profile: bool) -> None:
    ada, bo = house.known("Ada", face(1)), house.known("Bo")
    enroller = house.enroller(identify_profile=identify_profile)
    with pytest.raises(WrongUse, match="does not resemble"):
        enroller.enrol(OFFICER, bo.id, face(2), LIVE, distinct=stated(ada.id))
    assert not house.enrolments.of(bo.id)
    assert STATED not in actions(house, ada.id)


def test_confirming_and_updating_take_the_statement_too(house: House) -> None:
    bo = house.known("Bo", face(1), captured_from=FILE)
    ada = house.known("Ada", resembling(face(1), 0.9))
    enroller = house.enroller(identify_profile=True)
    with pytest.raises(AlreadyEnrolled):
        enroller.confirm(OFFICER, bo.id, face(1))
    enroller.confirm(OFFICER, bo.id, face(1), distinct=stated(ada.id))
    cy = house.known("Cy", resembling(face(1), 0.8, seed=7))
    with pytest.raises(AlreadyEnrolled):
        enroller.update(OFFICER, cy.id, resembling(face(1), 0.8, seed=7), FILE)
    enroller.update(OFFICER, cy.id, resembling(face(1), 0.8, seed=7), FILE, distinct=stated(ada.id, bo.id))
    assert {one.person for one in house.lookalikes.of(cy.id)} == {ada.id, bo.id}


@pytest.mark.parametrize(("people", "reason"), [((), "r"), (("x",), " "), (("x",), "r" * 201), (("x",), "a\nb")])
def test_a_statement_names_somebody_and_says_why(people: tuple[str, ...], reason: str) -> None:
    with pytest.raises(WrongUse):
        Distinction(frozenset(people), reason)
