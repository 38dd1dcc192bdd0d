"""What devices deliver: each delivery once, its passages, counts and place in the device's order in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from doorward.kernel.ids import CheckpointId, DeviceId
from doorward.passages.message_order import Mark, Standing
from doorward.passages.passage import Counter, Passage

MOST_PASSAGES = 2_000
"""Passages of one delivery: what a device saw in hours without a connection is sent in several."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a device. ``counted``: how many were let in and refused at each checkpoint."""

    device: DeviceId
    mark: Mark
    sent_at: datetime
    passages: Sequence[Passage] = ()
    counted: Mapping[tuple[CheckpointId, Counter], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """``recorded``: passages kept of a new delivery; those of people who are not here any more are not."""

    standing: Standing
    recorded: int = 0


class DeliveryStore(Protocol):
    def take(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Taken]:
        """Take deliveries of any devices, in order, in one step: what is new is durable when the call returns.

        What is not ``Standing.NEW`` changes nothing.
        """
        ...

    def mark(self, device: DeviceId) -> Mark | None:
        """The newest message taken from a device."""
        ...
