"""Time that a test moves, and randomness that it can repeat."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID


class FakeClock:
    def __init__(self, moment: datetime = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


class FakeRandomness:
    def __init__(self, seed: int = 0) -> None:
        self._source = random.Random(seed)

    def uuid(self) -> str:
        return str(UUID(bytes=self._source.randbytes(16), version=4))

    def octets(self, length: int) -> bytes:
        return self._source.randbytes(length)
