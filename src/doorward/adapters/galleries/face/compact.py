"""A gallery of millions: short codes scanned first, and the best looked at again in 8 bits."""

from collections.abc import Sequence
from contextlib import suppress
from heapq import nlargest
from threading import Lock, Thread

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.galleries.face.coded import SCANNED_TO, CodedBlock
from doorward.adapters.galleries.face.eight_bit import EightBitRows
from doorward.adapters.galleries.face.exhaustive import ExhaustiveGallery
from doorward.adapters.galleries.face.short_codes import FEWEST, keep_to_one_core
from doorward.face.template import Template
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.ports import Candidate
from doorward.identify.references import check_references, stacked
from doorward.kernel.ids import PersonId

CODED_FROM = 10_000
"""References: with fewer, comparing with each is as quick, and exact."""

MERGED_FROM = 4_096
"""References put in since, or taken out of the codes, at which the codes are made anew."""


class CompactGallery:
    """``Gallery`` as one block in codes, and exactly whoever was put in since.

    Below ``coded_from`` references everybody is held exactly. ``scanned_to``: ``SCANNED_TO``. Who is removed is
    overwritten at once, and left out when the codes are made anew, in a thread of its own while searches and changes
    go on.
    """

    def __init__(
        self, coded_from: int = CODED_FROM, merged_from: int = MERGED_FROM, scanned_to: int = SCANNED_TO
    ) -> None:
        self._coded_from = max(coded_from, FEWEST)
        self._merged_from = merged_from
        self._scanned_to = scanned_to
        self._lock = Lock()
        self._coded: CodedBlock | None = None
        self._exact = ExhaustiveGallery()
        self._merging: Thread | None = None
        self._changed: set[PersonId] = set()
        self._fillings = 0

    def fill(
        self,
        people: Sequence[PersonId],
        groups: Sequence[frozenset[str]],
        owners: NDArray[np.int32],
        vectors: NDArray[np.float32],
    ) -> None:
        check_references(vectors, None)
        coded = None
        if len(vectors) >= self._coded_from:
            rows = EightBitRows.of(vectors)
            coded = CodedBlock(PersonIds.of(people), GroupSets.of(groups), owners, rows, self._scanned_to)
            vectors.fill(0)
        with self._lock:
            self._fillings += 1
            before, self._coded = self._coded, coded
            if coded:
                self._exact.fill([], [], np.zeros(0, np.int32), np.zeros((0, 0), np.float32))
            else:
                self._exact.fill(people, groups, owners, vectors)
        if before is not None:
            before.wipe_all()

    def put(self, person: PersonId, templates: Sequence[Template], groups: frozenset[str]) -> None:
        with self._lock:
            stacked(templates, self._dimension())
            self._remove(person)
            self._exact.put(person, templates, groups)
            self._merge_when_due()

    def remove(self, person: PersonId) -> None:
        with self._lock:
            self._remove(person)
            self._merge_when_due()

    def search(self, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        (found,) = self.search_many([probe], group, limit)
        return found

    def search_many(self, probes: Sequence[Template], group: str, limit: int) -> Sequence[Sequence[Candidate]]:
        """On all cores."""
        with self._lock:
            vectors = stacked(probes, self._dimension())
            exact = self._exact.search_many(probes, group, limit)
            if self._coded is None:
                return exact
            coded = self._coded.search(vectors, group, limit)
        return [
            nlargest(limit, [*one, *other], key=lambda candidate: candidate.score)
            for one, other in zip(exact, coded, strict=True)
        ]

    def count(self, group: str) -> int:
        with self._lock:
            return (self._coded.count(group) if self._coded else 0) + self._exact.count(group)

    def settle(self) -> None:
        """Wait until codes that are being made are in use."""
        merging = self._merging
        if merging is not None:
            merging.join()

    def _dimension(self) -> int | None:
        return self._coded.dimension if self._coded else self._exact.dimension

    def _remove(self, person: PersonId) -> None:
        self._changed.add(person)
        self._exact.remove(person)
        if self._coded is not None:
            self._coded.wipe(person)

    def _merge_when_due(self) -> None:
        coded, added = self._coded, self._exact.references
        held = added + (coded.references - coded.removed if coded else 0)
        due = added >= self._merged_from or (coded is not None and coded.removed >= self._merged_from)
        if self._merging is None and due and added and held >= self._coded_from:
            self._changed = set()
            self._merging = Thread(target=self._merge, args=(self._fillings,), name="gallery", daemon=True)
            self._merging.start()

    def _merge(self, filling: int) -> None:
        keep_to_one_core()
        with suppress(MemoryError, RuntimeError):  # the codes only save time: whoever was put in is held exactly
            self._merge_into_codes(filling)
        self._merging = None

    def _merge_into_codes(self, filling: int) -> None:
        with self._lock:
            before, held = self._coded, self._coded.held() if self._coded else None
            people, groups, owners, vectors = self._exact.everybody()
        rows = EightBitRows.of(vectors)
        vectors.fill(0)
        added = PersonIds.of(people), GroupSets.of(groups), owners, rows
        if before is not None and held is not None:
            made = before.joined(held, *added)
        else:
            made = CodedBlock(*added, self._scanned_to)
        with self._lock:
            if self._fillings != filling:
                before = made
            else:
                for person in self._changed:
                    made.wipe(person)
                for person in set(people) - self._changed:
                    self._exact.remove(person)
                self._coded = made
        if before is not None:
            before.wipe_all()
