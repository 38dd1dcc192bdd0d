"""Checkpoints and passages, over real stores and fakes."""

from dataclasses import replace

import pytest

from doorward.errors import Conflict, WrongUse
from doorward.face.presentation import Act
from doorward.passages.checkpoint import LONGEST_NAME
from doorward.passages.passage import Counter
from doorward.people.consent import Purpose
from houses import House
from known_people import OFFICER


def test_a_checkpoint_asks_for_an_act_unless_told_otherwise(house: House) -> None:
    north = house.doorkeeper.add(" North ")
    south = house.doorkeeper.add("South", "staff", Act.NONE)
    assert (north.name, north.act) == ("North", Act.TILT)
    assert house.doorkeeper.named("south") == south
    with pytest.raises(Conflict):
        house.doorkeeper.add("NORTH")


def test_a_checkpoint_may_name_fewer_strangers_than_the_site(house: House) -> None:
    north = house.doorkeeper.add("North", fpir=0.001)
    assert house.doorkeeper.named("North").fpir == 0.001
    changed = house.doorkeeper.search_at(OFFICER, "north", 0.05)
    assert house.doorkeeper.named("North") == changed == replace(north, fpir=0.05)
    assert house.doorkeeper.search_at(OFFICER, "north", None).fpir is None
    before = house.trail.count()
    for wrong in (0.0, 1.5, float("nan")):
        with pytest.raises(WrongUse):
            house.doorkeeper.search_at(OFFICER, "North", wrong)
        with pytest.raises(WrongUse):
            house.doorkeeper.add("South", fpir=wrong)
    assert house.trail.count() == before
    assert [one.name for one in house.doorkeeper.all()] == ["North"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * (LONGEST_NAME + 1)])
def test_a_checkpoint_has_a_name(house: House, name: str) -> None:
    with pytest.raises(WrongUse):
        house.doorkeeper.add(name)


def test_who_agreed_leaves_a_passage_and_who_did_not_a_count(house: House) -> None:
    north = house.doorkeeper.add("North")
    ada, bo = house.known("Ada"), house.known("Bo", purposes=(Purpose.VERIFY,))
    assert house.doorkeeper.let_through(north, ada.id) is not None
    assert house.doorkeeper.let_through(north, bo.id) is None
    house.doorkeeper.turn_away(north)
    assert house.doorkeeper.tallies(north) == {Counter.ACCEPTED: 2, Counter.REFUSED: 1}
    assert house.passages.count() == 1
    (kept,) = house.doorkeeper.passages_of(OFFICER, ada.id)
    assert (kept.person, kept.checkpoint, kept.at) == (ada.id, north.id, house.clock.now())
    assert house.trail.about(ada.id)[-1].action == "passages of the last 24 h read"


def test_passages_are_forgotten_after_a_day(house: House) -> None:
    north = house.doorkeeper.add("North")
    ada = house.known("Ada")
    house.doorkeeper.let_through(north, ada.id)
    house.clock.pass_by(hours=24)
    house.doorkeeper.forget_old()
    assert house.passages.count() == 1
    house.clock.pass_by(hours=1)
    house.doorkeeper.forget_old()
    assert house.passages.count() == 0
    assert not house.doorkeeper.passages_of(OFFICER, ada.id)


def test_withdrawing_ends_the_recording_at_once(house: House) -> None:
    north = house.doorkeeper.add("North")
    ada = house.known("Ada")
    house.register.withdraw(OFFICER, ada.id, house.consents.of(ada.id)[0].id)
    assert house.doorkeeper.let_through(north, ada.id) is None
    assert house.passages.count() == 0
