"""A gallery of millions: short codes scanned first, and the best looked at again in 8 bits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Condition, Thread

import numpy as np

from doorward.adapters.galleries.face.code_shard import keep_to_one_core
from doorward.adapters.galleries.face.coded import EFFORT, CodedRows, Effort
from doorward.adapters.galleries.face.exhaustive import ExhaustiveGallery
from doorward.adapters.galleries.face.rounded import CODED_FROM, RoundedReferences
from doorward.adapters.galleries.face.short_codes import FEWEST
from doorward.face.template import Template
from doorward.identify.ports import Candidate, References
from doorward.identify.references import ListedReferences, stacked
from doorward.kernel.ids import PersonId


class CompactGallery:
    """``Gallery``: below ``coded_from`` references exact, and from there on in codes.

    Who is put in is coded at once, and who is removed is overwritten at once, while searches go on. Codes are made
    anew in a thread of its own, when there are many more people than they were trained on, or many holes.
    """

    def __init__(self, coded_from: int = CODED_FROM, effort: Effort = EFFORT) -> None:
        self._coded_from = max(coded_from, FEWEST)
        self._effort = effort
        self._lock = Condition()
        self._coded: CodedRows | None = None
        self._exact = ExhaustiveGallery()
        self._is_moving = False
        """Rows are about to be moved: searches wait to begin."""
        self._making: Thread | None = None
        self._writers = 0
        self._changed: set[PersonId] = set()
        """Since codes began to be made anew."""
        self._fillings = 0

    def fill(self, references: References) -> None:
        coded = self._coded_of(references) if len(references) >= self._coded_from else None
        exact = ExhaustiveGallery()
        if coded is None:
            exact.fill(references)
        with self._lock:
            self._fillings += 1
            self._replace(coded, exact)

    def put(self, person: PersonId, templates: Sequence[Template], groups: frozenset[str]) -> None:
        with self._lock:
            if self._coded and not self._coded.has_room(len(templates)):
                self._grow(len(templates))
            vectors = stacked(templates, self._dimension)
            self._remove(person)
            if self._coded is None:
                self._exact.put(person, templates, groups)
            elif len(vectors):
                self._coded.put(person, groups, vectors)
            self._make_when_due()

    def remove(self, person: PersonId) -> None:
        with self._lock:
            self._remove(person)
            self._make_when_due()

    def search(self, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        (found,) = self.search_many([probe], group, limit)
        return found

    def search_many(self, probes: Sequence[Template], group: str, limit: int) -> Sequence[Sequence[Candidate]]:
        with self._lock:
            self._lock.wait_for(lambda: not self._is_moving)
            vectors = stacked(probes, self._dimension)
            coded = self._coded
            if coded is None:
                return self._exact.search_many(probes, group, limit)
            search = coded.search_in(group, limit)
            coded.scans += 1
        try:
            nearest = coded.near(vectors, search)
            with self._lock:
                return [coded.named(vector, rows, search) for vector, rows in zip(vectors, nearest, strict=True)]
        finally:
            with self._lock:
                coded.scans -= 1
                self._lock.notify_all()

    def count(self, group: str) -> int:
        with self._lock:
            return self._coded.persons.count(group) if self._coded else self._exact.count(group)

    @property
    def references(self) -> int:
        """Of everybody."""
        with self._lock:
            return self._coded.references if self._coded else self._exact.references

    def settle(self) -> None:
        """Wait until codes that are being made are in use."""
        making = self._making
        if making is not None:
            making.join()

    @contextmanager
    def written_down(self) -> Iterator[CodedRows | ListedReferences]:
        """What is held. While somebody writes it down, codes are not made anew; see ``steady`` for reading it."""
        with self._lock:
            self._lock.wait_for(lambda: self._making is None)
            self._writers += 1
            held = self._coded or self._exact.everybody()
        try:
            yield held
        finally:
            with self._lock:
                self._writers -= 1

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Nothing changes within: for a moment only."""
        with self._lock:
            yield

    @property
    def _dimension(self) -> int | None:
        return self._coded.dimension if self._coded else self._exact.dimension

    def _remove(self, person: PersonId) -> None:
        if self._making is not None:
            self._changed.add(person)
        if self._coded is None:
            self._exact.remove(person)
        else:
            self._coded.remove(person)
            if not self._coded.references:
                self._coded = None  # whoever comes next may be of another dimension

    def _grow(self, references: int) -> None:
        self._is_moving = True
        try:
            self._lock.wait_for(lambda: self._coded is None or not self._coded.scans)
            if self._coded and not self._coded.has_room(references):
                self._coded.grow(references)
        finally:
            self._is_moving = False
            self._lock.notify_all()

    def _replace(self, coded: CodedRows | None, exact: ExhaustiveGallery) -> None:
        """Use these, and overwrite those before."""
        before, self._coded = self._coded, coded
        self._exact.fill(ListedReferences([], [], np.zeros((0, 0), np.float32)))
        self._exact = exact
        if before is not None:
            self._lock.wait_for(lambda: not before.scans)
            before.wipe_all()

    def _make_when_due(self) -> None:
        coded = self._coded
        held, is_worn = (coded.references, coded.is_worn) if coded else (self._exact.references, True)
        if is_worn and held >= self._coded_from and self._making is None and not self._writers:
            self._changed = set()
            self._making = Thread(target=self._make, args=(self._fillings,), name="gallery", daemon=True)
            self._making.start()

    def _make(self, filling: int) -> None:
        keep_to_one_core()
        try:
            with suppress(MemoryError, RuntimeError):  # those in use go on
                self._make_anew(filling)
        finally:
            with self._lock:
                self._making = None
                self._lock.notify_all()

    def _make_anew(self, filling: int) -> None:
        with self._lock:
            coded, exact = self._coded, self._exact.everybody()
        made = self._coded_of(coded.copied(self.steady) if coded else exact)
        with self._lock:
            if self._fillings != filling or self._dimension not in (None, made.dimension):
                made.wipe_all()
                return
            current = self._coded or self._exact
            for person in self._changed:
                made.remove(person)
                held = current.held_of(person)
                if held is not None:
                    groups, vectors = held
                    if not made.has_room(len(vectors)):
                        made.grow(len(vectors))
                    made.put(person, groups, vectors)
            self._replace(made if made.references else None, ExhaustiveGallery())

    def _coded_of(self, references: References) -> CodedRows:
        if isinstance(references, CodedRows):
            return references
        return CodedRows.of(RoundedReferences.of(references), self._effort)
