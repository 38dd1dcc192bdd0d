"""The ids of many people, in 20 bytes each: a list of texts takes five times as much, a dictionary fifteen."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
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
    """Each person once, by place. ``halves``: uint64 of shape (2, people), the first and last 8 bytes of each UUID.

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
        return PersonId(str(UUID(int=first << _HALF | last))) if other is None else other

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> PersonIds:
        """Some of them, in this order."""
        return PersonIds(self.halves[:, places], self.others)

    def joined(self, more: PersonIds) -> PersonIds:
        return PersonIds(np.concatenate([self.halves, more.halves], axis=1), self.others | more.others)

    def without(self, left_out: Iterable[PersonId]) -> NDArray[np.int64]:
        """The places of all others, ascending."""
        kept = np.ones(len(self), bool)
        for person in left_out:
            place = self.place_of(person)
            if place is not None:
                kept[place] = False
        return np.flatnonzero(kept)

    def place_of(self, person: PersonId) -> int | None:
        """``None`` when the person is not among them."""
        first, last = _halves_of(person)[0]
        firsts, lasts = self.halves
        at = bisect_left(self._order, first, key=lambda place: int(firsts[place]))
        while at < len(self._order) and int(firsts[place := int(self._order[at])]) == first:
            if int(lasts[place]) == last:
                return place
            at += 1
        return None

    @cached_property
    def _order(self) -> NDArray[np.int32]:
        return np.argsort(self.halves[0]).astype(np.int32)

    def _put(self, start: int, people: Sequence[PersonId]) -> None:
        octets = "".join(people).encode("utf-8", errors="surrogatepass")
        if all(len(person) == _LENGTH for person in people) and len(octets) == _LENGTH * len(people):
            digits = _VALUES[np.delete(text := np.frombuffer(octets, np.uint8).reshape(-1, _LENGTH), _DASHES, axis=1)]
            if bool((text[:, _DASHES] == ord("-")).all()) and not bool((digits == _NO_DIGIT).any()):
                halves = np.ascontiguousarray(digits[:, ::2] << 4 | digits[:, 1::2]).view(">u8")
                self.halves[:, start : start + len(people)] = halves.T
                return
        for place, person in enumerate(people, start):
            halves_of, is_uuid = _halves_of(person)
            self.halves[:, place] = halves_of
            if not is_uuid:
                self.others[halves_of] = person


def _halves_of(person: PersonId) -> tuple[tuple[int, int], bool]:
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
