"""What a gallery holds, as bytes: a head in JSON, when to look at whom again, then row by row in parts."""

import json
import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.code_shard import LAYOUT
from doorward.adapters.galleries.face.coded import CodedRows
from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.person_rows import NOBODY, PersonRows
from doorward.adapters.galleries.face.short_codes import PART, ShortCodes
from doorward.errors import InternalError, Tampered
from doorward.identify.deadlines import Deadlines
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.ports import References, Roll
from doorward.identify.references import ListedReferences, check_references
from doorward.kernel.ids import PersonId

_LENGTH = struct.Struct(">I")
_HALVES, _NUMBER, _MOMENT, _FLOAT = (np.dtype(kind) for kind in ("<u8", "<i4", "<i8", "<f4"))


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Size and root of the audit log when a gallery was written down; size 0 when the log was empty."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, eq=False)
class WrittenGallery:
    """Everybody held at a ``revision`` of the store or later.

    ``audit``: its log then; ``model`` and ``successor``: as ``Roster``. Who changed after the revision may be in it as
    they were at any moment since.
    """

    model: str
    successor: str | None
    audit: AuditHead
    roll: Roll


Steady = Callable[[], AbstractContextManager[None]]


def encode_gallery(written: WrittenGallery, steady: Steady, left_out: Collection[PersonId]) -> Iterator[memoryview]:
    """The parts of the bytes, one after another, each read within ``steady``; nothing of ``left_out`` is in them."""
    references = written.roll.references
    people, moments = written.roll.deadlines.in_order(left_out)
    with steady():
        described, rows = _described(references, left_out)
    head = {
        "revision": written.roll.revision,
        "audit": [written.audit.size, written.audit.root.hex()],
        "model": written.model,
        "successor": written.successor,
        "deadlines": len(people),
        "deadline_ids": _texts(people),
        **described,
    }
    octets = json.dumps(head).encode()
    yield memoryview(_LENGTH.pack(len(octets)) + octets)
    yield from _octets(people.halves.T.astype(_HALVES), moments.astype(_MOMENT))
    yield from rows(steady)


def _described(
    references: References, left_out: Collection[PersonId]
) -> tuple[dict[str, Any], Callable[[Steady], Iterator[memoryview]]]:
    if isinstance(references, CodedRows):
        coded, count, sets = references, len(references.rows), references.persons.sets
        described = {
            "kind": "coded",
            "rows": count,
            "dimension": coded.dimension,
            "groups": [sorted(one) for one in sets],
            "ids": _texts_of(coded.persons.others, left_out),
            "trained_on": coded.trained_on,
            "layout": LAYOUT,
            "code": coded.codes.code_size,
            "centroids": len(coded.codes.centroids),
        }
        return described, lambda steady: _coded_rows(coded, count, len(sets), left_out, steady)
    kept = [one for one in references.everybody() if one[0] not in left_out]
    vectors = np.concatenate([own for _, _, own in kept]) if kept else np.zeros((0, 0), np.float32)
    ids = PersonIds.of([person for person, _, own in kept for _ in own])
    groups = GroupSets.of([some for _, some, own in kept for _ in own])
    described = {
        "kind": "exact",
        "rows": len(vectors),
        "dimension": vectors.shape[1],
        "groups": [sorted(one) for one in groups.sets],
        "ids": _texts(ids),
    }
    numbers = groups.numbers.astype(_NUMBER) + 1
    return described, lambda _: _octets(ids.halves.T.astype(_HALVES), numbers, vectors.astype(_FLOAT))


def _coded_rows(
    coded: CodedRows, count: int, sets: int, left_out: Collection[PersonId], steady: Steady
) -> Iterator[memoryview]:
    yield from _octets(coded.codes.centroids.astype(_FLOAT))
    for start in range(0, count, PART):
        with steady():
            part = coded.part(slice(start, min(start + PART, count)), sets, left_out)
        yield from _octets(*part)


def _octets(*arrays: NDArray[Any]) -> Iterator[memoryview]:
    for array in arrays:
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def decode_gallery(parts: Iterable[bytes | memoryview], length: int) -> WrittenGallery:
    """What ``encode_gallery`` wrote, ``length`` bytes in all. ``Tampered`` when it is anything else."""
    try:
        return _decoded(_Parts(parts, length))
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        InternalError,
        struct.error,
    ):
        raise Tampered("The snapshot of the gallery is no gallery; delete it.") from None


def _decoded(parts: "_Parts") -> WrittenGallery:
    (length,) = _LENGTH.unpack(parts.take(_LENGTH.size))
    head = json.loads(parts.take(length))
    count = _whole(head["deadlines"])
    halves, moments = parts.array((count, 2), _HALVES), parts.array((count,), _MOMENT)
    if count and bool((np.diff(moments) < 0).any()):
        raise ValueError("deadlines")
    deadlines = Deadlines(PersonIds(halves.T, _others(head["deadline_ids"])), moments)
    references = _KINDS[head["kind"]](head, parts)
    parts.check_end()
    size, root = head["audit"]
    return WrittenGallery(
        str(head["model"]),
        None if head["successor"] is None else str(head["successor"]),
        AuditHead(_whole(size), bytes.fromhex(root)),
        Roll(_whole(head["revision"]), references, deadlines),
    )


