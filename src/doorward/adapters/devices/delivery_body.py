"""What a delivery says, in CBOR: passages as [id, person, checkpoint, milliseconds since 1970], and counts.

Ids are the 16 bytes of their UUIDs. A time is the device's, to the millisecond.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2

from doorward.errors import RequestInvalid
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.delivery import MOST_PASSAGES
from doorward.passages.passage import Counter, Passage

_DEEPEST = 4
_MOST_COUNTED = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 253_402_300_799_999

Counts = Mapping[tuple[CheckpointId, Counter], int]


@dataclass(frozen=True, slots=True)
class DeliveryBody:
    passages: Sequence[Passage]
    counted: Counts


def encoded(body: DeliveryBody) -> bytes:
    passages = [
        [_octets(one.id), _octets(one.person), _octets(one.checkpoint), (one.at - _EPOCH) // timedelta(milliseconds=1)]
        for one in body.passages
    ]
    counted = [[_octets(checkpoint), counter.value, count] for (checkpoint, counter), count in body.counted.items()]
    return cbor2.dumps({"passages": passages, "counted": counted}, canonical=True)


def decoded(octets: bytes) -> DeliveryBody:
    """``RequestInvalid`` unless it is of the form above, with at most ``MOST_PASSAGES`` passages."""
    try:
        held = cbor2.loads(octets, max_depth=_DEEPEST, allow_indefinite=False, allow_duplicate_keys=False)
        passages, counted = held["passages"], held["counted"]
        if set(held) != {"passages", "counted"} or max(len(passages), len(counted)) > MOST_PASSAGES:
            raise ValueError
        return DeliveryBody([_passage(*one) for one in passages], dict(_count(*one) for one in counted))
    except (cbor2.CBORError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise RequestInvalid(
            f"What the device delivered is no delivery of at most {MOST_PASSAGES} passages; update the device."
        ) from None


def _passage(passage: Any, person: Any, checkpoint: Any, at: Any) -> Passage:
    if type(at) is not int or not 0 <= at <= _LATEST_MS:
        raise ValueError
    moment = _EPOCH + timedelta(milliseconds=at)
    return Passage(PassageId(_id(passage)), PersonId(_id(person)), CheckpointId(_id(checkpoint)), moment)


def _count(checkpoint: Any, counter: Any, count: Any) -> tuple[tuple[CheckpointId, Counter], int]:
    if type(count) is not int or not 0 < count <= _MOST_COUNTED:
        raise ValueError
    return (CheckpointId(_id(checkpoint)), Counter(counter)), count


def _octets(of: str) -> bytes:
    return UUID(of).bytes


def _id(octets: Any) -> str:
    return str(UUID(bytes=octets))
