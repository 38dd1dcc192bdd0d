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


class AuditTrail(Protocol):
    """Append-only. ``record`` returns only when the entry is durable; when it cannot, the act must not happen."""

    def record(self, entry: AuditEntry) -> None: ...

    def about(self, person: PersonId) -> Sequence[AuditEntry]:
        """Every entry about ``person``, oldest first; empty once the person is erased."""
        ...

    def count(self) -> int: ...
