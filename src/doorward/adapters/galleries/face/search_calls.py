"""What is asked of the process that holds the gallery, and what it answers: vectors, groups, ids and scores."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from doorward.adapters.unix_socket.messages import MessageInvalid
from doorward.face.template import Template, TemplateOrigin
from doorward.identify.ports import Candidate
from doorward.kernel.ids import PersonId

GALLERY = "gallery"
"""What the files beside the keys are called by which a gallery is held and lent."""

LONGEST = 64 * 1024
"""Bytes of one message, either way."""

MOST_FOUND = 100
"""People that one search may ask for."""

_LONGEST_NAME = 240
"""Bytes of an asker's name, a group's, or a model's: 60 characters in UTF-8."""

_MOST_NUMBERS = 1_024
"""Of a vector."""

_COUNT = struct.Struct(">I")
_SCORE = struct.Struct(">d")


class Call(IntEnum):
    """``HELLO``: answered with the site and the model. ``SEARCH``: as ``SearchCall``. ``COUNT``: the group."""

    HELLO = 1
    SEARCH = 2
    COUNT = 3


@dataclass(frozen=True, slots=True, eq=False)
class SearchCall:
    asker: str
    probe: Template
    group: str
    limit: int

    def fields(self) -> Sequence[bytes]:
        origin = self.probe.origin
        return (
            self.asker.encode(),
            self.group.encode(),
            _COUNT.pack(self.limit),
            origin.model.encode(),
            origin.runtime.encode(),
            origin.precision.encode(),
            self.probe.vector.astype("<f4").tobytes(),
        )


def search_call(fields: Sequence[bytes]) -> SearchCall:
    """``MessageInvalid`` when the fields are none of a search's, or longer than any."""
    if len(fields) != 7:
        raise MessageInvalid
    asker, group, limit, model, runtime, precision, vector = fields
    if len(limit) != _COUNT.size or len(vector) % 4 or not 0 < len(vector) <= 4 * _MOST_NUMBERS:
        raise MessageInvalid
    (wanted,) = _COUNT.unpack(limit)
    if not 0 < wanted <= MOST_FOUND:
        raise MessageInvalid
    origin = TemplateOrigin(name_from(model), name_from(runtime), name_from(precision))
    probe = Template(np.frombuffer(vector, "<f4").astype(np.float32), origin)
    return SearchCall(name_from(asker), probe, name_from(group), wanted)


def name_from(field: bytes) -> str:
    """``MessageInvalid`` when it is no name, or longer than any."""
    if len(field) > _LONGEST_NAME:
        raise MessageInvalid
    try:
        return field.decode()
    except UnicodeDecodeError:
        raise MessageInvalid from None


def found_fields(found: Sequence[Candidate]) -> Sequence[bytes]:
    return [part for one in found for part in (one.person.encode(), _SCORE.pack(one.score))]


def found_from(fields: Sequence[bytes]) -> Sequence[Candidate]:
    """``MessageInvalid`` when the fields are none of an answer's."""
    if len(fields) % 2 or len(fields) > 2 * MOST_FOUND:
        raise MessageInvalid
    found = []
    for person, score in zip(fields[::2], fields[1::2], strict=True):
        if len(score) != _SCORE.size:
            raise MessageInvalid
        found.append(Candidate(PersonId(name_from(person)), _SCORE.unpack(score)[0]))
    return found


def count_field(count: int) -> bytes:
    return _COUNT.pack(count)


def count_from(fields: Sequence[bytes]) -> int:
    """``MessageInvalid`` when the fields are no count."""
    if len(fields) != 1 or len(fields[0]) != _COUNT.size:
        raise MessageInvalid
    return int(_COUNT.unpack(fields[0])[0])
