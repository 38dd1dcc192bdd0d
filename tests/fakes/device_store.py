"""``DeviceStore`` in memory."""

from doorward.errors import Conflict, NotFound
from doorward.kernel.ids import DeviceId
from doorward.passages.device import Device


class FakeDeviceStore:
    def __init__(self) -> None:
        self._held: dict[DeviceId, Device] = {}

    def add(self, device: Device) -> None:
        if any(one.name.casefold() == device.name.casefold() and one.id != device.id for one in self.all()):
            raise Conflict("A device had that name already.")
        self._held[device.id] = device

    def change(self, device: Device) -> None:
        if device.id not in self._held:
            raise NotFound("There is no such device.")
        self.add(device)

    def get(self, device: DeviceId) -> Device | None:
        return self._held.get(device)

    def named(self, name: str) -> Device:
        for one in self.all():
            if one.name.casefold() == name.strip().casefold():
                return one
        raise NotFound("There is no such device.")

    def all(self) -> tuple[Device, ...]:
        return tuple(sorted(self._held.values(), key=lambda one: one.name.casefold()))
