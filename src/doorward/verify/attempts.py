"""How many verifications may fail in a row before the next must wait, and when an officer must let them go on.

NIST SP 800-63B-4, section 3.2.3: at most 5 consecutive failures, or 10 where presentation attacks are detected; then a
delay of at least 30 s before each further attempt; in all at most 50, or 100. The delays here double and the end comes
sooner, because a stranger needs only one false match.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Protocol

from doorward.kernel.clock import Clock

FREE_WITHOUT_PAD = 5
FREE_WITH_PAD = 10
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
MOST_WITHOUT_PAD = 15
MOST_WITH_PAD = 30


class Counted(StrEnum):
    """What a failure counts against. ``PERSON`` also for a claim that names nobody."""

    PERSON = "person"
    DEVICE = "device"
    CREDENTIAL = "credential"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Subject:
    """One that failures are counted of; ``name`` is unique within ``kind``."""

    kind: Counted
    name: str


@dataclass(frozen=True, slots=True)
class Streak:
    """Failures since the last success, and when the last was; ``None`` when there are none."""

    failures: int = 0
    last: datetime | None = None

    def longer(self, now: datetime) -> "Streak":
        """After one more failure."""
        return Streak(self.failures + 1, now)

    def less(self, counted: "Streak") -> "Streak":
        """After the success of an attempt that had made it ``counted``: later failures of others stay."""
        left = self.failures - counted.failures
        return Streak(left, self.last) if left > 0 else Streak()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``retry_after``: whole seconds to wait; ``None`` when allowed, and when only an officer can let it go on."""

    allowed: bool
    retry_after: int | None = None

    @property
    def is_locked(self) -> bool:
        return not self.allowed and self.retry_after is None


ALLOWED = Verdict(allowed=True)
LOCKED = Verdict(allowed=False)


def verdict_on(streak: Streak, now: datetime, *, with_pad: bool) -> Verdict:
    """Whether another attempt may be made ``now``. A clock that was set back lengthens no delay."""
    free, most = (FREE_WITH_PAD, MOST_WITH_PAD) if with_pad else (FREE_WITHOUT_PAD, MOST_WITHOUT_PAD)
    if streak.failures < free or streak.last is None:
        return ALLOWED
    if streak.failures >= most:
        return LOCKED
    doubled: timedelta = FIRST_DELAY * 2 ** (streak.failures - free)
    delay = min(doubled, LONGEST_DELAY)
    left = min(streak.last + delay - now, delay)
    return ALLOWED if left <= timedelta(0) else Verdict(allowed=False, retry_after=ceil(left.total_seconds()))


def strictest(verdicts: Sequence[Verdict]) -> Verdict:
    """What holds when each of ``verdicts`` must be kept."""
    refusals = [verdict for verdict in verdicts if not verdict.allowed]
    if not refusals:
        return ALLOWED
    return LOCKED if any(one.is_locked for one in refusals) else max(refusals, key=lambda one: one.retry_after or 0)


class AttemptStore(Protocol):
    """Streaks by subject. Every write is durable when the call returns."""

    def count(
        self, subjects: Sequence[Subject], now: datetime, may: Callable[[Sequence[Streak]], bool]
    ) -> Sequence[Streak]:
        """In one step: add a failure to each subject, unless ``may`` says no of their streaks.

        The streaks that then stand are returned.
        """
        ...

    def succeeded(self, subjects: Sequence[Subject], counted: Sequence[Streak]) -> None:
        """Take from each streak what was ``counted`` of it; failures that were counted meanwhile stay."""
        ...

    def streaks(self, subjects: Sequence[Subject]) -> Sequence[Streak]: ...

    def lift(self, subjects: Sequence[Subject]) -> bool:
        """End the streaks of ``subjects``; True when there was one."""
        ...

    def others(self, known: Sequence[Subject]) -> int:
        """How many streaks are of none of ``known``."""
        ...

    def lift_others(self, known: Sequence[Subject]) -> int:
        """End the streaks of all but ``known``; how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was counted as a failure before anything was compared, or that is not ``allowed``."""

    verdict: Verdict
    subjects: tuple[Subject, ...]
    counted: tuple[Streak, ...]


class Attempts:
    """Counts before the comparison, so that a crash between the two gives no free attempt."""

    def __init__(self, store: AttemptStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, subjects: Sequence[Subject], *, with_pad: bool) -> Attempt:
        """Count an attempt, if each of ``subjects`` may make one. What cannot be counted raises, and is not made."""
        now = self._clock.now()
        found = ALLOWED

        def may(streaks: Sequence[Streak]) -> bool:
            nonlocal found
            found = strictest([verdict_on(streak, now, with_pad=with_pad) for streak in streaks])
            return found.allowed

        own = tuple(dict.fromkeys(subjects))
        counted = self._store.count(own, now, may) if own else ()
        return Attempt(found, own, tuple(counted))

    def succeeded(self, attempt: Attempt, of: Collection[Subject] | None = None) -> None:
        """The attempt was accepted: its subjects begin anew, or those ``of`` them whom it spoke for.

        The others stand as they stood before it: somebody else's success forgives nobody's failures.
        """
        if attempt.subjects:
            pairs = zip(attempt.subjects, attempt.counted, strict=True)
            counted = [streak if of is None or subject in of else Streak(1, streak.last) for subject, streak in pairs]
            self._store.succeeded(attempt.subjects, counted)
