"""What identification needs from outside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from doorward.face.template import Template
from doorward.identify.deadlines import Deadlines
from doorward.kernel.ids import PersonId


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whose best reference scored ``score`` (cosine, -1..1): a hint, not yet an answer."""

    person: PersonId
    score: float


class References(Protocol):
    """Many references, of whom they are and in which groups those people are, in whatever form they are held."""

    def __len__(self) -> int:
        """How many references."""
        ...

    def everybody(self) -> Iterator[tuple[PersonId, frozenset[str], NDArray[np.float32]]]:
        """Each person once, their groups, and their vectors: float32 of shape (references, dimension)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """Everybody known at one ``revision`` of the store, so that a roster of many need not ask one by one.

    ``deadlines``: when to look at somebody again though nobody changed them. ``unsettled``: those to ask for one by
    one.
    """

    revision: int
    references: References
    deadlines: Deadlines
    unsettled: Sequence[PersonId] = ()


class Rolls(Protocol):
    """Gives a roll to start from, quickly."""

    def newest(self, now: datetime) -> Roll:
        """Everybody at some revision; changes since are followed from there. What it holds is the caller's."""
        ...

    def keep(self, revision: int, deadlines: Deadlines, changed: int, now: datetime) -> None:
        """The gallery has everybody as they were at ``revision``, ``changed`` of them only since the last call.

        For the next start; called often, and returns at once.
        """
        ...


class Gallery(Protocol):
    """The confirmed references of those who may be identified, by person and group; in memory only."""

    def fill(self, references: References) -> None:
        """Replace everything held; what is given is taken over. ``InternalError`` when they do not compare."""
        ...

    def put(self, person: PersonId, templates: Sequence[Template], groups: frozenset[str]) -> None:
        """Replace everything held of ``person``, who may pass in ``groups``; an empty sequence removes them."""
        ...

    def remove(self, person: PersonId) -> None:
        """Overwrite and forget the person's references; nothing when there are none."""
        ...

    def search(self, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        """The best ``limit`` people of ``group``, best first, each once; empty when nobody is in it."""
        ...

    def search_many(self, probes: Sequence[Template], group: str, limit: int) -> Sequence[Sequence[Candidate]]:
        """What ``search`` finds for each of the probes; quicker than one after another."""
        ...

    def count(self, group: str) -> int:
        """How many references a search in ``group`` compares with."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who waits for a search, a checkpoint as a rule; askers take turns. ``is_waiting``: whether they still do."""

    name: str
    is_waiting: Callable[[], bool] = lambda: True


class Searches(Protocol):
    """Searches among those whom the store has at the moment of the call, in this process's gallery or another's."""

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        """As ``Gallery``; ``TooFast`` when too many wait, ``TimeLimitExceeded`` when the asker no longer does."""
        ...

    def count(self, group: str) -> int:
        """As ``Gallery``."""
        ...


class PaceStore(Protocol):
    """Counts identifications by checkpoint and minute; survives a restart."""

    def count(self, checkpoint: str, minute: str) -> int:
        """Add one to the minute's count and return it; earlier minutes are forgotten."""
        ...
