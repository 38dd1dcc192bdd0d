"""A passage: an enrolled person let through a checkpoint. Strangers have none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from doorward.kernel.ids import CheckpointId, PassageId, PersonId

RETENTION_HOURS = 24
"""How long passages are kept unless the site says otherwise."""


class Counter(StrEnum):
    """What a checkpoint counts of everybody, named or not."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Passage:
    id: PassageId
    person: PersonId
    checkpoint: CheckpointId
    at: datetime


@dataclass(frozen=True, slots=True)
class LatestPassages:
    """``found``: of each person one. ``unreadable``: people of whom a record is damaged, so that it cannot be told."""

    found: Mapping[PersonId, Passage]
    unreadable: frozenset[PersonId] = frozenset()


class PassageStore(Protocol):
    """Passages, sealed under the hour and the person; and counters, which know nobody."""

    def add(self, passage: Passage) -> None:
        """Durable when the call returns; ``PersonUnknown`` when the person is not here."""
        ...

    def add_many(self, passages: Sequence[Passage]) -> Sequence[PassageId]:
        """Add all of them in one step, durable when the call returns; those that were added.

        Left out: what is recorded already, and passages of people who are not here and of hours that were dropped.
        """
        ...

    def of(self, person: PersonId) -> Sequence[Passage]:
        """The person's kept passages, oldest first; empty when the person is not here."""
        ...

    def latest_at(
        self, people: Collection[PersonId], checkpoints: Collection[CheckpointId], since: datetime
    ) -> LatestPassages:
        """The latest passage of each of ``people`` at one of ``checkpoints``, of those that have one ``since`` then.

        ``since`` counts in. What is damaged of one person leaves the others told.
        """
        ...

    def drop_before(self, moment: datetime) -> None:
        """Drop every hour that ended at or before ``moment``: its key first, then its rows."""
        ...

    def count(self) -> int: ...

    def hourly(self, begin: datetime, end: datetime) -> Mapping[tuple[datetime, CheckpointId], int]:
        """How many passages were added of the hours from ``begin`` (included) to ``end`` (not), dropped ones too.

        By the hour's beginning, in UTC, and checkpoint.
        """
        ...

    def drop_hourly_before(self, moment: datetime) -> None:
        """Drop the counts of every hour that ended at or before ``moment``."""
        ...

    def tally(self, checkpoint: CheckpointId, counter: Counter) -> None:
        """Add one."""
        ...

    def tallies(self, checkpoint: CheckpointId) -> Mapping[Counter, int]: ...
