"""What a site's store does with passages: filled, searched for one person, rid of an hour, beside the clear."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.passage_store import SqlPassageStore
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.kernel.moments import whole_hour
from doorward.passages.passage import RETENTION_HOURS, Passage
from doorward.wiring.face.site import Site

Tell = Callable[[str, int, int], None]
"""What goes on, how much of it is done, and of how much; 0 of 0 where nobody can say."""

_ROUNDS = 12
_TOGETHER = 2_000
_AT_ONCE = 10_000
_LOOKS = 25
_PAST_HOURS = RETENTION_HOURS - 1


class PassageRow(NamedTuple):
    """As the vault is given a passage."""

    row: str
    epoch: str
    person: PersonId
    number: int
    plaintext: bytes


class ClearPassage(NamedTuple):
    """In the place of what the vault gives for it."""

    tag: bytes
    record: bytes
    key: str
    name: bytes


class InTheClear:
    """Stands where the vault does for passages: seals none, and knows everybody. Counts of hours it leaves sealed."""

    def __init__(self, randomness: Randomness) -> None:
        self.randomness = randomness

    def secret_for(self, use: str) -> bytes:
        return bytes(32)

    def passage_sealer(self, wanted: AbstractSet[tuple[str, PersonId]]) -> "InTheClear":
        return self

    def knows(self, epoch: str, person: PersonId) -> bool:
        return True

    def tag(self, epoch: str, person: PersonId, number: int) -> bytes:
        return f"{epoch}{person}{number}".encode()

    def seal(self, passages: Sequence[PassageRow]) -> Iterator["ClearPassage"]:
        for one in passages:
            yield ClearPassage(self.tag(one.epoch, one.person, one.number), one.plaintext, "", b"")


class NoLog:
    """Stands where the changes of a transaction do, and keeps nothing."""

    def standing(self, name: bytes, generation: int, epoch: str) -> None:
        return None


def measured(site: Site, people: Sequence[PersonId], held: int, tell: Tell) -> dict[str, Any]:
    """Figures of a store with as many passages as ``held``, or as it has: those that lack are put in here."""
    random = Random(1)  # noqa: S311 - who walked where is no secret
    told: dict[str, Any] = {"filled_per_second": _fill(site, people, held, random, tell)}
    told["held"] = site.stores.passages.count()
    tell("looking for one person", 0, 0)
    told["find_person_ms"] = _find_ms(site, random.sample(people, min(_LOOKS, len(people))))
    tell("beside the same rows in the clear", 0, 0)
    told["unsealed_ratio"] = _unsealed_ratio(site, people, random)
    tell("dropping an hour", 0, 0)
    # The oldest hour there is, and no other.
    oldest, passing = min(site.stores.vault.epochs()), site.stores.passages
    until = datetime.fromisoformat(f"{oldest}:00:00+00:00") + timedelta(hours=1)
    before = passing.count()
    told["drop_key_ms"] = round(_timed(lambda: site.stores.vault.drop_epoch(oldest)) * 1e3, 1)
    told["drop_epoch_s"] = round(told["drop_key_ms"] / 1e3 + _timed(lambda: passing.drop_before(until)), 3)
    told["dropped"] = before - passing.count()
    return told


def _fill(site: Site, people: Sequence[PersonId], held: int, random: Random, tell: Tell) -> float | None:
    """As many in each of the hours that have ended and are kept, straight into the store: how many a second."""
    missing = held - site.stores.passages.count()
    if missing <= 0:
        return None
    begun, done = perf_counter(), 0
    this_hour = whole_hour(datetime.now(UTC))
    for number in range(_PAST_HOURS):
        hour, left = this_hour - timedelta(hours=_PAST_HOURS - number), missing * (number + 1) // _PAST_HOURS - done
        while left > 0:
            some = passages(random, people, hour + timedelta(minutes=random.uniform(0, 59)), min(left, _AT_ONCE))
            site.stores.passages.add_many(some)
            left, done = left - len(some), done + len(some)
            tell(f"putting in {done} of {missing}", done, missing)
    return round(missing / (perf_counter() - begun), 1)


def passages(random: Random, people: Sequence[PersonId], at: datetime, count: int) -> list[Passage]:
    door = CheckpointId(str(uuid4()))
    return [
        Passage(PassageId(str(UUID(int=random.getrandbits(128), version=4))), random.choice(people), door, at)
        for _ in range(count)
    ]


def _find_ms(site: Site, people: Sequence[PersonId]) -> float:
    times = [_timed(lambda: site.stores.passages.of(person)) for person in people]  # noqa: B023 - called at once
    return round(median(times) * 1e3, 2)


def _unsealed_ratio(site: Site, people: Sequence[PersonId], random: Random) -> float:
    """How many times as long rows take sealed and logged as in the clear, in the same store and table, in turns.

    Everybody has passed once in the hour before: in the case's hour each of 10,000 people passes 28 times.
    """
    clear: Any = SqlPassageStore(site.stores.data, InTheClear(site.stores.randomness))  # type: ignore[arg-type] # all of it that is asked
    door, now = CheckpointId(str(uuid4())), datetime.now(UTC)
    for start in range(0, min(len(people), _AT_ONCE), _TOGETHER):
        some = people[start : start + _TOGETHER]
        site.stores.passages.add_many([Passage(PassageId(str(uuid4())), one, door, now) for one in some])

    def write_clear(batch: Sequence[Passage]) -> None:
        with writing(site.stores.data) as connection:
            clear.add_within(connection, NoLog(), batch)

    sealed = unsealed = 0.0
    for _ in range(_ROUNDS):
        batch = passages(random, people[:_AT_ONCE], now, _TOGETHER)
        again = [Passage(PassageId(str(uuid4())), one.person, one.checkpoint, one.at) for one in batch]
        sealed += _timed(lambda: site.stores.passages.add_many(batch))  # noqa: B023 - called at once
        unsealed += _timed(lambda: write_clear(again))  # noqa: B023 - called at once
    return round(sealed / unsealed, 2)


def _timed(act: Callable[[], object]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun
