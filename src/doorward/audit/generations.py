"""The rows that a log says there are: replayed change by change, in 45 bytes a row, and asked by name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.audit.rows import GONE, NAME_LENGTH, RECORD, Changes, Grant, Records

_FEWEST_WAITING = 200_000
"""Changes that wait until they are sorted in."""


class NamedRows:
    """The newest generation of every name, the names of what is gone left out.

    Names are found by their first eight bytes, which are as good as random: among ten million, two share them with a
    chance of 3 in a million.
    """

    def __init__(self) -> None:
        self._records: Records = np.empty(0, RECORD)
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._waiting: list[Records] = []
        self._count = 0

    def take(self, records: Records) -> None:
        """The next changes, in order."""
        self._waiting.append(records)
        self._count += len(records)
        if self._count > max(_FEWEST_WAITING, len(self._records)):
            self.settle()

    def settle(self) -> None:
        """Sort in what waits: do this before asking."""
        if not self._waiting:
            return
        records = np.concatenate([self._records, *self._waiting])
        self._waiting, self._count = [], 0
        keys = _keys(records)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        newest = np.ones(len(keys), bool)
        newest[:-1] = keys[1:] != keys[:-1]
        kept = order[newest]
        here = records["generation"][kept] != GONE
        self._records, self._keys = records[kept[here]], keys[newest][here]

    def __len__(self) -> int:
        return len(self._records)

    def find(self, names: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each name its place, or -1 when there is none, and its generation, or ``GONE``."""
        if not len(self._records) or not names:
            nowhere = np.full(len(names), -1, np.int64)
            return nowhere, np.zeros(len(names), np.int64)
        wanted = np.frombuffer(b"".join(names), RECORD["name"])
        keys = _keys_of(wanted)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1).astype(np.int64)
        places[self._keys[places] != keys] = -1
        generations = np.where(places < 0, GONE, self._records["generation"][places].astype(np.int64))
        return places, generations

    def name(self, place: int) -> bytes:
        return bytes(self._records["name"][place].tobytes())


class Generations:
    """What the log says of every kind of row; passages by the id of their hour's key."""

    def __init__(self) -> None:
        self.people = NamedRows()
        self.passages: dict[str, NamedRows] = {}
        self.grants: dict[tuple[str, str], int] = {}

    def take(self, changes: Changes, epochs: frozenset[str]) -> None:
        """The next entry's changes. Passages of other hours than those of the keys ``epochs`` count for nothing."""
        self.people.take(changes.people)
        for epoch, records in changes.passages.items():
            if epoch in epochs:
                self.passages.setdefault(epoch, NamedRows()).take(records)
        for kind, name, generation in changes.grants:
            _take_grant(self.grants, (kind, name, generation))

    def settle(self) -> None:
        self.people.settle()
        for rows in self.passages.values():
            rows.settle()


def _take_grant(held: dict[tuple[str, str], int], grant: Grant) -> None:
    kind, name, generation = grant
    if generation == GONE:
        held.pop((kind, name), None)
    else:
        held[kind, name] = generation


def _keys(records: Records) -> NDArray[np.uint64]:
    return _keys_of(np.ascontiguousarray(records["name"]))


def _keys_of(names: NDArray[np.void]) -> NDArray[np.uint64]:
    octets = names.view(np.uint8).reshape(-1, NAME_LENGTH)[:, :8]
    return np.ascontiguousarray(octets).view(np.uint64).ravel()
