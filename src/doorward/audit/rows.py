"""What an entry of form ``ROWS`` holds: which rows one transaction wrote or deleted, and in which generation.

People's rows are told by names that are noise to who lacks the person's key (``vault.row_names``), granting rows by
kind and id. Generation 0: the row is gone.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from doorward.errors import AuditInvalid

NAME_LENGTH = 33
RECORD = np.dtype([("name", f"V{NAME_LENGTH}"), ("generation", ">u4")])
"""One row as it is written: its name, and its generation from here on."""

GONE = 0

Records = NDArray[np.void]
Grant = tuple[str, str, int]
"""Kind, id and generation of a granting row."""

_LENGTH = struct.Struct(">I")
_GENERATION = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Changes:
    """``people`` and ``passages`` are arrays of ``RECORD``; passages by the id of their hour's key."""

    people: Records
    passages: dict[str, Records]
    grants: Sequence[Grant]

    @property
    def count(self) -> int:
        return len(self.people) + len(self.grants) + sum(map(len, self.passages.values()))


@dataclass(slots=True)
class ChangesInWriting:
    """Changes as they come, in order."""

    people: bytearray = field(default_factory=bytearray)
    passages: dict[str, bytearray] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.people or self.passages or self.grants)

    @property
    def count(self) -> int:
        octets = len(self.people) + sum(map(len, self.passages.values()))
        return octets // RECORD.itemsize + len(self.grants)

    def person(self, name: bytes, generation: int) -> None:
        self.people += name + _GENERATION.pack(generation)

    def passage(self, epoch_key: str, name: bytes, generation: int) -> None:
        self.passages.setdefault(epoch_key, bytearray()).extend(name + _GENERATION.pack(generation))

    def grant(self, kind: str, name: str, generation: int) -> None:
        self.grants.append((kind, name, generation))

    def encoded(self) -> bytes:
        counts = {key: len(records) // RECORD.itemsize for key, records in self.passages.items()}
        told = {"people": len(self.people) // RECORD.itemsize, "passages": counts, "grants": self.grants}
        head = json.dumps(told, separators=(",", ":")).encode()
        return b"".join((_LENGTH.pack(len(head)), head, self.people, *self.passages.values()))


def decoded_changes(octets: bytes) -> Changes:
    """What ``ChangesInWriting.encoded`` wrote; ``AuditInvalid`` when it is none."""
    try:
        (length,) = _LENGTH.unpack_from(octets)
        start = _LENGTH.size + length
        head = json.loads(octets[_LENGTH.size : start])
        parts = []
        for count in (head["people"], *head["passages"].values()):
            parts.append(np.frombuffer(octets, RECORD, count, start))
            start += count * RECORD.itemsize
        grants = [(str(kind), str(name), int(generation)) for kind, name, generation in head["grants"]]
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        raise AuditInvalid("An entry about rows is malformed; restore the audit log from a backup.") from None
    return Changes(parts[0], dict(zip(head["passages"], parts[1:], strict=True)), grants)


def changes_digest(encoded: bytes) -> str:
    """What the entry's event commits to: SHA-256 in hexadecimal."""
    return sha256(b"doorward audit rows" + encoded).hexdigest()
