"""What identification needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from doorward.face.template import Template
from doorward.kernel.ids import PersonId


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whose best reference scored ``score`` (cosine, -1..1): a hint, not yet an answer."""

    person: PersonId
    score: float


class Gallery(Protocol):
    """The confirmed references of those who may be identified, by person; in memory only."""

    def put(self, person: PersonId, templates: Sequence[Template]) -> None:
        """Replace everything held of ``person``; an empty sequence removes them."""
        ...

    def remove(self, person: PersonId) -> None:
        """Overwrite and forget the person's references; nothing when there are none."""
        ...

    def search(self, probe: Template, among: frozenset[PersonId], limit: int) -> Sequence[Candidate]:
        """The best ``limit`` people of ``among``, best first, each once."""
        ...

    def templates_of(self, among: frozenset[PersonId]) -> int:
        """How many references a search among these people compares with."""
        ...


class PaceStore(Protocol):
    """Counts identifications by checkpoint and minute; survives a restart."""

    def count(self, checkpoint: str, minute: str) -> int:
        """Add one to the minute's count and return it; earlier minutes are forgotten."""
        ...
