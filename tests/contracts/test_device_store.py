"""The contract of ``DeviceStore``."""

from dataclasses import replace

import pytest

from doorward.errors import Conflict, NotFound
from doorward.kernel.ids import CheckpointId, DeviceId
from doorward.passages.device import Device
from houses import House
from known_people import NOON


def device(number: int, name: str) -> Device:
    return Device(DeviceId(f"{number:036d}"), name, bytes([number] * 32), frozenset({CheckpointId("north")}), NOON)


def test_gives_back_what_was_added_by_id_and_by_name(house: House) -> None:
    lobby = replace(device(1, "Lobby"), revoked_at=NOON, checkpoints=frozenset(map(CheckpointId, ("north", "south"))))
    house.devices.add(lobby)
    assert house.devices.get(lobby.id) == lobby
    assert house.devices.named(" LOBBY ") == lobby
    assert house.devices.get(device(2, "").id) is None
    with pytest.raises(NotFound):
        house.devices.named("garage")


def test_a_name_is_given_once(house: House) -> None:
    house.devices.add(device(1, "Lobby"))
    house.devices.add(device(2, "Garage"))
    with pytest.raises(Conflict):
        house.devices.add(device(3, "lobby"))
    with pytest.raises(Conflict):
        house.devices.change(device(2, "lobby"))
    assert [one.name for one in house.devices.all()] == ["Garage", "Lobby"]


def test_a_device_is_changed_where_it_is(house: House) -> None:
    house.devices.add(device(1, "Lobby"))
    ended = replace(device(1, "Hall"), revoked_at=NOON)
    house.devices.change(ended)
    assert house.devices.all() == (ended,)
    with pytest.raises(NotFound):
        house.devices.change(device(2, "Garage"))
