"""The ids of many people, in 16 bytes each: a list of texts takes six times as much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from doorward.kernel.ids import PersonId

_LENGTH = 36
_DASHES = (8, 13, 18, 23)
_HALF = 64
_AT_ONCE = 65_536
_NO_DIGIT = 255
_VALUES = np.full(256, _NO_DIGIT, np.uint8)
_VALUES[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)


class PersonIds(Sequence[PersonId]):
    """By place. ``halves``: uint64 of shape (2, people), the first and last 8 bytes of each UUID.

    ``others``: the texts of ids that are no UUID in canonical form, by what stands for them in ``halves``.
    """

    def __init__(self, halves: NDArray[np.uint64], others: Mapping[tuple[int, int], PersonId] | None = None) -> None:
        self.halves = halves
        self.others = dict(others or {})

    @classmethod
    def of(cls, people: Sequence[PersonId]) -> PersonIds:
        """``people`` itself where it is such a list already."""
        if isinstance(people, PersonIds):
            return people
        made = cls(np.zeros((2, len(people)), np.uint64))
        for start in range(0, len(people), _AT_ONCE):
            made._put(start, people[start : start + _AT_ONCE])
        return made

    def __len__(self) -> int:
        return int(self.halves.shape[1])

    @overload
    def __getitem__(self, place: int) -> PersonId: ...

    @overload
    def __getitem__(self, place: slice) -> PersonIds: ...

    def __getitem__(self, place: int | slice) -> PersonId | PersonIds:
        if isinstance(place, slice):
            return self.at(np.arange(len(self))[place])
        first, last = self.halves[:, place].tolist()
        other = self.others.get((first, last))
        return person_of((first, last)) if other is None else other

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> PersonIds:
        """Some of them, in this order."""
        return PersonIds(self.halves[:, places], self.others)

    def joined(self, more: PersonIds) -> PersonIds:
        return PersonIds.joined_all([self, more])

    @classmethod
    def joined_all(cls, parts: Sequence[PersonIds]) -> PersonIds:
        others = {halves: person for part in parts for halves, person in part.others.items()}
        return cls(np.concatenate([np.zeros((2, 0), np.uint64), *(part.halves for part in parts)], axis=1), others)

    def without(self, left_out: Iterable[PersonId]) -> NDArray[np.int64]:
        """The places of all others, ascending."""
        return np.flatnonzero(~among(self.halves.T, left_out))

    def _put(self, start: int, people: Sequence[PersonId]) -> None:
        octets = "".join(people).encode("utf-8", errors="surrogatepass")
        if all(len(person) == _LENGTH for person in people) and len(octets) == _LENGTH * len(people):
            digits = _VALUES[np.delete(text := np.frombuffer(octets, np.uint8).reshape(-1, _LENGTH), _DASHES, axis=1)]
            if bool((text[:, _DASHES] == ord("-")).all()) and not bool((digits == _NO_DIGIT).any()):
                halves = np.ascontiguousarray(digits[:, ::2] << 4 | digits[:, 1::2]).view(">u8")
                self.halves[:, start : start + len(people)] = halves.T
                return
        for place, person in enumerate(people, start):
            own, is_uuid = halves_of(person)
            self.halves[:, place] = own
            if not is_uuid:
                self.others[own] = person


def person_of(halves: tuple[int, int]) -> PersonId:
    """Whose id is a UUID of these halves."""
    return PersonId(str(UUID(int=halves[0] << _HALF | halves[1])))


def halves_of(person: PersonId) -> tuple[tuple[int, int], bool]:
    """What stands for the id, and whether it is a UUID in canonical form; else a hash does."""
    octets, is_uuid = b"", False
    try:
        octets = UUID(person).bytes
        is_uuid = str(UUID(bytes=octets)) == person
    except ValueError:
        pass
    if not is_uuid:
        octets = blake2b(person.encode("utf-8", errors="surrogatepass"), digest_size=16).digest()
    return (int.from_bytes(octets[:8], "big"), int.from_bytes(octets[8:], "big")), is_uuid


def among(halves: NDArray[np.uint64], people: Iterable[PersonId]) -> NDArray[np.bool_]:
    """Which rows of ``halves``, (rows, 2), stand for one of the people."""
    wanted = {halves_of(person)[0] for person in people}
    found = np.isin(halves[:, 0], np.array([first for first, _ in wanted], np.uint64))
    for row in np.flatnonzero(found).tolist():
        first, last = halves[row].tolist()
        found[row] = (first, last) in wanted
    return found
