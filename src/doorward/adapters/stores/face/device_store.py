"""Devices as granted rows: who writes the database without the key adds none, and revives none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Conflict, NotFound
from doorward.kernel.ids import CheckpointId, DeviceId
from doorward.passages.device import Device

_KIND = "device"
_UNKNOWN = "There is no such device; `doorward device list` shows them."


class SqlDeviceStore:
    """``DeviceStore`` over data.db."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def add(self, device: Device) -> None:
        self._refuse_taken(device)
        self._put(device)

    def change(self, device: Device) -> None:
        if self.get(device.id) is None:
            raise NotFound(_UNKNOWN)
        self._refuse_taken(device)
        self._put(device)

    def get(self, device: DeviceId) -> Device | None:
        held = self._grants.get(_KIND, device)
        return None if held is None else _device(device, held)

    def named(self, name: str) -> Device:
        for known in self.all():
            if known.name.casefold() == name.strip().casefold():
                return known
        raise NotFound(_UNKNOWN)

    def all(self) -> tuple[Device, ...]:
        found = (_device(DeviceId(row_id), held) for row_id, held in self._grants.all(_KIND))
        return tuple(sorted(found, key=lambda device: device.name.casefold()))

    def _refuse_taken(self, device: Device) -> None:
        if any(one.name.casefold() == device.name.casefold() and one.id != device.id for one in self.all()):
            raise Conflict("A device had that name already, and it stands in the log; choose another.")

    def _put(self, device: Device) -> None:
        self._grants.put(
            _KIND,
            device.id,
            {
                "name": device.name,
                "public_key": device.public_key.hex(),
                "checkpoints": sorted(device.checkpoints),
                "joined_at": device.joined_at.isoformat(),
                "revoked_at": device.revoked_at and device.revoked_at.isoformat(),
            },
        )


def _device(device: DeviceId, held: Mapping[str, Any]) -> Device:
    return Device(
        device,
        held["name"],
        bytes.fromhex(held["public_key"]),
        frozenset(map(CheckpointId, held["checkpoints"])),
        datetime.fromisoformat(held["joined_at"]),
        datetime.fromisoformat(held["revoked_at"]) if held["revoked_at"] else None,
    )
