"""``PassageStore`` in memory."""

from collections import Counter as Count
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from doorward.errors import Conflict, PersonUnknown
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.passage import Counter, LatestPassages, Passage
from fakes.memory import Memory


class FakePassageStore:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._tallies: Count[tuple[CheckpointId, Counter]] = Count()
        self._hourly: Count[tuple[datetime, CheckpointId]] = Count()

    def add(self, passage: Passage) -> None:
        if passage.person not in self._memory.persons:
            raise PersonUnknown("No such person is known here.")
        if any(held.id == passage.id for held in self._memory.passages):
            raise Conflict("That passage is recorded already.")
        self._memory.passages.append(passage)
        self._hourly[_hour(passage.at), passage.checkpoint] += 1

    def add_many(self, passages: Sequence[Passage]) -> Sequence[PassageId]:
        added = []
        for passage in passages:
            with suppress(PersonUnknown, Conflict):
                self.add(passage)
                added.append(passage.id)
        return added

    def of(self, person: PersonId) -> Sequence[Passage]:
        held = [passage for passage in self._memory.passages if passage.person == person]
        return sorted(held, key=lambda passage: passage.at)

    def latest_at(
        self, people: Collection[PersonId], checkpoints: Collection[CheckpointId], since: datetime
    ) -> LatestPassages:
        found = {}
        for person in people:
            for passage in self.of(person):
                if passage.checkpoint in checkpoints and passage.at >= since:
                    found[person] = passage
        return LatestPassages(found)

    def drop_before(self, moment: datetime) -> None:
        self._memory.passages = [held for held in self._memory.passages if _hour(held.at) >= _hour(moment)]

    def hourly(self, begin: datetime, end: datetime) -> Mapping[tuple[datetime, CheckpointId], int]:
        return {of: count for of, count in self._hourly.items() if _hour(begin) <= of[0] < _hour(end)}

    def drop_hourly_before(self, moment: datetime) -> None:
        self._hourly = Count({of: count for of, count in self._hourly.items() if of[0] >= _hour(moment)})

    def count(self) -> int:
        return len(self._memory.passages)

    def tally(self, checkpoint: CheckpointId, counter: Counter) -> None:
        self._tallies[checkpoint, counter] += 1

    def tallies(self, checkpoint: CheckpointId) -> Mapping[Counter, int]:
        return {counter: self._tallies[checkpoint, counter] for counter in Counter}


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
