"""What a gallery takes in and is asked about: vectors that compare with those it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from doorward.errors import InternalError
from doorward.face.template import Template
from doorward.kernel.ids import PersonId

_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class ListedReferences:
    """``References`` as lists: whose each is, which groups that person is in, and float32 (references, dimension).

    Those of one person stand side by side.
    """

    people: Sequence[PersonId]
    groups: Sequence[frozenset[str]]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.vectors)

    def everybody(self) -> Iterator[tuple[PersonId, frozenset[str], NDArray[np.float32]]]:
        for person, places in groupby(range(len(self)), key=lambda place: self.people[place]):
            first, *_ = some = list(places)
            yield person, self.groups[first], self.vectors[first : some[-1] + 1]


def stacked(templates: Sequence[Template], dimension: int | None) -> NDArray[np.float32]:
    """The vectors of some templates, (templates, dimension), copied; checked as ``check_references`` does."""
    if not templates:
        return np.zeros((0, dimension or 0), np.float32)
    first = templates[0].vector.shape[0] if dimension is None else dimension
    for template in templates:
        if template.vector.shape != (first,):
            check_references(template.vector[None], first)
    vectors = np.stack([template.vector for template in templates]).astype(np.float32, copy=False)
    check_references(vectors, dimension)
    return vectors


def check_references(vectors: NDArray[np.float32], dimension: int | None) -> None:
    """``vectors``: (references, dimension); ``dimension``: of what is held, ``None`` when nothing is.

    ``InternalError`` for another dimension, for numbers that are not finite, and for a vector without length.
    """
    if dimension is not None and vectors.shape[1] != dimension:
        raise InternalError(
            f"A template of {vectors.shape[1]} numbers does not compare with those of {dimension} in the gallery; "
            "enrol again with the model in use."
        )
    for start in range(0, len(vectors), _AT_ONCE):
        part = vectors[start : start + _AT_ONCE]
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", part, part)
        if not bool((np.isfinite(squares) & (squares > 0)).all()):
            raise InternalError(
                "A template without length, or with numbers that are not finite, is nobody's; enrol again."
            )
