"""A roll as bytes: a head in JSON, then ids, groups and references as plain arrays."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.errors import Tampered
from doorward.identify.deadlines import Deadlines
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.ports import Roll
from doorward.kernel.ids import PersonId

_LENGTH = struct.Struct(">I")
_ID = 36
_ALIGNED = 64
"""Bytes: the arrays begin at a multiple of it."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Size and root of the audit log when a roll was written down; size 0 when the log was empty."""

    size: int
    root: bytes


def encode_roll(roll: Roll, head: AuditHead) -> Iterator[memoryview]:
    """The parts of the bytes, one after another; large arrays are not copied. ``unsettled`` must be empty."""
    groups = GroupSets.of(roll.groups)
    deadlines = zip(roll.deadlines.people, roll.deadlines.moments.tolist(), strict=True)
    described = json.dumps(
        {
            "revision": roll.revision,
            "audit": [head.size, head.root.hex()],
            "people": len(roll.people),
            "references": list(roll.vectors.shape),
            "groups": [sorted(one) for one in groups.sets],
            "deadlines": dict(deadlines),
        }
    ).encode()
    padded = described.ljust(-(-(_LENGTH.size + len(described)) // _ALIGNED) * _ALIGNED - _LENGTH.size)
    yield memoryview(_LENGTH.pack(len(padded)) + padded)
    yield memoryview("".join(roll.people).encode())
    for array in (groups.numbers.astype("<i4"), roll.owners.astype("<i4"), np.ascontiguousarray(roll.vectors, "<f4")):
        yield array.reshape(-1).view(np.uint8).data


def decode_roll(octets: NDArray[np.uint8]) -> tuple[Roll, AuditHead]:
    """What ``encode_roll`` wrote; references stay where they lie. ``Tampered`` when it is anything else."""
    try:
        return _decoded(octets)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, struct.error):
        raise Tampered("The snapshot of the gallery is no roll of people; delete it.") from None


def _decoded(octets: NDArray[np.uint8]) -> tuple[Roll, AuditHead]:
    (length,) = _LENGTH.unpack_from(octets[: _LENGTH.size].tobytes())
    parts = _Parts(octets, _LENGTH.size)
    held = json.loads(parts.take(length).tobytes())
    count, (references, dimension) = held["people"], held["references"]
    text = parts.take(count * _ID).tobytes().decode("ascii")
    people = PersonIds.of([PersonId(text[start : start + _ID]) for start in range(0, len(text), _ID)])
    sets = [frozenset(one) for one in held["groups"]]
    numbers = parts.take(count * 4).view("<u4")
    if count and int(numbers.max()) >= len(sets):
        raise ValueError("groups")
    groups = GroupSets(sets, numbers)
    owners = parts.take(references * 4).view("<i4").astype(np.int32)
    vectors = parts.take(references * dimension * 4).view("<f4").reshape(references, dimension)
    parts.check_end()
    if references and not (owners[0] >= 0 and owners[-1] < count and bool((np.diff(owners) >= 0).all())):
        raise ValueError("owners")
    deadlines = _deadlines(PersonIds.of(list(held["deadlines"])), list(held["deadlines"].values()))
    size, root = held["audit"]
    return Roll(held["revision"], people, groups, deadlines, owners, vectors), AuditHead(size, bytes.fromhex(root))


class _Parts:
    def __init__(self, octets: NDArray[np.uint8], start: int) -> None:
        self._octets = octets
        self._start = start

    def take(self, length: int) -> NDArray[np.uint8]:
        end = self._start + length
        if length < 0 or end > len(self._octets):
            raise ValueError("length")
        part = self._octets[self._start : end]
        self._start = end
        return part

    def check_end(self) -> None:
        if self._start != len(self._octets):
            raise ValueError("length")


def without(roll: Roll, left_out: frozenset[PersonId]) -> Roll:
    """The roll without some people; itself when none of them is in it."""
    people, groups = PersonIds.of(roll.people), GroupSets.of(roll.groups)
    kept = people.without(left_out)
    if len(kept) == len(people):
        return roll
    moved = np.full(len(people), -1, np.int32)
    moved[kept] = np.arange(len(kept), dtype=np.int32)
    owners = moved[roll.owners]
    waiting = roll.deadlines.people.without(left_out)
    return Roll(
        roll.revision,
        people.at(kept),
        groups.at(kept),
        Deadlines(roll.deadlines.people.at(waiting), roll.deadlines.moments[waiting]),
        owners[owners >= 0],
        roll.vectors[owners >= 0],
        [person for person in roll.unsettled if person not in left_out],
    )


def _deadlines(people: PersonIds, moments: list[int]) -> Deadlines:
    found = np.array(moments, np.int64)
    if len(found) > 1 and bool((np.diff(found) < 0).any()):
        raise ValueError("deadlines")
    return Deadlines(people, found)
