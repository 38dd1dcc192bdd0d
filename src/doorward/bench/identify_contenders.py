"""Ways to find the nearest of many templates, each as ``Gallery`` does it or as plainly as its library does."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

import faiss
import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.face.template import Template, TemplateOrigin
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.references import ListedReferences
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE

Matrix = NDArray[np.float32]
_ORIGIN = TemplateOrigin("bench", "none", "f32")
_GROUPS = frozenset({EVERYONE})
_SHIFT = 64
_NEIGHBOURS = 32
"""HNSW's M; its other settings are faiss' own, but for a search as deep as below."""

_DEPTH = 128


class Finder(Protocol):
    """Made of ``vectors``, (people, dimensions), which it may overwrite. People are numbered as they come."""

    can_remove: bool

    def find(self, probe: Matrix) -> int:
        """The number of who is nearest."""
        ...

    def find_many(self, probes: Matrix) -> None: ...

    def add(self, vector: Matrix) -> None: ...

    def remove(self, number: int) -> None: ...


class Ours:
    """Doorward's gallery, asked about everybody."""

    can_remove = True

    def __init__(self, vectors: Matrix) -> None:
        # Ids that differ in their first half, as a site's do.
        halves = np.stack([np.arange(len(vectors), dtype=np.uint64), np.zeros(len(vectors), np.uint64)])
        groups = GroupSets([_GROUPS], np.zeros(len(vectors), np.uint16))
        self._people = len(vectors)
        self._gallery = CompactGallery()
        self._gallery.fill(ListedReferences(PersonIds(halves), groups, vectors))

    def find(self, probe: Matrix) -> int:
        (best, *_) = self._gallery.search(Template(probe, _ORIGIN), EVERYONE, limit=2)
        return UUID(best.person).int >> _SHIFT

    def find_many(self, probes: Matrix) -> None:
        self._gallery.search_many([Template(probe, _ORIGIN) for probe in probes], EVERYONE, limit=2)

    def add(self, vector: Matrix) -> None:
        self._gallery.put(_person(self._people), [Template(vector, _ORIGIN)], _GROUPS)
        self._people += 1

    def remove(self, number: int) -> None:
        self._gallery.remove(_person(number))


def _person(number: int) -> PersonId:
    return PersonId(str(UUID(int=number << _SHIFT)))


class Numpy:
    """One matrix and one product."""

    can_remove = True

    def __init__(self, vectors: Matrix) -> None:
        self._vectors = vectors.copy()

    def find(self, probe: Matrix) -> int:
        return int((self._vectors @ probe).argmax())

    def find_many(self, probes: Matrix) -> None:
        for start in range(0, len(probes), 32):
            (probes[start : start + 32] @ self._vectors.T).argmax(axis=1)

    def add(self, vector: Matrix) -> None:
        self._vectors = np.concatenate([self._vectors, vector[None]])

    def remove(self, number: int) -> None:
        self._vectors[number] = 0


class FaissFlat:
    """faiss, comparing with each."""

    can_remove = True

    def __init__(self, vectors: Matrix) -> None:
        self._index = self._made(vectors.shape[1])
        self._index.add(vectors)

    def find(self, probe: Matrix) -> int:
        return int(self._index.search(probe[None], 2)[1][0, 0])

    def find_many(self, probes: Matrix) -> None:
        self._index.search(probes, 2)

    def add(self, vector: Matrix) -> None:
        self._index.add(vector[None])

    def remove(self, number: int) -> None:
        self._index.remove_ids(np.array([number]))

    def _made(self, dimension: int) -> Any:
        return faiss.IndexFlatIP(dimension)


class FaissHnsw(FaissFlat):
    """faiss' graph, out of which nobody can be taken."""

    can_remove = False

    def _made(self, dimension: int) -> Any:
        index = faiss.IndexHNSWFlat(dimension, _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efSearch = _DEPTH
        return index


FINDERS: dict[str, Callable[[Matrix], Finder]] = {
    "ours": Ours,
    "numpy": Numpy,
    "faiss_flat": FaissFlat,
    "faiss_hnsw": FaissHnsw,
}
