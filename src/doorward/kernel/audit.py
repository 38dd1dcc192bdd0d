"""What a look at a person's data leaves behind, and the port through which it is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorward.kernel.ids import PersonId


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts (an operator, a token, a checkpoint) and the purpose they state."""

    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: who did what, when, for which stated purpose, and about whom (``None``: about nobody known)."""

    actor: Actor
    action: str
    about: PersonId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry as the log shows it; ``number`` is its place in the log, from 1: not all entries are acts.

    ``entry.about`` is named only where the log was asked for that person; ``concerns_somebody`` is told always.
    """

    number: int
    entry: AuditEntry
    concerns_somebody: bool


class AuditTrail(Protocol):
    """Append-only. ``record`` returns only when the entry is durable; when it cannot, the act must not happen."""

    def record(self, entry: AuditEntry) -> None: ...

    def about(self, person: PersonId) -> Sequence[AuditEntry]:
        """Every entry about ``person``, oldest first; empty once the person is erased."""
        ...

    def count(self) -> int: ...

    def listed(self, limit: int, about: PersonId | None = None) -> Sequence[LoggedEntry]:
        """The newest ``limit`` entries, oldest first, of everybody or about one person."""
        ...


@dataclass(frozen=True, slots=True)
class LogReport:
    """What checking the log from its first entry to its last found.

    ``root`` is over all ``entries``; ``checkpoints`` counts those that were checked, witnessed ones included.
    Each problem is a sentence; there is none in a sound log.
    """

    entries: int
    root: bytes
    checkpoints: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class EntryProof:
    """Everything with which an outsider checks that an entry is in the log, and what it says.

    ``leaf`` is the leaf's data; ``salt`` and ``event`` open its first commitment. ``inclusion`` leads from the leaf
    to the root in the signed note ``checkpoint``; ``consistency`` from the root in ``earlier`` (``None`` when there
    is no earlier checkpoint) to it. ``key`` is the log's verifier key; ``handovers``, oldest first, are the signed
    notes with which each of its earlier keys named the next.
    """

    number: int
    leaf: bytes
    salt: bytes
    event: bytes
    size: int
    inclusion: Sequence[bytes]
    checkpoint: str
    earlier: str | None
    consistency: Sequence[bytes]
    key: str
    handovers: Sequence[str] = ()
