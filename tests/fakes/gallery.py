"""``Gallery`` by comparing one after another."""

from collections.abc import Sequence

from doorward.face.comparison import compare
from doorward.face.template import Template
from doorward.identify.ports import Candidate, References
from doorward.identify.references import check_references, stacked
from doorward.kernel.ids import PersonId
from known_people import ORIGIN


class FakeGallery:
    def __init__(self) -> None:
        self._held: dict[PersonId, tuple[list[Template], frozenset[str]]] = {}

    def fill(self, references: References) -> None:
        held = {}
        for person, groups, vectors in references.everybody():
            check_references(vectors, None)
            held[person] = [Template(vector, ORIGIN) for vector in vectors], groups
        self._held = held

    def put(self, person: PersonId, templates: Sequence[Template], groups: frozenset[str]) -> None:
        stacked(templates, self._dimension())
        self.remove(person)
        if templates:
            self._held[person] = list(templates), groups

    def remove(self, person: PersonId) -> None:
        self._held.pop(person, None)

    def search(self, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        check_references(probe.vector[None], self._dimension())
        found = [
            Candidate(person, max(compare(probe, template) for template in templates))
            for person, (templates, groups) in self._held.items()
            if group in groups
        ]
        return sorted(found, key=lambda candidate: -candidate.score)[:limit]

    def search_many(self, probes: Sequence[Template], group: str, limit: int) -> Sequence[Sequence[Candidate]]:
        return [self.search(probe, group, limit) for probe in probes]

    def count(self, group: str) -> int:
        return sum(len(templates) for templates, groups in self._held.values() if group in groups)

    def _dimension(self) -> int | None:
        return next((len(templates[0].vector) for templates, _ in self._held.values()), None)
