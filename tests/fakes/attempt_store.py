"""``AttemptStore`` in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from doorward.verify.attempts import Streak, Subject


class FakeAttemptStore:
    def __init__(self) -> None:
        self.held: dict[Subject, Streak] = {}
        self.writes = 0

    def count(
        self, subjects: Sequence[Subject], now: datetime, may: Callable[[Sequence[Streak]], bool]
    ) -> Sequence[Streak]:
        standing = self.streaks(subjects)
        if not may(standing):
            return standing
        self.writes += len(subjects)
        self.held |= {one: streak.longer(now) for one, streak in zip(subjects, standing, strict=True)}
        return self.streaks(subjects)

    def succeeded(self, subjects: Sequence[Subject], counted: Sequence[Streak]) -> None:
        for one, mine in zip(subjects, counted, strict=True):
            left = self.held.pop(one, Streak()).less(mine)
            if left.failures:
                self.held[one] = left

    def streaks(self, subjects: Sequence[Subject]) -> Sequence[Streak]:
        return [self.held.get(one, Streak()) for one in subjects]

    def lift(self, subjects: Sequence[Subject]) -> bool:
        return sum([self.held.pop(one, None) is not None for one in subjects]) > 0

    def others(self, known: Sequence[Subject]) -> int:
        return len(self.held.keys() - set(known))

    def lift_others(self, known: Sequence[Subject]) -> int:
        others = self.held.keys() - set(known)
        for one in others:
            del self.held[one]
        return len(others)
