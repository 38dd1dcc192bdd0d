"""Target: the roll inside a gallery's snapshot."""

from datetime import UTC, datetime

import numpy as np

from doorward.adapters.galleries.face.roll_file import AuditHead, decode_roll, encode_roll
from doorward.errors import DoorwardError
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import Roll
from doorward.kernel.ids import PersonId

ADA, BO = (PersonId(f"00000000-0000-4000-8000-{number:012}") for number in range(2))


def encoded(roll: Roll) -> bytes:
    return b"".join(bytes(part) for part in encode_roll(roll, AuditHead(7, bytes(32))))


SEEDS = (
    encoded(Roll(0, [], [], Deadlines.of({}), np.zeros(0, np.int32), np.zeros((0, 4), np.float32))),
    encoded(
        Roll(
            9,
            [ADA, BO],
            [frozenset({"everyone"}), frozenset({"everyone", "staff"})],
            Deadlines.of({BO: datetime(2026, 11, 23, tzinfo=UTC)}),
            np.array([0, 1, 1], np.int32),
            np.ones((3, 4), np.float32),
        )
    ),
)


def decode(data: bytes) -> Roll:
    return decode_roll(np.frombuffer(data, np.uint8))[0]


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
