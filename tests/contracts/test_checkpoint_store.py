"""The contract of ``CheckpointStore``."""

import pytest

from doorward.errors import CheckpointUnknown, Conflict
from doorward.face.pad import PadMethod
from doorward.face.presentation import Act
from doorward.kernel.ids import CheckpointId
from doorward.passages.checkpoint import Checkpoint
from houses import House


def test_finds_by_name_whatever_its_case(house: House) -> None:
    north = Checkpoint(CheckpointId("1"), "North Gate", "staff", Act.NONE, frozenset({PadMethod.PASSIVE}), 0.005)
    house.checkpoints.add(north)
    assert house.checkpoints.named(" north gate ") == north
    with pytest.raises(CheckpointUnknown):
        house.checkpoints.named("South Gate")


def test_a_name_is_taken_once(house: House) -> None:
    house.checkpoints.add(Checkpoint(CheckpointId("1"), "North"))
    with pytest.raises(Conflict):
        house.checkpoints.add(Checkpoint(CheckpointId("2"), "NORTH"))
    assert [one.id for one in house.checkpoints.all()] == ["1"]


def test_all_come_by_name(house: House) -> None:
    for number, name in enumerate(("b", "C", "a")):
        house.checkpoints.add(Checkpoint(CheckpointId(str(number)), name))
    assert [one.name for one in house.checkpoints.all()] == ["a", "b", "C"]


def test_a_checkpoint_is_changed_where_it_is(house: House) -> None:
    north = Checkpoint(CheckpointId("1"), "North", attack_checks=frozenset(PadMethod))
    house.checkpoints.add(Checkpoint(CheckpointId("1"), "North"))
    house.checkpoints.change(north)
    assert house.checkpoints.all() == (north,)
    with pytest.raises(CheckpointUnknown):
        house.checkpoints.change(Checkpoint(CheckpointId("2"), "South"))


def test_what_was_found_by_its_name_is_looked_for_anew(house: House) -> None:
    house.checkpoints.add(Checkpoint(CheckpointId("1"), "North"))
    assert house.checkpoints.named("north").group == "everyone"
    staff = Checkpoint(CheckpointId("1"), "North", "staff")
    house.checkpoints.change(staff)
    assert house.checkpoints.named("north") == staff
    house.checkpoints.change(Checkpoint(CheckpointId("1"), "South"))
    house.checkpoints.add(Checkpoint(CheckpointId("2"), "North"))
    assert [house.checkpoints.named(name).id for name in ("north", "south")] == ["2", "1"]
