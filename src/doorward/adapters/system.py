"""The system's clock and randomness."""

import secrets
from datetime import UTC, datetime
from uuid import uuid4


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemRandomness:
    def uuid(self) -> str:
        return str(uuid4())

    def octets(self, length: int) -> bytes:
        return secrets.token_bytes(length)
