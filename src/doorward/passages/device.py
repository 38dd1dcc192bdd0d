"""Devices: machines that run cameras. Each has its own key, and acts only for the checkpoints it was invited for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorward.errors import WrongUse
from doorward.kernel.ids import CheckpointId, DeviceId

LONGEST_NAME = 60
PUBLIC_KEY_LENGTH = 32
"""Bytes of an Ed25519 public key (RFC 8032)."""


@dataclass(frozen=True, slots=True)
class Device:
    """``public_key``: Ed25519, raw; the private half never leaves the device. ``checkpoints``: for which it acts."""

    id: DeviceId
    name: str
    public_key: bytes
    checkpoints: frozenset[CheckpointId]
    joined_at: datetime
    revoked_at: datetime | None = None

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None


class DeviceStore(Protocol):
    """Who writes the database without the key adds no device."""

    def add(self, device: Device) -> None:
        """``Conflict`` when the name is taken, by a revoked device too: it stands in the log."""
        ...

    def change(self, device: Device) -> None:
        """Replace the device with that id; ``NotFound`` when there is none, ``Conflict`` as in ``add``."""
        ...

    def get(self, device: DeviceId) -> Device | None: ...

    def named(self, name: str) -> Device:
        """``NotFound`` when there is none."""
        ...

    def all(self) -> tuple[Device, ...]:
        """By name, the revoked too."""
        ...


def checked_name(name: str) -> str:
    """The name without blanks around it; ``WrongUse`` when it is none."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise WrongUse(f"A device's name has 1 to {LONGEST_NAME} printable characters; it stands in the log.")
    return name
