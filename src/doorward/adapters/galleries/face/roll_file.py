"""A roll as bytes: a head in JSON, then ids, groups and references as plain arrays."""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from doorward.errors import Tampered
from doorward.identify.ports import Roll
from doorward.kernel.ids import PersonId

_T = TypeVar("_T")
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
    sets: dict[frozenset[str], int] = {}
    groups = np.fromiter((sets.setdefault(one, len(sets)) for one in roll.groups), np.int32, len(roll.people))
    described = json.dumps(
        {
            "revision": roll.revision,
            "audit": [head.size, head.root.hex()],
            "people": len(roll.people),
            "references": list(roll.vectors.shape),
            "groups": [sorted(one) for one in sets],
            "ends": {person: end.isoformat() for person, end in roll.ends.items()},
        }
    ).encode()
    padded = described.ljust(-(-(_LENGTH.size + len(described)) // _ALIGNED) * _ALIGNED - _LENGTH.size)
    yield memoryview(_LENGTH.pack(len(padded)) + padded)
    yield memoryview("".join(roll.people).encode())
    for array in (groups, roll.owners.astype("<i4"), np.ascontiguousarray(roll.vectors, "<f4")):
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
    people = [PersonId(text[start : start + _ID]) for start in range(0, len(text), _ID)]
    sets = [frozenset(one) for one in held["groups"]]
    groups = [sets[number] for number in parts.take(count * 4).view("<i4").tolist()]
    owners = parts.take(references * 4).view("<i4").astype(np.int32)
    vectors = parts.take(references * dimension * 4).view("<f4").reshape(references, dimension)
    parts.check_end()
    if references and not (owners[0] >= 0 and owners[-1] < count and bool((np.diff(owners) >= 0).all())):
        raise ValueError("owners")
    ends = {PersonId(person): datetime.fromisoformat(end) for person, end in held["ends"].items()}
    size, root = held["audit"]
    return Roll(held["revision"], people, groups, ends, owners, vectors), AuditHead(size, bytes.fromhex(root))


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
    kept = [place for place, person in enumerate(roll.people) if person not in left_out]
    if len(kept) == len(roll.people):
        return roll
    moved = np.full(len(roll.people), -1, np.int32)
    moved[kept] = np.arange(len(kept), dtype=np.int32)
    owners = moved[roll.owners]
    ends = {person: end for person, end in roll.ends.items() if person not in left_out}
    return Roll(
        roll.revision,
        _at(roll.people, kept),
        _at(roll.groups, kept),
        ends,
        owners[owners >= 0],
        roll.vectors[owners >= 0],
        [person for person in roll.unsettled if person not in left_out],
    )


def _at(values: Sequence[_T], places: Sequence[int]) -> list[_T]:
    return [values[place] for place in places]