def _exact(head: dict[str, Any], parts: "_Parts") -> References:
    rows, dimension = _whole(head["rows"]), _whole(head["dimension"])
    sets = [frozenset(map(str, one)) for one in head["groups"]]
    halves, numbers = parts.array((rows, 2), _HALVES), parts.array((rows,), _NUMBER)
    vectors = parts.array((rows, dimension), _FLOAT)
    if rows and not 1 <= int(numbers.min()) <= int(numbers.max()) <= len(sets):
        raise ValueError("groups")
    check_references(vectors, None)
    groups = GroupSets(sets, (numbers - 1).astype(np.uint32))
    return ListedReferences(PersonIds(halves.T, _others(head["ids"])), groups, vectors)


def _coded(head: dict[str, Any], parts: "_Parts") -> References:
    count, dimension, code = (_whole(head[name]) for name in ("rows", "dimension", "code"))
    centroids = parts.array((_whole(head["centroids"]),), _FLOAT)
    parts.check_left(count * (_HALVES.itemsize * 2 + _NUMBER.itemsize + dimension + _FLOAT.itemsize + code))
    rows, persons = EightBitRows.empty(count, dimension), PersonRows(count)
    persons.name([frozenset(map(str, one)) for one in head["groups"]], _others(head["ids"]))
    fits = (head["layout"], code) == (LAYOUT, ShortCodes(dimension).code_size)
    codes = ShortCodes.trained(dimension, centroids, count) if fits else None
    for start in range(0, count, PART):
        part = slice(start, min(start + PART, count))
        packed = np.empty((part.stop - part.start) * code, np.uint8) if codes is None else codes.blocks(part)
        for array in (
            persons.halves[part],
            persons.numbers[part],
            rows.codes[part],
            rows.scales[part],
            packed,
        ):
            parts.into(array)
        _check_part(rows, persons, part, len(head["groups"]))
    persons.recount()
    rows.settle()
    if codes is None:
        codes = ShortCodes.of(rows)
    else:
        codes.settle()
    return CodedRows(rows, codes, persons, _whole(head["trained_on"]))


def _check_part(rows: EightBitRows, persons: PersonRows, part: slice, sets: int) -> None:
    numbers, scales = persons.numbers[part], rows.scales[part]
    held = numbers != NOBODY
    if not (int(numbers.min()) >= NOBODY and int(numbers.max()) <= sets):
        raise ValueError("groups")
    has_length = np.isfinite(scales) & (scales > 0) & rows.codes[part].any(axis=1)
    if not bool((has_length == held).all()):
        raise ValueError("references")


_KINDS = {"exact": _exact, "coded": _coded}


class _Parts:
    """Bytes that come in parts, ``length`` in all, taken one after another."""

    def __init__(self, parts: Iterable[bytes | memoryview], length: int) -> None:
        self._parts = iter(parts)
        self._left = length
        self._part = memoryview(b"")

    def take(self, length: int) -> bytes:
        taken = np.empty(self.check_left(length, at_least=True), np.uint8)
        self.into(taken)
        return taken.tobytes()

    def array(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
        self.check_left(int(np.prod(shape, dtype=object)) * kind.itemsize, at_least=True)
        made = np.empty(shape, kind)
        self.into(made)
        return made

    def into(self, array: NDArray[Any]) -> None:
        """Fill ``array``, which is contiguous."""
        octets, start = array.reshape(-1).view(np.uint8), 0
        self.check_left(len(octets), at_least=True)
        self._left -= len(octets)
        while start < len(octets):
            if not self._part:
                self._part = memoryview(next(self._parts, b""))
                if not self._part:
                    raise ValueError("length")
            taken, self._part = self._part[: len(octets) - start], self._part[len(octets) - start :]
            octets[start : start + len(taken)] = np.frombuffer(taken, np.uint8)
            start += len(taken)

    def check_left(self, length: int, *, at_least: bool = False) -> int:
        if length != self._left and not (at_least and length < self._left):
            raise ValueError("length")
        return length

    def check_end(self) -> None:
        self.check_left(0)
        if self._part or any(self._parts):
            raise ValueError("length")


def _whole(number: object) -> int:
    if not isinstance(number, int) or number < 0:
        raise ValueError("number")
    return number


def _texts(ids: PersonIds) -> list[list[int | str]]:
    return _texts_of(ids.others, ())


def _texts_of(others: dict[tuple[int, int], PersonId], left_out: Collection[PersonId]) -> list[list[int | str]]:
    return [[*halves, person] for halves, person in others.items() if person not in left_out]


def _others(texts: list[list[Any]]) -> dict[tuple[int, int], PersonId]:
    return {(_whole(first), _whole(last)): PersonId(str(text)) for first, last, text in texts}
